// A promise that a cell gives: nearly always an await that was forgotten.
import { types } from 'node:util';
import type { Bundle } from './forms';

export function isPromise(value: unknown): value is Promise<unknown> {
  return types.isPromise(value);
}

export function renderPromise(): Bundle {
  return { 'text/plain': 'Promise: write await before it to see its value' };
}

// What the server and the process with the model say to each other.
import { RequestError } from './errors';
import { SpanlabError } from '../errors';
import type { Task, TaskResult } from './task';

export type Order = { run: Task[]; id: number } | { cancel: number };
export type Report = { ready: true; nullThreshold?: number; notes: string[] } | { failed: Failure } | { id: number; results: TaskResult[] } | { id: number; failed: Failure }; // prettier-ignore

/** An error as it crosses between processes. */
export interface Failure {
  code?: string;
  status?: number;
  message: string;
}

export function toFailure(error: unknown): Failure {
  const { code, status, message = String(error) } = error as RequestError;
  return { ...(error instanceof SpanlabError && { code, status }), message };
}

export function fromFailure({ code, status, message }: Failure): Error {
  if (code === undefined) return new Error(message);
  return status === undefined ? new SpanlabError(code, message) : new RequestError(status, code, message);
}

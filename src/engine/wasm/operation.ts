// What an operation of our WebAssembly backend is, and what all of them need.
import type { TensorMetadata } from '../handles';
import type { Operand, WasmBackend } from './backend';

export type Attributes = Record<string, unknown>;
export type Operation = (backend: WasmBackend, inputs: number[], attributes: Attributes) => TensorMetadata[];

/** @throws Error when what an interpreter gave does not fit: kernels trust what was checked here. */
export function check(isGood: boolean, name: string, operands: Operand[]): void {
  if (!isGood)
    throw new Error(`${name} of the shapes ${operands.map(({ shape }) => `[${shape.join(', ')}]`).join(', ')}`);
}

/** Sizes of a tensor that is seen as rows of its last axis. */
export function rowsOf({ shape, count }: Operand): [number, number] {
  const width = shape.at(-1) ?? 1;
  return [width === 0 ? 0 : count / width, width];
}

export const number = (attributes: Attributes, name: string, otherwise = 0) => Number(attributes[name] ?? otherwise);

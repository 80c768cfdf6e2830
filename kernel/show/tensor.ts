// Tensors as their type, their shape and a corner of their values.
import { inspect } from 'node:util';
import type { Bundle } from './forms';

interface TensorLike {
  dtype: string;
  shape: number[];
  size: number;
  isDisposed: boolean;
  toString(): string;
}

/** A tensor inside another value shows its values where they are few enough to be read, on a line as long as this. */
const MAX_READ = 10_000;
const MAX_LINE = 80;

export function isTensor(value: unknown): value is TensorLike {
  return typeof value === 'object' && value !== null && 'dataId' in value && 'dtype' in value && 'shape' in value;
}

/** A tensor prints its first and last values by itself. */
export function renderTensor(tensor: TensorLike): Bundle {
  if (tensor.isDisposed) return { 'text/plain': head(tensor) };
  return { 'text/plain': `${head(tensor)}\n${values(tensor)}` };
}

function head({ dtype, shape, isDisposed }: TensorLike): string {
  return `Tensor ${dtype} [${shape.join(', ')}]${isDisposed ? ', disposed' : ''}`;
}

function values(tensor: TensorLike): string {
  return tensor.toString().split('\n').slice(1).join('\n');
}

/** A tensor inside an array or an object: a line. */
function inner(tensor: TensorLike): string {
  if (tensor.isDisposed || tensor.size > MAX_READ) return head(tensor);
  try {
    const line = values(tensor).replace(/\s+/g, ' ').replaceAll(' ,', ',').trim();
    return `${head(tensor)} ${line.length > MAX_LINE ? `${line.slice(0, MAX_LINE - 1)}…` : line}`;
  } catch {
    // on some devices values cannot be read at once
    return head(tensor);
  }
}

/** Lets Node show tensors as such wherever they are; TensorFlow.js keeps its one class in a global when it is loaded. */
export function inspectTensors(): void {
  const { _tfGlobals: globals } = globalThis as { _tfGlobals?: Map<string, { prototype: object }> };
  const tensor = globals?.get('Tensor')?.prototype;
  if (!tensor || Object.hasOwn(tensor, inspect.custom)) return;
  const value = function (this: TensorLike) {
    return isTensor(this) ? inner(this) : this;
  };
  Object.defineProperty(tensor, inspect.custom, { value, configurable: true, writable: true });
}

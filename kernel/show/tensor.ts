// Tensors as their type, their shape and a corner of their values.
import type { Bundle } from './forms';

interface TensorLike {
  dtype: string;
  shape: number[];
  isDisposed: boolean;
  toString(): string;
}

export function isTensor(value: unknown): value is TensorLike {
  return typeof value === 'object' && value !== null && 'dataId' in value && 'dtype' in value && 'shape' in value;
}

/** A tensor prints its first and last values by itself. */
export function renderTensor(tensor: TensorLike): Bundle {
  const head = `Tensor ${tensor.dtype} [${tensor.shape.join(', ')}]`;
  if (tensor.isDisposed) return { 'text/plain': `${head}, disposed` };
  const values = tensor.toString().split('\n').slice(1).join('\n');
  return { 'text/plain': `${head}\n${values}` };
}

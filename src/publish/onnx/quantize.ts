// Weights in eight bits: each row or column by its own largest value, symmetric around zero.
import type { Weight } from './tensors';

/**
 * The largest integer of a weight. Processors without VNNI add products of 8 and 8 bits in pairs of 16 bits, which overflow
 * with 127; 7 bits never do (`reduce_range` of ONNX Runtime's quantization).
 */
const LARGEST = 63;

export interface Quantized {
  shape: number[];
  values: Int8Array;
  /** value ≈ integer · scale. */
  scales: Weight;
}

/** [rows, columns] with a scale for each row: scales [rows, 1]. Tables are only read, so they use all of int8. */
export function quantizeRows({ shape, values }: Weight): Quantized {
  const [rows, columns] = shape;
  const scales = new Float32Array(rows);
  const integers = new Int8Array(values.length);
  for (let row = 0; row < rows; row++) {
    const part = values.subarray(row * columns, (row + 1) * columns);
    scales[row] = scaleOf(largest(part), 127);
    for (let i = 0; i < columns; i++) integers[row * columns + i] = Math.round(part[i] / scales[row]);
  }
  return { shape, values: integers, scales: { shape: [rows, 1], values: scales } };
}

/** [in, out] with a scale for each column: scales [out]. */
export function quantizeColumns({ shape, values }: Weight): Quantized {
  const [rows, columns] = shape;
  const scales = new Float32Array(columns);
  for (let i = 0; i < values.length; i++) scales[i % columns] = Math.max(scales[i % columns], Math.abs(values[i]));
  for (let column = 0; column < columns; column++) scales[column] = scaleOf(scales[column], LARGEST);
  const integers = new Int8Array(values.length);
  for (let i = 0; i < values.length; i++) integers[i] = Math.round(values[i] / scales[i % columns]);
  return { shape: [rows, columns], values: integers, scales: { shape: [columns], values: scales } };
}

function largest(values: Float32Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}

const SMALLEST_NORMAL = 2 ** -126;

/** Where all is zero, or too small for a scale with all its digits, any scale will do. */
function scaleOf(most: number, integer: number): number {
  const scale = Math.fround(most / integer);
  return scale >= SMALLEST_NORMAL ? scale : 1;
}

// TensorFlow.js's kernels for our backend: those that it has in JavaScript, and ours where they are many times as fast.
import * as tf from '@tensorflow/tfjs';
import { INT32 } from '../native/binding';
import type { Operand, WasmBackend } from './backend';
import { OPERATIONS } from './operations';

type Inputs = Record<string, tf.TensorInfo>;

/** Makes them known. */
export function registerKernels(): void {
  const own: Record<string, tf.KernelFunc> = { BatchMatMul: batchMatMul, UnsortedSegmentSum: segmentSum };
  for (const config of tf.getKernelsForBackend('cpu')) {
    const kernelFunc = own[config.kernelName] ?? config.kernelFunc;
    tf.registerKernel({ ...config, kernelFunc, backendName: 'wasm' });
  }
}

/** One product after another; a factor that is there once stands for all. */
const batchMatMul: tf.KernelFunc = ({ inputs, backend, attrs }) => {
  const wasm = backend as WasmBackend;
  const { a, b } = inputs as Inputs;
  const { transposeA, transposeB } = attrs as unknown as { transposeA: boolean; transposeB: boolean };
  const [left, right] = wasm.getInputTensorIds([a, b]).map((id) => wasm.operand(id));
  const [rows, inner] = sides(left, transposeA);
  const [depth, columns] = sides(right, transposeB);
  if (inner !== depth) throw new Error(`a product of [${a.shape.join(', ')}] and [${b.shape.join(', ')}]`);
  const outer = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const result = wasm.create([...outer, rows, columns]);
  const { address } = wasm.operand(result.id);
  const [firsts, seconds] = [left, right].map((x) => addresses(x, outer));
  const [aSteps, bSteps] = [transposeA ? [1, rows] : [inner, 1], transposeB ? [1, inner] : [columns, 1]];
  firsts.forEach((first, i) => {
    const to = address + 4 * i * rows * columns;
    wasm.kernels.call('matrixProduct', rows, columns, inner, first, ...aSteps, seconds[i], ...bSteps, to);
  });
  return wasm.output(result);
};

/** Rows and columns of the matrices, as the product takes them. */
function sides({ shape }: Operand, isTransposed: boolean): number[] {
  const [rows, columns] = shape.slice(-2);
  return isTransposed ? [columns, rows] : [rows, columns];
}

/** Where each matrix lies that the product of outer shape `outer` takes. */
function addresses({ address, shape }: Operand, outer: number[]): number[] {
  const own = [...new Array<number>(outer.length + 2 - shape.length).fill(1), ...shape.slice(0, -2)];
  const bytes = 4 * shape.at(-1)! * shape.at(-2)!;
  const count = outer.reduce((a, b) => a * b, 1);
  return Array.from({ length: count }, (_, index) => {
    let [rest, place, step] = [index, 0, 1];
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      const at = rest % outer[axis];
      rest = (rest - at) / outer[axis];
      if (own[axis] > 1) place += at * step;
      step *= own[axis];
    }
    return address + place * bytes;
  });
}

/** The gradient of gather. TensorFlow.js's own compares every row with every segment. */
const segmentSum: tf.KernelFunc = ({ inputs, backend, attrs }) => {
  const wasm = backend as WasmBackend;
  const { x, segmentIds } = inputs as Inputs;
  const rows = tf.util.sizeFromShape(segmentIds.shape);
  const { numSegments } = attrs as unknown as { numSegments: number };
  const [values, ids] = wasm.getInputTensorIds([
    { ...x, shape: [rows, tf.util.sizeFromShape(x.shape) / rows] },
    segmentIds,
  ]);
  const count = wasm.binding.createTensor([], INT32, Int32Array.of(numSegments));
  const [sums] = OPERATIONS.UnsortedSegmentSum!(wasm, [values, ids, count], {});
  wasm.binding.deleteTensor(count);
  return wasm.output({ ...sums, shape: [numSegments, ...x.shape.slice(segmentIds.shape.length)] });
};

// Mends of TensorFlow.js's WebAssembly backend, without which a transformer cannot be trained on it.
import * as tf from '@tensorflow/tfjs';

interface WasmBackend {
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array;
  disposeData(dataId: object): void;
  wasm: { _malloc(bytes: number): number; _free(pointer: number): void; HEAPU8: Uint8Array; mended?: boolean };
}
type KernelCall = Parameters<tf.KernelFunc>[0];
type Inputs = Record<string, tf.TensorInfo>;

/** Adds what is missing and routes what is slow; does nothing the second time. */
export function mendWasm(): void {
  const backend = tf.backend() as unknown as WasmBackend;
  if (backend.wasm.mended) return;
  backend.wasm.mended = true;
  guardAllocation(backend);
  addSegmentSum();
  routeMatMul();
}

/** Past the heap's 4 GiB `malloc` returns 0 and TensorFlow.js writes to address 0 without a word: fail instead. */
function guardAllocation({ wasm }: WasmBackend): void {
  wasm._free(wasm._malloc(16)); // the first call replaces the function
  const allocate = wasm._malloc;
  wasm._malloc = (bytes) => {
    const pointer = allocate(bytes) >>> 0;
    if (pointer === 0 && bytes > 0) throw new Error(`WebAssembly memory is used up (${wasm.HEAPU8.length} bytes)`);
    return pointer;
  };
}

/** The gradient of gather needs UnsortedSegmentSum, which the backend lacks. */
function addSegmentSum(): void {
  tf.registerKernel({
    kernelName: 'UnsortedSegmentSum',
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend, attrs }) =>
      segmentSum(backend as WasmBackend, inputs as Inputs, Number(attrs!.numSegments)),
  });
}

function segmentSum(backend: WasmBackend, inputs: Inputs, count: number): tf.TensorInfo {
  const { x, segmentIds } = inputs;
  const rows = tf.util.sizeFromShape(segmentIds.shape);
  const width = tf.util.sizeFromShape(x.shape) / rows;
  const output = backend.makeOutput([count, ...x.shape.slice(segmentIds.shape.length)], x.dtype);
  // views only after the last allocation: memory growth detaches older ones
  const [sums, values, ids] = [output, x, segmentIds].map((tensor) => backend.typedArrayFromHeap(tensor));
  sums.fill(0);
  for (let row = 0; row < rows; row++) {
    const target = ids[row] * width;
    if (ids[row] < 0 || ids[row] >= count) continue;
    for (let i = 0; i < width; i++) sums[target + i] += values[row * width + i];
  }
  return output;
}

/** The fast matrix product knows no transposes; with them the kernel falls into a scalar loop ten times slower. */
function routeMatMul(): void {
  const product = kernel('BatchMatMul');
  const original = product.kernelFunc;
  const transpose = kernel('Transpose').kernelFunc;
  product.kernelFunc = (call: KernelCall) => {
    const { a, b } = call.inputs as Inputs;
    const { transposeA, transposeB } = call.attrs as { transposeA: boolean; transposeB: boolean };
    const flat = [a, b].every((x) => tf.util.sizeFromShape(x.shape.slice(0, -2)) === 1);
    if (!flat || (!transposeA && !transposeB)) return original(call);
    const turn = (x: tf.TensorInfo) =>
      transpose({ ...call, inputs: { x }, attrs: { perm: swapLast(x) } }) as tf.TensorInfo;
    const [left, right] = [transposeA ? turn(a) : a, transposeB ? turn(b) : b];
    const result = original({
      ...call,
      inputs: { a: left, b: right },
      attrs: { transposeA: false, transposeB: false },
    });
    const backend = call.backend as WasmBackend;
    if (transposeA) backend.disposeData(left.dataId);
    if (transposeB) backend.disposeData(right.dataId);
    return result;
  };
}

/** The permutation that swaps the last two axes. */
function swapLast({ shape }: tf.TensorInfo): number[] {
  const rank = shape.length;
  return [...shape.keys()].slice(0, rank - 2).concat(rank - 1, rank - 2);
}

function kernel(name: string): { kernelFunc: tf.KernelFunc } {
  const found = tf.getKernelsForBackend('wasm').find((candidate) => candidate.kernelName === name);
  if (!found) throw new Error(`the WebAssembly backend has no ${name} kernel`);
  return found as { kernelFunc: tf.KernelFunc };
}

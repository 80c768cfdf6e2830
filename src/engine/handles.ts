// Backends whose tensors are known by numbers outside TensorFlow.js: native TensorFlow, and our own WebAssembly.
import * as tf from '@tensorflow/tfjs';

export interface TensorMetadata {
  id: number;
  shape: number[];
  dtype: number;
}
export interface OpAttribute {
  name: string;
  type: number;
  value: unknown;
}

/** Runs operations by TensorFlow's names for them. */
export interface Binding {
  executeOp(name: string, attributes: OpAttribute[], inputs: number[], outputs: number): TensorMetadata[];
  createTensor(shape: number[], dtype: number, values: ArrayBufferView): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
}

export interface NativeBinding extends Binding {
  readonly TF_Version: string;
}

/** What the interpreters on kernels need of a backend. */
export interface HandleBackend {
  binding: Binding;
  getInputTensorIds(tensors: tf.TensorInfo[]): number[];
  createOutputTensor(metadata: TensorMetadata): tf.Tensor;
}

/** The parts of tfjs-node's backend that the engine uses; its own type is not exported. */
export interface NativeBackend extends HandleBackend {
  binding: NativeBinding;
  isUsingGpuDevice: boolean;
}

/** Asked before every kernel: directly, because each name of the package `tf` goes through a getter. */
const engine = tf.engine();

/** The native backend when it is the one in use, else nothing. */
export function nativeBackend(): NativeBackend | undefined {
  return engine.backendName === 'tensorflow' ? (engine.backend as unknown as NativeBackend) : undefined;
}

/** The backend in use when it has handles, else nothing. */
export function handleBackend(): HandleBackend | undefined {
  return engine.backendName === 'wasm' ? (engine.backend as unknown as HandleBackend) : nativeBackend();
}

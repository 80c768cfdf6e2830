// Kernels by TensorFlow's names, called on tensors that TensorFlow.js never sees.
import * as tf from '@tensorflow/tfjs';
import { type HandleBackend, type OpAttribute, type TensorMetadata, handleBackend } from '../handles';

/** A tensor inside TensorFlow, or in WebAssembly's memory: nobody frees it but its owner. Any of TensorFlow's types, bfloat16 included. */
export type Handle = TensorMetadata;

// TensorFlow's numbers of its types (tensorflow/core/framework/types.proto).
export const FLOAT = 1;
export const INT32 = 3;
export const INT16 = 5;
export const UINT32 = 22;
export const BOOL = 10;
export const BFLOAT16 = 14;

// The binding's numbers of attribute kinds (TF_AttrType in tensorflow/c/tf_attrtype.h).
export const attribute = {
  type: (name: string, value: number): OpAttribute => ({ name, type: 4, value }),
  bool: (name: string, value: boolean): OpAttribute => ({ name, type: 3, value }),
  float: (name: string, value: number): OpAttribute => ({ name, type: 2, value }),
  int: (name: string, value: number): OpAttribute => ({ name, type: 1, value }),
  string: (name: string, value: string): OpAttribute => ({ name, type: 0, value }),
  shape: (name: string, value: number[]): OpAttribute => ({ name, type: 5, value }),
};

let live = 0;
let constants = new Map<string, Handle>();

/** How many handles exist, constants apart: a loop that leaks makes it grow. */
export function liveHandles(): number {
  return live;
}

/** Sets shared constants aside, for as long as handles are those of a graph; the function that comes back brings them again. */
export function borrowConstants(): () => void {
  const before = { constants, live };
  constants = new Map();
  return () => {
    ({ constants, live } = before);
  };
}

function device(): HandleBackend {
  const backend = handleBackend();
  if (!backend) throw new Error(`the backend ${tf.getBackend()} knows no handles`);
  return backend;
}

/** Runs one kernel; the caller owns the handles that come back. */
export function run(name: string, attributes: OpAttribute[], inputs: Handle[], outputs = 1): Handle[] {
  const ids: number[] = new Array(inputs.length);
  for (let i = 0; i < ids.length; i++) ids[i] = inputs[i].id;
  return own(device().binding.executeOp(name, attributes, ids, outputs));
}

/** Takes over handles that were not made by `run`. */
export function own(handles: Handle[]): Handle[] {
  live += handles.length;
  return handles;
}

export function free(...handles: (Handle | undefined)[]): void {
  for (const handle of handles) {
    if (!handle) continue;
    device().binding.deleteTensor(handle.id);
    live--;
  }
}

/** A new handle with these values; the caller owns it. */
export function upload(values: Float32Array | Int32Array, shape: number[]): Handle {
  const dtype = values instanceof Float32Array ? FLOAT : INT32;
  live++;
  return { id: device().binding.createTensor(shape, dtype, values), shape, dtype };
}

export function download(handle: Handle): Float32Array | Int32Array | Uint8Array {
  return device().binding.tensorDataSync(handle.id);
}

/** A scalar or a vector of integers that many calls share; never freed. */
export function constant(values: number | number[], dtype = FLOAT): Handle {
  const key = `${dtype}:${String(values)}:${Array.isArray(values)}`;
  let handle = constants.get(key);
  if (!handle) {
    handle = makeConstant(values, dtype);
    constants.set(key, handle);
  }
  return handle;
}

function makeConstant(values: number | number[], dtype: number): Handle {
  const list = Array.isArray(values) ? values : [values];
  const shape = Array.isArray(values) ? [values.length] : [];
  const plain = upload(dtype === INT32 || dtype === INT16 ? Int32Array.from(list) : Float32Array.from(list), shape);
  if (plain.dtype !== dtype) {
    const cast = run('Cast', castAttributes(plain.dtype, dtype), [plain])[0];
    free(plain);
    live--;
    return cast;
  }
  live--;
  return plain;
}

export function castAttributes(from: number, to: number): OpAttribute[] {
  return [attribute.type('SrcT', from), attribute.type('DstT', to), attribute.bool('Truncate', false)];
}

/** The handle of a TensorFlow.js tensor, which stays its owner. */
export function borrow(tensor: tf.Tensor): Handle {
  const [id] = device().getInputTensorIds([tensor]);
  const dtype = tensor.dtype === 'float32' ? FLOAT : tensor.dtype === 'bool' ? BOOL : INT32;
  return { id, shape: tensor.shape, dtype };
}

/** Hands a handle over to TensorFlow.js: the tensor that comes back owns it. */
export function toTensor<T extends tf.Tensor>(handle: Handle): T {
  live--;
  return device().createOutputTensor(handle) as T;
}

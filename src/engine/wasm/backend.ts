// A backend of TensorFlow.js whose tensors lie in WebAssembly's memory once a kernel of ours has seen them. Whatever our kernels do
// not know is done by TensorFlow.js's own in JavaScript, which read the same memory.
import type * as tf from '@tensorflow/tfjs';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { engine } from '@tensorflow/tfjs';
import type { HandleBackend, OpAttribute, TensorMetadata } from '../handles';
import { FLOAT, INT32 } from '../native/binding';
import type { Kernels } from './kernels';
import { OPERATIONS } from './operations';

/** Memory that several handles may share. */
export interface Block {
  address: number;
  count: number;
  users: number;
}

/** A handle's memory, or the variable that it stands for. */
interface Slot {
  block?: Block;
  shape: number[];
  dtype: number;
}

/** What TensorFlow.js's kernels know of a tensor, and its handle where it has one. */
interface Entry {
  values: tf.TypedArray | Uint8Array[] | undefined;
  dtype: tf.DataType;
  refCount: number;
  handle?: number;
  /** Handles of the same memory for tensors of other shapes. */
  others?: Map<string, number>;
}

/** What an operation is given. */
export interface Operand {
  address: number;
  shape: number[];
  dtype: number;
  count: number;
}

export class WasmBackend extends MathBackendCPU implements HandleBackend {
  private readonly slots = new Map<number, Slot>();
  private next = 1;

  readonly binding = {
    executeOp: (name: string, attributes: OpAttribute[], inputs: number[]) => this.execute(name, attributes, inputs),
    createTensor: (shape: number[], dtype: number, values: ArrayBufferView) => this.upload(shape, dtype, values),
    deleteTensor: (id: number) => this.remove(id),
    tensorDataSync: (id: number) => this.view(id).slice() as Float32Array | Int32Array,
  };

  constructor(readonly kernels: Kernels) {
    super();
    (this as unknown as { firstUse: boolean }).firstUse = false; // else it advises Node to take tfjs-node
  }

  private execute(name: string, attributes: OpAttribute[], inputs: number[]): TensorMetadata[] {
    const operation = OPERATIONS[name];
    if (!operation) throw new Error(`the WebAssembly backend has no operation ${name}`);
    const values = Object.fromEntries(attributes.map(({ name, value }) => [name, value]));
    return operation(this, inputs, values);
  }

  /** The memory behind a handle. */
  operand(id: number): Operand {
    const { block, shape, dtype } = this.slots.get(id)!;
    const { address, count } = block?.count ? block : { address: 0, count: 0 }; // an empty tensor stands for none
    return { address, count, shape, dtype };
  }

  /** A handle of memory of its own, which holds anything. */
  create(shape: number[], dtype = FLOAT): TensorMetadata {
    const count = shape.reduce((a, b) => a * b, 1);
    return this.add({ address: this.kernels.allocate(4 * count), count, users: 0 }, shape, dtype);
  }

  /** A further handle of the same memory, perhaps with another shape. */
  share(id: number, shape = this.slots.get(id)!.shape): TensorMetadata {
    const { block, dtype } = this.slots.get(id)!;
    return this.add(block, shape, dtype);
  }

  /** Lets the variable `id` stand for the memory of another handle. */
  assign(id: number, from: number): void {
    const slot = this.slots.get(id)!;
    const { block } = this.slots.get(from)!;
    block!.users++;
    this.leave(slot.block);
    slot.block = block;
  }

  /** A handle that stands for nothing yet. */
  variable(shape: number[]): TensorMetadata {
    return this.add(undefined, shape, FLOAT);
  }

  private add(block: Block | undefined, shape: number[], dtype: number): TensorMetadata {
    if (block) block.users++;
    const id = this.next++;
    this.slots.set(id, { block, shape, dtype });
    return { id, shape, dtype };
  }

  private remove(id: number): void {
    this.leave(this.slots.get(id)?.block);
    this.slots.delete(id);
  }

  private leave(block?: Block): void {
    if (block && --block.users === 0) this.kernels.release(block.address);
  }

  view(id: number): Float32Array | Int32Array {
    const { address, count, dtype } = this.operand(id);
    return dtype === INT32 ? this.kernels.integers(address, count) : this.kernels.floats(address, count);
  }

  private upload(shape: number[], dtype: number, values: ArrayBufferView): number {
    const { id } = this.create(shape, dtype);
    this.view(id).set(values as Float32Array);
    return id;
  }

  getInputTensorIds(tensors: tf.TensorInfo[]): number[] {
    return tensors.map((tensor) => this.handleOf(tensor));
  }

  /** The handle of a tensor, whose values move into WebAssembly's memory when they are asked for the first time. */
  private handleOf({ dataId, shape, dtype }: tf.TensorInfo): number {
    const entry = this.data.get(dataId) as Entry;
    if (entry.handle === undefined) {
      if (dtype !== 'float32' && dtype !== 'int32') throw new Error(`our kernels take no ${dtype}`);
      const type = dtype === 'int32' ? INT32 : FLOAT;
      entry.handle = this.upload(shape, type, entry.values as tf.TypedArray);
      entry.values = this.view(entry.handle);
    }
    return isSame(this.slots.get(entry.handle)!.shape, shape) ? entry.handle : this.otherHandle(entry, shape);
  }

  private otherHandle(entry: Entry, shape: number[]): number {
    entry.others ??= new Map();
    const key = String(shape);
    const id = entry.others.get(key) ?? this.share(entry.handle!, shape).id;
    entry.others.set(key, id);
    return id;
  }

  createOutputTensor(metadata: TensorMetadata): tf.Tensor {
    return engine().makeTensorFromTensorInfo(this.output(metadata), this);
  }

  /** The same for a kernel's result. */
  output({ id, shape, dtype }: TensorMetadata): tf.TensorInfo {
    const type = dtype === INT32 ? 'int32' : 'float32';
    const dataId = super.write(this.view(id), shape, type);
    (this.data.get(dataId) as Entry).handle = id;
    return { dataId, shape, dtype: type };
  }

  /** Some kernels of TensorFlow.js give a part of their input as their result, which would go with the input's memory. */
  override write(
    values: Parameters<MathBackendCPU['write']>[0],
    shape: number[],
    dtype: tf.DataType,
  ): ReturnType<MathBackendCPU['write']> {
    const isForeign = ArrayBuffer.isView(values) && !(values.buffer instanceof ArrayBuffer);
    return super.write(isForeign ? (values as Float32Array).slice() : values, shape, dtype);
  }

  override readSync(dataId: object) {
    const { handle } = this.data.get(dataId) as Entry;
    return handle === undefined ? super.readSync(dataId) : this.view(handle).slice(); // the memory may soon be another's
  }

  override disposeData(dataId: object, force = false): boolean {
    const entry = this.data.has(dataId) ? (this.data.get(dataId) as Entry) : undefined;
    const isGone = super.disposeData(dataId, force);
    if (isGone && entry?.handle !== undefined) {
      for (const id of [entry.handle, ...(entry.others?.values() ?? [])]) this.remove(id);
    }
    return isGone;
  }

  override dispose(): void {
    this.kernels.stop();
  }
}

const isSame = (a: number[], b: number[]) => a.length === b.length && a.every((length, axis) => length === b[axis]);

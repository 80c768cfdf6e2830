// A checkpoint of PyTorch (`pytorch_model.bin`): its tensors by name, read without executing anything of it.
import fs from 'node:fs';
import { openRegular } from '../../limited-file';
import { MISTAKEN_HEAD, mistakenForBytes } from '../../mistaken-file';
import { quoted } from '../../printable';
import { readZip, ZipProblem } from '../../zip';
import { type TensorType, BITS, toFloat32 } from '../safetensors/types';
import { PickleError } from './errors';
import { runPickle } from './machine';
import { type Dictionary, type Storage, PickleProblem, SAVE_WEIGHTS, Tensor } from './values';

/** Storage types that weights have, as types of safetensors. */
const TYPES: Record<string, TensorType> = {
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  DoubleStorage: 'F64',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
};

/** Bytes of descriptions; those of a model with a thousand layers have two million. */
const LARGEST_PICKLE = 64 << 20;
/** How a file from before 2020 begins: the protocol, from the fourth on a frame, and a number of ten bytes. */
const OLD_MAGIC = /^\x80[\x02-\x05](?:\x95[^]{8})?\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e/;
/** The longest of them, bytes. */
const MAGIC_LENGTH = 24;

const BIG_ENDIAN = 'its numbers are not in little-endian order; save it again on a common processor (x86, Arm)';

/** Where wrappers keep the weights. */
const WRAPPERS = ['state_dict', 'model_state_dict', 'model'];

/**
 * A file that `torch.save` wrote: a zip archive, or the older form. The pickle in it goes through a machine with a closed list of
 * instructions and names; nothing is called, and nothing is allocated that the file does not hold.
 *
 * @throws PickleError, FileError
 * @example const file = new PickleFile('pytorch_model.bin'); file.readFloat32('qa_outputs.weight'); file.close()
 */
export class PickleFile {
  readonly tensors = new Map<string, Tensor>();
  /** The first byte of each storage. */
  private readonly places = new Map<string, number>();
  private readonly descriptor: number;
  private readonly size: number;

  constructor(readonly path: string) {
    this.descriptor = openRegular(path);
    this.size = fs.fstatSync(this.descriptor).size;
    try {
      this.collect(this.open());
    } catch (error) {
      this.close();
      throw this.described(error);
    }
  }

  close(): void {
    fs.closeSync(this.descriptor);
  }

  /** A tensor of any float type as float32. @throws PickleError `E_PICKLE_TYPE` */
  readFloat32(name: string): Float32Array {
    const { storage, offset, shape, strides } = this.tensors.get(name)!;
    const type = TYPES[storage.type];
    const width = BITS[type] / 8;
    const [first, count] = [storage.first + offset, span(shape, strides)];
    const bytes = this.read(this.places.get(storage.key)! + first * width, count * width);
    const values = toFloat32(type, bytes);
    if (values) return isDense(shape, strides) ? values : gathered(values, shape, strides);
    throw new PickleError(
      'TYPE',
      this.path,
      `tensor ${quoted(name)} has type ${type}; F64, F32, F16 or BF16 is needed`,
    );
  }

  private open(): unknown {
    const start = this.read(0, Math.min(this.size, MAGIC_LENGTH));
    const [magic] = OLD_MAGIC.exec(start.toString('latin1')) ?? [];
    if (magic !== undefined) return this.openOld(magic.length);
    if (start.length < 4 || start.readUInt32LE(0) !== 0x04034b50)
      throw new PickleProblem(
        'DAMAGED',
        mistakenForBytes(this.read(0, Math.min(this.size, MISTAKEN_HEAD)), 'the weights') ??
          'is no checkpoint of PyTorch; fetch it again',
      );
    const members = readZip((position, length) => this.read(position, length), this.size);
    const compressed = [...members].find(([, { method }]) => method !== 0)?.[0];
    if (compressed !== undefined) throw new ZipProblem(`"${compressed}" is compressed, which PyTorch never does`);
    const name = [...members.keys()].find((key) => /^[^/]+\/data\.pkl$/.test(key) || key === 'data.pkl');
    if (name === undefined)
      throw new PickleProblem(
        'FORM',
        'the archive has no data.pkl: it is no checkpoint of torch.save; give the weights themselves',
      );
    const folder = name.slice(0, -'data.pkl'.length);
    const order = members.get(`${folder}byteorder`);
    if (order && this.read(order.begin, Math.min(order.size, 16)).toString('latin1') !== 'little') {
      throw new PickleProblem('FORM', BIG_ENDIAN);
    }
    const { begin, size } = members.get(name)!;
    if (size > LARGEST_PICKLE)
      throw new PickleProblem(
        'FORM',
        `its descriptions have ${size} bytes, and at most ${LARGEST_PICKLE} are read; ${SAVE_WEIGHTS}`,
      );
    const { value, storages } = runPickle(this.read(begin, size), 0);
    this.place(storages, (storage) => members.get(`${folder}data/${storage.key}`));
    return value;
  }

  /** Five pickles one after the other, then each storage: its count in eight bytes, and its numbers. */
  private openOld(begin: number): unknown {
    const bytes = this.read(0, Math.min(this.size, LARGEST_PICKLE));
    let at = begin;
    const next = () => {
      const pickle = runPickle(bytes, at);
      at = pickle.end;
      return pickle;
    };
    const { value: version } = next();
    if (version !== 1001)
      throw new PickleProblem(
        'FORM',
        `version ${quoted(version)} of PyTorch's older form, where 1001 was expected; fetch it again`,
      );
    const { value: system } = next();
    if (!(system instanceof Map) || system.get('little_endian') !== true) {
      throw new PickleProblem('FORM', BIG_ENDIAN);
    }
    const { value, storages } = next();
    const { value: keys } = next();
    if (!Array.isArray(keys)) throw new PickleProblem('DAMAGED', 'it does not list its storages');
    const types = new Map(storages.map(({ key, type }) => [key, type]));
    const found = new Map<string, { begin: number; size: number }>();
    for (const key of keys as unknown[]) {
      const type = types.get(key as string);
      if (type === undefined) throw new PickleProblem('DAMAGED', `storage ${quoted(key)} belongs to nothing`);
      const size = Number(this.read(at, 8).readBigUInt64LE()) * (BITS[TYPES[type]] / 8);
      found.set(key as string, { begin: at + 8, size });
      at += 8 + size;
    }
    this.place(storages, (storage) => found.get(storage.key));
    return value;
  }

  /** Finds every storage in the file and checks that it holds what its tensors say. */
  private place(storages: Storage[], find: (storage: Storage) => { begin: number; size: number } | undefined): void {
    for (const storage of storages) {
      const place = find(storage);
      const bytes = storage.count * (BITS[TYPES[storage.type]] / 8);
      if (!place || bytes > place.size || place.begin + place.size > this.size) {
        throw new PickleProblem(
          'DAMAGED',
          `storage ${quoted(storage.key)} of ${storage.count} numbers is not in it; fetch it again`,
        );
      }
      this.places.set(storage.key, place.begin);
    }
  }

  private collect(value: unknown): void {
    for (const [name, tensor] of weightsIn(value)) {
      const { storage, offset, shape, strides } = tensor;
      if (storage.first + offset + span(shape, strides) > storage.count) {
        throw new PickleProblem('DAMAGED', `tensor ${quoted(name)} reaches past the end of its storage`);
      }
      this.tensors.set(name.replace(/^module\./, ''), tensor); // as DataParallel saves it
    }
    if (this.tensors.size === 0) throw new PickleProblem('FORM', `no tensors by name in it; ${SAVE_WEIGHTS}`);
  }

  private read(position: number, length: number): Buffer {
    if (position + length > this.size) {
      throw new PickleProblem(
        'DAMAGED',
        `ends at byte ${this.size}, ${position + length - this.size} bytes early; fetch it again`,
      );
    }
    const buffer = Buffer.from(new ArrayBuffer(length)); // its own memory, so that views are aligned
    for (let done = 0; done < length;) {
      const count = fs.readSync(this.descriptor, buffer, done, Math.min(length - done, 1 << 30), position + done);
      if (count === 0) throw new PickleProblem('DAMAGED', `ends at byte ${position + done}; fetch it again`);
      done += count;
    }
    return buffer;
  }

  private described(error: unknown): unknown {
    if (error instanceof PickleProblem) return new PickleError(error.rule, this.path, error.message);
    return error instanceof ZipProblem ? new PickleError('DAMAGED', this.path, error.message) : error;
  }
}

/** The tensors of a state dictionary, or of the one in a wrapper. */
function weightsIn(value: unknown): [string, Tensor][] {
  if (!(value instanceof Map))
    throw new PickleProblem('FORM', `it holds no dictionary of weights but something else; ${SAVE_WEIGHTS}`);
  const entries = [...(value as Dictionary)].filter(
    (entry): entry is [string, Tensor] => typeof entry[0] === 'string' && entry[1] instanceof Tensor,
  );
  if (entries.length > 0) return entries;
  const inner = WRAPPERS.map((name) => (value as Dictionary).get(name)).find(
    (one) => one instanceof Map && one !== value,
  );
  return inner ? [...(inner as Dictionary)].filter((entry): entry is [string, Tensor] => typeof entry[0] === 'string' && entry[1] instanceof Tensor) : []; // prettier-ignore
}

/** How many numbers of the storage the tensor reaches over. */
function span(shape: number[], strides: number[]): number {
  if (shape.includes(0)) return 0;
  return shape.reduce((reach, size, i) => reach + (size - 1) * strides[i], 1);
}

function isDense(shape: number[], strides: number[]): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== step) return false;
    step *= shape[i];
  }
  return true;
}

/** The numbers of a transposed or otherwise strided tensor, in the order of its axes. */
function gathered(values: Float32Array, shape: number[], strides: number[]): Float32Array {
  const out = new Float32Array(shape.reduce((a, b) => a * b, 1));
  const index = shape.map(() => 0);
  let from = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = values[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return out;
}

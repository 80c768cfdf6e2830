// The safetensors format: a JSON header of names, types, shapes and offsets, then the bytes of every tensor.
import fs from 'node:fs';
import { toFileError } from '../errors';
import { ModelError } from './errors';

/** Largest header that the reference implementation accepts, bytes. */
const MAX_HEADER = 100_000_000;

export const BYTES_PER_ELEMENT = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;
export type TensorType = keyof typeof BYTES_PER_ELEMENT;

/** A tensor in a file: where it is, not its bytes. */
export interface TensorEntry {
  dtype: TensorType;
  shape: number[];
  /** First byte and the byte after the last, in the file. */
  begin: number;
  end: number;
}

/**
 * A safetensors file with its header read and checked; tensors are read one at a time.
 *
 * @throws ModelError `E_SAFETENSORS` naming what is wrong and at which byte or tensor.
 * @example const file = new SafetensorsFile('model.safetensors'); file.readFloat32('qa_outputs.weight'); file.close()
 */
export class SafetensorsFile {
  readonly tensors = new Map<string, TensorEntry>();
  metadata: Record<string, string> = {};
  private readonly descriptor: number;

  constructor(readonly path: string) {
    this.descriptor = open(path);
    try {
      this.readHeader();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    fs.closeSync(this.descriptor);
  }

  /** The bytes of a tensor as they are in the file. */
  readBytes(name: string): Buffer {
    const { begin, end } = this.entry(name);
    return this.read(begin, end - begin);
  }

  /** A tensor of any float type as float32. */
  readFloat32(name: string): Float32Array {
    const { dtype } = this.entry(name);
    const bytes = this.readBytes(name);
    if (dtype === 'F32') return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    if (dtype === 'F16') return Float32Array.from(halves(bytes), fromFloat16);
    if (dtype === 'BF16') return fromBfloat16(halves(bytes));
    throw this.failure(`tensor "${name}" has type ${dtype}; F32, F16 or BF16 is needed`);
  }

  private entry(name: string): TensorEntry {
    const entry = this.tensors.get(name);
    if (!entry) throw this.failure(`no tensor "${name}"`);
    return entry;
  }

  private read(position: number, length: number): Buffer {
    const buffer = Buffer.from(new ArrayBuffer(length)); // its own memory, so that views are aligned
    for (let done = 0; done < length;) {
      const count = fs.readSync(this.descriptor, buffer, done, Math.min(length - done, 1 << 30), position + done);
      if (count === 0)
        throw this.failure(`ends at byte ${position + done}, ${length - done} bytes early; fetch it again`);
      done += count;
    }
    return buffer;
  }

  private readHeader(): void {
    const size = fs.fstatSync(this.descriptor).size;
    if (size < 8) throw this.failure(`is ${size} bytes long; a header needs at least 8`);
    const length = Number(this.read(0, 8).readBigUInt64LE());
    if (length > MAX_HEADER) throw this.failure(`header of ${length} bytes; at most ${MAX_HEADER} are allowed`);
    if (8 + length > size)
      throw this.failure(`header of ${length} bytes does not fit into ${size} bytes; fetch it again`);
    const header = this.parseHeader(this.read(8, length));
    for (const [name, value] of Object.entries(header)) {
      if (name === '__metadata__') this.metadata = value as Record<string, string>;
      else this.tensors.set(name, this.checkEntry(name, value as RawEntry, 8 + length));
    }
    this.checkLayout(8 + length, size);
  }

  private parseHeader(bytes: Buffer): Record<string, unknown> {
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      if (!text.startsWith('{')) throw new Error('it must begin with {');
      return JSON.parse(text) as Record<string, unknown>;
    } catch (error) {
      throw this.failure(`the header is not valid: ${(error as Error).message}`);
    }
  }

  private checkEntry(name: string, raw: RawEntry, base: number): TensorEntry {
    const { dtype, shape, data_offsets: offsets } = raw ?? {};
    const bytes = BYTES_PER_ELEMENT[dtype as TensorType];
    if (!bytes) throw this.failure(`tensor "${name}" has unknown type ${JSON.stringify(dtype)}`);
    if (!isSizes(shape)) throw this.failure(`tensor "${name}" has the shape ${JSON.stringify(shape)}`);
    if (!isSizes(offsets) || offsets.length !== 2) throw this.failure(`tensor "${name}" has no valid data_offsets`);
    const size = shape.reduce((a, b) => a * b, bytes);
    const [begin, end] = offsets;
    if (end - begin !== size)
      throw this.failure(`tensor "${name}" takes ${end - begin} bytes; its shape needs ${size}`);
    return { dtype: dtype as TensorType, shape, begin: base + begin, end: base + end };
  }

  /** No gaps, no overlaps, nothing after the last tensor. */
  private checkLayout(base: number, size: number): void {
    let position = base;
    const sorted = [...this.tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
    for (const [name, { begin, end }] of sorted) {
      if (begin !== position)
        throw this.failure(`tensor "${name}" begins at byte ${begin}; byte ${position} was expected`);
      position = end;
    }
    if (position !== size) throw this.failure(`is ${size} bytes long; its header says ${position}; fetch it again`);
  }

  private failure(problem: string): ModelError {
    return new ModelError('E_SAFETENSORS', `${this.path}: ${problem}`);
  }
}

interface RawEntry {
  dtype?: unknown;
  shape?: unknown;
  data_offsets?: unknown;
}

function open(path: string): number {
  try {
    return fs.openSync(path, 'r');
  } catch (error) {
    throw toFileError(error, path);
  }
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function halves(bytes: Buffer): Uint16Array {
  return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
}

function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** bfloat16 is the upper half of a float32. */
function fromBfloat16(bits: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);
}

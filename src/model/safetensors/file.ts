// The safetensors format: a JSON header of names, types, shapes and offsets, then the bytes of every tensor.
import fs from 'node:fs';
import { openRegular } from '../../limited-file';
import { MISTAKEN_HEAD, mistakenForBytes } from '../../mistaken-file';
import { quoted } from '../../printable';
import { SafetensorsError } from './errors';
import { HeaderProblem, parseHeader } from './header-json';
import { type Layout, type TensorEntry, checkLayout } from './layout';
import { toFloat32 } from './types';

export type { TensorEntry };

/** Largest header that the reference implementation accepts, bytes. */
export const MAX_HEADER = 100_000_000;

/**
 * A safetensors file with its header read and checked; tensors are read one at a time, and nothing is allocated that the file
 * does not hold. Source: the format's description and its reference implementation in Rust.
 *
 * @throws SafetensorsError, FileError
 * @example const file = new SafetensorsFile('model.safetensors'); file.readFloat32('qa_outputs.weight'); file.close()
 */
export class SafetensorsFile {
  readonly tensors: Map<string, TensorEntry>;
  readonly metadata: Record<string, string>;
  private readonly descriptor: number;

  constructor(readonly path: string) {
    this.descriptor = openRegular(path);
    try {
      ({ tensors: this.tensors, metadata: this.metadata } = this.readHeader());
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    fs.closeSync(this.descriptor);
  }

  /** The bytes of a tensor as they are in the file. @throws SafetensorsError `E_SAFETENSORS_MISSING` */
  readBytes(name: string): Buffer {
    const { begin, end } = this.entry(name);
    return this.read(begin, end - begin);
  }

  /** A tensor of any float type as float32. @throws SafetensorsError `E_SAFETENSORS_MISSING`, `E_SAFETENSORS_TYPE` */
  readFloat32(name: string): Float32Array {
    const { dtype } = this.entry(name);
    const values = toFloat32(dtype, this.readBytes(name));
    if (values) return values;
    throw new SafetensorsError(
      'TYPE',
      this.path,
      `tensor ${quoted(name)} has type ${dtype}; F64, F32, F16 or BF16 is needed`,
    );
  }

  private entry(name: string): TensorEntry {
    const entry = this.tensors.get(name);
    if (!entry) throw new SafetensorsError('MISSING', this.path, `no tensor ${quoted(name)}`);
    return entry;
  }

  private read(position: number, length: number): Buffer {
    const buffer = Buffer.from(new ArrayBuffer(length)); // its own memory, so that views are aligned
    for (let done = 0; done < length;) {
      const count = fs.readSync(this.descriptor, buffer, done, Math.min(length - done, 1 << 30), position + done);
      if (count === 0) {
        const problem = `ends at byte ${position + done}, ${length - done} bytes early; fetch it again`;
        throw new SafetensorsError('TRUNCATED', this.path, problem);
      }
      done += count;
    }
    return buffer;
  }

  private readHeader(): Layout {
    const size = fs.fstatSync(this.descriptor).size;
    const fail = (rule: string, problem: string) => new SafetensorsError(rule, this.path, problem);
    const mistaken = mistakenForBytes(this.read(0, Math.min(size, MISTAKEN_HEAD)), 'the weights');
    if (mistaken !== undefined) throw fail('FORM', mistaken);
    if (size < 8) throw fail('SHORT', `is ${size} bytes long; a header needs at least 8`);
    const length = Number(this.read(0, 8).readBigUInt64LE());
    if (length > MAX_HEADER) throw fail('HEADER_SIZE', `header of ${length} bytes; at most ${MAX_HEADER} are allowed`);
    if (8 + length > size) {
      throw fail('TRUNCATED', `header of ${length} bytes does not fit into ${size} bytes; fetch it again`);
    }
    try {
      return checkLayout(parseHeader(this.read(8, length)), 8 + length, size, this.path);
    } catch (error) {
      throw error instanceof HeaderProblem ? fail(error.rule, error.message) : error;
    }
  }
}

// What a header says of its tensors, checked against the rules of the format and the size of the file.
import { quoted } from '../../printable';
import { SafetensorsError } from './errors';
import { type TensorType, BITS, isTensorType } from './types';

/** A tensor in a file: where it is, not its bytes. */
export interface TensorEntry {
  dtype: TensorType;
  shape: number[];
  /** First byte and the byte after the last, in the file. */
  begin: number;
  end: number;
}

/** A file's content by name. */
export interface Layout {
  tensors: Map<string, TensorEntry>;
  metadata: Record<string, string>;
}

/**
 * @param base The first byte after the header. @param size Of the file.
 * @throws SafetensorsError
 */
export function checkLayout(header: Record<string, unknown>, base: number, size: number, file: string): Layout {
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors = new Map<string, TensorEntry>();
  for (const [name, raw] of Object.entries(entries)) tensors.set(name, checkEntry(name, raw, base, file));
  checkPlaces(tensors, base, size, file);
  return { tensors, metadata: checkMetadata(metadata, file) };
}

function checkMetadata(metadata: unknown, file: string): Record<string, string> {
  if (isObject(metadata) && Object.values(metadata).every((value) => typeof value === 'string')) {
    return metadata as Record<string, string>;
  }
  throw new SafetensorsError('METADATA', file, '__metadata__ must hold texts by name');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkEntry(name: string, raw: unknown, base: number, file: string): TensorEntry {
  const fail = (rule: string, problem: string) => new SafetensorsError(rule, file, `tensor ${quoted(name)} ${problem}`);
  if (!isObject(raw)) throw fail('ENTRY', 'is not described by an object');
  const { dtype, shape, data_offsets: offsets } = raw;
  if (typeof dtype !== 'string') throw fail('ENTRY', 'has no dtype');
  if (!isTensorType(dtype)) throw fail('DTYPE', `has the unknown type ${quoted(dtype)}`);
  if (!isSizes(shape)) throw fail('ENTRY', `has the shape ${quoted(shape)}`);
  if (!isSizes(offsets) || offsets.length !== 2) throw fail('ENTRY', 'has no valid data_offsets');
  const [begin, end] = offsets;
  const bytes = byteCount(dtype, shape);
  if (end - begin !== bytes) {
    throw fail(
      'SIZE',
      `takes ${end - begin} bytes, from ${begin} to ${end}; its type and shape need ${bytes ?? 'more than there can be'}`,
    );
  }
  return { dtype, shape, begin: base + begin, end: base + end };
}

/** Whole numbers that JavaScript holds exactly: far beyond any file. */
function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** Undefined where the product is beyond every file, or a type of less than a byte does not fill its last one. */
export function byteCount(dtype: TensorType, shape: number[]): number | undefined {
  let bits: number = BITS[dtype];
  for (const size of shape) {
    bits *= size;
    if (!Number.isSafeInteger(bits)) return undefined;
  }
  return bits % 8 === 0 ? bits / 8 : undefined;
}

/** No gaps, no overlaps, nothing after the last tensor. */
function checkPlaces(tensors: Map<string, TensorEntry>, base: number, size: number, file: string): void {
  let position = base;
  const sorted = [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  for (const [name, { begin, end }] of sorted) {
    if (begin !== position) {
      const problem = `tensor ${quoted(name)} begins at byte ${begin}; byte ${position} was expected`;
      throw new SafetensorsError(begin < position ? 'OVERLAP' : 'GAP', file, problem);
    }
    position = end;
  }
  const lengths = `it is ${size} bytes long and its header says ${position}`;
  if (position > size) throw new SafetensorsError('TRUNCATED', file, `${lengths}; fetch it again`);
  if (position < size) throw new SafetensorsError('TRAILING', file, lengths);
}

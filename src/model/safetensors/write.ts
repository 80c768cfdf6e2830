// Writes the safetensors format, byte for byte as the reference implementation does.
import { writeAtomically } from '../../staged-file';
import { SafetensorsError } from './errors';
import { MAX_HEADER } from './file';
import { byteCount } from './layout';
import { type TensorType, BITS } from './types';

const TYPES: Record<string, TensorType> = {
  Float32Array: 'F32',
  Float64Array: 'F64',
  Int8Array: 'I8',
  Int16Array: 'I16',
  Int32Array: 'I32',
  BigInt64Array: 'I64',
  Uint8Array: 'U8',
  Uint16Array: 'U16',
  Uint32Array: 'U32',
  BigUint64Array: 'U64',
};

/** A tensor's elements, row by row. */
export type TensorValues =
  | (Float32Array | Float64Array)
  | (Int8Array | Int16Array | Int32Array | BigInt64Array)
  | (Uint8Array | Uint16Array | Uint32Array | BigUint64Array);

export interface TensorData {
  shape: number[];
  values: TensorValues;
  /** The type that `values` holds the bits of, where it is not the array's own: `BF16` in a `Uint16Array`. */
  dtype?: TensorType;
}

type Named = [name: string, tensor: Required<TensorData>];

/**
 * Writes tensors in the order of the reference: wide types first, so that each is aligned, and then by name. The file appears
 * whole or not at all. Source: `serialize` of the reference implementation in Rust.
 *
 * @throws SafetensorsError `E_SAFETENSORS_SIZE`, `E_SAFETENSORS_NAME`, `E_SAFETENSORS_HEADER_SIZE`; FileError `E_DISK_FULL`,
 * `E_FILE_PERMISSION`, …; what was there before stays.
 * @example writeSafetensors('model.safetensors', new Map([['bias', { shape: [2], values: new Float32Array(2) }]]))
 */
export function writeSafetensors(
  file: string,
  tensors: Map<string, TensorData>,
  metadata: Record<string, string> = { format: 'pt' },
): void {
  const named = [...tensors].map(([name, data]): Named => [
    name,
    { ...data, dtype: data.dtype ?? typeOf(data.values) },
  ]);
  for (const one of named) check(one, file);
  const sorted = named.sort(([nameA, a], [nameB, b]) => rank(b.dtype) - rank(a.dtype) || compareUtf8(nameA, nameB));
  writeAtomically(file, [header(sorted, metadata, file), ...sorted.map(([, { values }]) => bytesOf(values))]);
}

const typeOf = (values: TensorValues): TensorType => TYPES[values.constructor.name];
const ORDER = Object.keys(BITS);
const rank = (dtype: TensorType) => ORDER.indexOf(dtype);
const compareUtf8 = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const bytesOf = ({ buffer, byteOffset, byteLength }: TensorValues) => new Uint8Array(buffer, byteOffset, byteLength);

function check([name, { dtype, shape, values }]: Named, file: string): void {
  const shown = JSON.stringify(name);
  if (name === '__metadata__' || /\p{Surrogate}/u.test(name)) {
    throw new SafetensorsError('NAME', file, `a tensor cannot have the name ${shown}`);
  }
  const needed = byteCount(dtype, shape);
  if (values.byteLength === needed) return;
  const problem = `tensor ${shown} has ${values.byteLength} bytes; ${dtype} [${shape.join(', ')}] needs ${needed}`;
  throw new SafetensorsError('SIZE', file, problem);
}

function header(tensors: Named[], metadata: Record<string, string>, file: string): Buffer {
  const entries: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : [];
  let position = 0;
  for (const [name, { dtype, shape, values }] of tensors) {
    entries.push([name, { dtype, shape, data_offsets: [position, (position += values.byteLength)] }]);
  }
  // an object would put names that look like numbers first
  const json = Buffer.from(`{${entries.map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`)}}`);
  const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);
  if (padded.length > MAX_HEADER) {
    const problem = `the header has ${padded.length} bytes; at most ${MAX_HEADER} are allowed: use fewer or shorter names`;
    throw new SafetensorsError('HEADER_SIZE', file, problem);
  }
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded]);
}

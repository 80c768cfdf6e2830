// Features in one file: a JSON header that names the columns, then the columns as they lie in memory.
import { type FileHandle, open } from 'node:fs/promises';
import { endianness } from 'node:os';
import { writeAtomically } from '../staged-file';
import { TokenError } from './errors';
import type { Features } from './features';

type Column = Exclude<keyof Features, 'count'>;

const COLUMNS: Column[] = [
  'rowStart', 'inputIds', 'tokenTypeIds', 'offsets', 'contextStart', 'contextEnd',
  'startPositions', 'endPositions', 'record', 'overflow',
]; // prettier-ignore

interface Header {
  format: string;
  count: number;
  /** Bytes of each column, in the order of `COLUMNS`. */
  bytes: number[];
}

/** Changes when the columns do. Bytes lie in the order of the machine that wrote them. */
const FORMAT = `spanlab-features-1-${endianness()}`;
/** The header is filled up to this, and columns to multiples of it, so that views on them are aligned. */
const ALIGNMENT = 8;
const HEADER_BYTES = 512;

/** Writes `path` in one move: a reader sees all of it or nothing. @throws FileError, where the disk refuses */
export function writeFeatures(path: string, features: Features): void {
  writeAtomically(path, parts(features));
}

/**
 * Reads what {@link writeFeatures} wrote; the arrays are views on one buffer.
 *
 * @throws {TokenError} `E_TOKENS_CACHE` when the file is cut or of another format
 */
export async function readFeatures(path: string): Promise<Features> {
  const file = await open(path, 'r');
  try {
    const { count, bytes } = await readHeader(file, path);
    const body = new Uint8Array(bytes.reduce((sum, size) => sum + aligned(size), 0));
    await readFully(file, body, HEADER_BYTES, path);
    return { count, ...views(body.buffer, bytes) };
  } finally {
    await file.close();
  }
}

function* parts(features: Features): Generator<Uint8Array> {
  const header: Header = {
    format: FORMAT,
    count: features.count,
    bytes: COLUMNS.map((name) => features[name].byteLength),
  };
  yield Buffer.from(JSON.stringify(header).padEnd(HEADER_BYTES));
  for (const name of COLUMNS) {
    const { buffer, byteOffset, byteLength } = features[name];
    yield new Uint8Array(buffer, byteOffset, byteLength);
    yield new Uint8Array(aligned(byteLength) - byteLength);
  }
}

async function readHeader(file: FileHandle, path: string): Promise<Header> {
  const bytes = new Uint8Array(HEADER_BYTES);
  await readFully(file, bytes, 0, path);
  const text = Buffer.from(bytes).toString('utf8');
  if (!text.startsWith(`{"format":"${FORMAT}"`)) throw damaged(path);
  return JSON.parse(text) as Header;
}

async function readFully(file: FileHandle, bytes: Uint8Array, position: number, path: string): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, position + at);
    if (bytesRead === 0) throw damaged(path);
    at += bytesRead;
  }
}

function views(buffer: ArrayBuffer, bytes: number[]): Omit<Features, 'count'> {
  let at = 0;
  const columns = COLUMNS.map((name, i) => {
    const start = at;
    at += aligned(bytes[i]);
    const isBytes = name === 'tokenTypeIds';
    return [name, isBytes ? new Uint8Array(buffer, start, bytes[i]) : new Int32Array(buffer, start, bytes[i] / 4)];
  });
  return Object.fromEntries(columns) as Omit<Features, 'count'>;
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function damaged(path: string): TokenError {
  return new TokenError('E_TOKENS_CACHE', `${path}: cut off or of another version; delete it`);
}

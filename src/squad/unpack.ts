// Files that are packed: gzip, or a zip archive with one data file in it.
import zlib from 'node:zlib';
import { unzipSync } from 'fflate';
import { libraryReason } from '../library-reason';
import { SquadError } from './errors';

export interface Unpacked {
  /** The name of what was inside, where the archive says it; otherwise that of the file without `.gz`. */
  name: string;
  bytes: Buffer;
}

/** No text is longer; what claims to be is no data set. */
const MOST_BYTES = 512e6;
/** Texts shrink to a tenth or a twentieth. What grows more than this many times, and beyond {@link SMALL}, was made to fill memories. */
const MOST_GROWTH = 150;
const SMALL = 32e6;

/**
 * The bytes inside a packed file; of any other, its own.
 *
 * @throws SquadError `E_SQUAD_PACKED` (damaged, with several files or none, or far too large inside), `E_SQUAD_TABLE` for a workbook.
 * @example unpack('squad.json.gz', bytes).name // 'squad.json'
 */
export function unpack(file: string, bytes: Buffer, depth = 0): Unpacked {
  const unpacked = isGzip(bytes) ? gunzip(file, bytes) : isZip(bytes) ? unzip(file, bytes) : undefined;
  if (unpacked === undefined) return { name: file, bytes };
  if (depth > 2) throw packed(file, 'it is packed more than three times; unpack it first');
  return unpack(unpacked.name, unpacked.bytes, depth + 1);
}

const isGzip = (bytes: Buffer) => bytes[0] === 0x1f && bytes[1] === 0x8b;
const isZip = (bytes: Buffer) => bytes.toString('latin1', 0, 2) === 'PK' && [3, 5].includes(bytes[2]);

const packed = (file: string, problem: string, cause?: unknown) =>
  new SquadError('E_SQUAD_PACKED', `${file}: ${problem}`, { cause });

const largest = (bytes: Buffer) => Math.min(MOST_BYTES, Math.max(SMALL, MOST_GROWTH * bytes.length));

function gunzip(file: string, bytes: Buffer): Unpacked {
  try {
    const content = zlib.gunzipSync(bytes, { maxOutputLength: largest(bytes) });
    return { name: file.replace(/\.gz(?:ip)?$/i, ''), bytes: content };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(file);
    throw packed(file, `it is damaged${libraryReason(error)}; fetch it again`, error);
  }
}

const tooLarge = (file: string) => packed(file, 'what is inside is far too large for a data set; unpack it, and look');

function unzip(file: string, bytes: Buffer): Unpacked {
  const names: string[] = [];
  const isData = (name: string) => !/(?:^|\/)(?:__MACOSX\/|\.)|\/$/.test(name);
  try {
    unzipSync(bytes, { filter: ({ name }) => (isData(name) && names.push(name), false) });
    if (names.includes('[Content_Types].xml')) throw workbook(file);
    const wanted = chooseEntry(file, names);
    const [content] = Object.values(unzipSync(bytes, { filter: (entry) => isWanted(entry, wanted, file, bytes) }));
    return { name: wanted, bytes: Buffer.from(content.buffer, content.byteOffset, content.byteLength) };
  } catch (error) {
    if (error instanceof SquadError) throw error;
    throw packed(file, `it is damaged${libraryReason(error)}; fetch it again`, error);
  }
}

function isWanted(entry: { name: string; originalSize: number }, wanted: string, file: string, bytes: Buffer): boolean {
  if (entry.name === wanted && entry.originalSize > largest(bytes)) throw tooLarge(file);
  return entry.name === wanted;
}

/** The only file, or the only one whose name is that of data. */
function chooseEntry(file: string, names: string[]): string {
  const data = names.filter((name) => /\.(?:jsonl?|ndjson|csv|tsv|parquet|gz)$/i.test(name));
  const [only, ...more] = data.length > 0 ? data : names;
  if (only === undefined) throw packed(file, 'it is empty; pack the file with the questions into it');
  if (more.length === 0) return only;
  const shown = [only, ...more].slice(0, 4).map((name) => JSON.stringify(name)).join(', '); // prettier-ignore
  throw packed(file, `it holds ${more.length + 1} files (${shown}); unpack it and give one of them`);
}

const workbook = (file: string) =>
  new SquadError('E_SQUAD_TABLE', `${file}: it is an Excel workbook; save it as CSV UTF-8 and give that`);

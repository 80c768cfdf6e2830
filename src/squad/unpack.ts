// Files that are packed: gzip, or a zip archive with one data file in it.
import zlib from 'node:zlib';
import { inflateSync } from 'fflate';
import { libraryReason } from '../library-reason';
import { packedKind } from '../packed-kinds';
import { quoted } from '../printable';
import { type ZipMember, crc32, readZip, ZipProblem } from '../zip';
import { SquadError } from './errors';
import { officeFile } from './other-files';

export interface Unpacked {
  /** The name of what was inside, where the archive says it; otherwise that of the file without `.gz`. */
  name: string;
  bytes: Buffer;
  /** Further files of an archive, which are not read. */
  aside?: string[];
}

/** No text is longer; what claims to be is no data set. */
const MOST_BYTES = 512e6;
/** Texts shrink to a tenth or a twentieth. What grows more than this many times, and beyond {@link SMALL}, was made to fill memories. */
const MOST_GROWTH = 150;
const SMALL = 32e6;

/**
 * The bytes inside a packed file; of any other, its own.
 *
 * @throws SquadError `E_SQUAD_PACKED` (damaged, packed in another way, with several files or none, or far too large inside),
 *   `E_SQUAD_TABLE` for a workbook.
 * @example unpack('squad.json.gz', bytes).name // 'squad.json'
 */
export function unpack(file: string, bytes: Buffer): Unpacked {
  return unpackInner(file, file, bytes, 0);
}

/** @param where The file, and what in it, for messages. @param name That of these bytes. */
function unpackInner(where: string, name: string, bytes: Buffer, depth: number): Unpacked {
  const unpacked = isGzip(bytes) ? gunzip(where, name, bytes) : isZip(bytes) ? unzip(where, bytes) : undefined;
  if (unpacked === undefined) {
    refuseOthers(where, bytes);
    return { name, bytes };
  }
  if (depth > 2) throw packed(where, 'it is packed more than three times; unpack it first');
  const within = isZip(bytes) ? `${where}: ${quoted(unpacked.name)} in it` : where;
  const inner = unpackInner(within, unpacked.name, unpacked.bytes, depth + 1);
  return { ...inner, aside: [...(unpacked.aside ?? []), ...(inner.aside ?? [])] };
}

const isGzip = (bytes: Buffer) => bytes[0] === 0x1f && bytes[1] === 0x8b;
const isZip = (bytes: Buffer) => bytes.toString('latin1', 0, 2) === 'PK' && [3, 5].includes(bytes[2]);

const packed = (file: string, problem: string, cause?: unknown) =>
  new SquadError('E_SQUAD_PACKED', `${file}: ${problem}`, { cause });

const largest = (bytes: Buffer) => Math.min(MOST_BYTES, Math.max(SMALL, MOST_GROWTH * bytes.length));

function gunzip(file: string, name: string, bytes: Buffer): Unpacked {
  try {
    const content = zlib.gunzipSync(bytes, { maxOutputLength: largest(bytes) });
    return { name: name.replace(/\.gz(?:ip)?$/i, ''), bytes: content };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(file);
    throw packed(file, `it is damaged${libraryReason(error)}; fetch it again`, error);
  }
}

const tooLarge = (file: string) => packed(file, 'what is inside is far too large for a data set; unpack it, and look');

function refuseOthers(file: string, bytes: Buffer): void {
  const kind = packedKind(bytes);
  if (kind === undefined) return;
  throw packed(
    file,
    `${kind.what}, which is not read here; unpack it (${kind.command} FILE), or pack it with gzip or zip`,
  );
}

function unzip(file: string, bytes: Buffer): Unpacked {
  try {
    const members = readZip((at, length) => bytes.subarray(at, at + length), bytes.length);
    const office = officeFile([...members.keys()]);
    if (office !== undefined) throw new SquadError('E_SQUAD_TABLE', `${file}: ${office}`);
    const [wanted, aside] = chooseEntry(file, [...members.keys()]);
    return { name: wanted, aside, bytes: contentOf(file, bytes, wanted, members.get(wanted)!) };
  } catch (error) {
    if (error instanceof SquadError) throw error;
    const reason = error instanceof ZipProblem ? ` (${error.message})` : libraryReason(error);
    throw packed(file, `it is damaged${reason}; fetch it again`, error);
  }
}

/** Ways of packing that zip knows, by their numbers. */
const METHODS: Record<number, string> = { 1: 'Shrink', 6: 'Implode', 9: 'Deflate64', 12: 'bzip2', 14: 'LZMA', 93: 'Zstandard', 95: 'xz', 98: 'PPMd' }; // prettier-ignore
const [STORED, DEFLATED, AES] = [0, 8, 99];

function contentOf(file: string, bytes: Buffer, name: string, member: ZipMember): Buffer {
  const { begin, packed: length, size, method, crc } = member;
  if (member.isEncrypted || method === AES) {
    throw packed(file, `${quoted(name)} in it is locked with a password; unpack it, and give what is inside`);
  }
  if (method !== STORED && method !== DEFLATED) {
    const how = METHODS[method] ?? `a method of the number ${method}`;
    throw packed(
      file,
      `${quoted(name)} in it is packed with ${how}, which is not read here; unpack it, or zip it in the usual way (deflate)`,
    );
  }
  if (size > largest(bytes)) throw tooLarge(file);
  const inside = bytes.subarray(begin, begin + length);
  const content = method === STORED ? inside : inflateSync(inside, { out: new Uint8Array(size) });
  if (content.length === size && crc32(content) === crc) return Buffer.from(content.buffer, content.byteOffset, size);
  throw new ZipProblem(`${quoted(name)} is not what its checksum says`);
}

/** What systems put beside the files of people. */
const isHidden = (name: string) => /(?:^|\/)(?:__MACOSX\/|\.[^./])/.test(name);

/** The only file, or the only one whose name is that of data; and the others. */
function chooseEntry(file: string, names: string[]): [wanted: string, aside: string[]] {
  const files = names.filter((name) => !name.endsWith('/') && !isHidden(name));
  const data = files.filter((name) =>
    /\.(?:jsonl?|ndjson|csv|tsv|tab|xlsx?|parquet|arrow|gz|gzip|zip|bz2|xz|zst)$/i.test(name),
  );
  const [only, ...more] = data.length > 0 ? data : files;
  if (only === undefined) {
    const what = names.length === 0 ? 'it is empty' : `it holds only folders and hidden files (${listed(names)})`;
    throw packed(file, `${what}; pack the file with the questions into it`);
  }
  if (more.length === 0) return [only, files.filter((name) => name !== only)];
  throw packed(file, `it holds ${more.length + 1} files (${listed([only, ...more])}); unpack it and give one of them`);
}

const listed = (names: string[]) => names.slice(0, 4).map((name) => JSON.stringify(name)).join(', '); // prettier-ignore

// The directory of a zip archive: what people pack their data into, and PyTorch its checkpoints since 2020.
import { quoted } from './printable';

/** Reads `length` bytes from `position` on; throws where the file ends before. */
export type ReadBytes = (position: number, length: number) => Buffer;

/** Where a member's bytes are in the file. */
export interface ZipMember {
  begin: number;
  /** Bytes in the file. */
  packed: number;
  /** Bytes of what was packed. */
  size: number;
  /** How it is packed: 0 not at all, 8 with deflate. */
  method: number;
  isEncrypted: boolean;
  /** Of what was packed. */
  crc: number;
}

/** What is wrong with an archive. */
export class ZipProblem extends Error {}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
/** The end record with the longest comment. */
const END_BYTES = 22 + 0xffff;
const LARGEST_DIRECTORY = 64 << 20;
const FULL = 0xffffffff;

/**
 * The members of an archive by name. Source: APPNOTE.TXT 6.3 of PKWARE.
 *
 * @param size Of the file.
 * @throws ZipProblem
 */
export function readZip(read: ReadBytes, size: number): Map<string, ZipMember> {
  const { offset, length, count } = directory(read, size);
  if (length > LARGEST_DIRECTORY || offset + length > size)
    throw new ZipProblem(`a directory of ${length} bytes at byte ${offset}`);
  const bytes = read(offset, length);
  const members = new Map<string, ZipMember>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > length || bytes.readUInt32LE(at) !== ENTRY)
      throw new ZipProblem(`entry ${i} of the directory is damaged`);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field));
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > length) throw new ZipProblem(`entry ${i} of the directory is cut off`);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    const extra = bytes.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    members.set(name, member(read, size, bytes.subarray(at, at + 46), extra, name));
    at = next;
  }
  return members;
}

function directory(read: ReadBytes, size: number): { offset: number; length: number; count: number } {
  const from = Math.max(0, size - END_BYTES);
  const tail = read(from, size - from);
  let at = tail.length - 22;
  while (at >= 0 && tail.readUInt32LE(at) !== END) at--;
  if (at < 0) throw new ZipProblem('the end of the archive is missing');
  const plain = {
    count: tail.readUInt16LE(at + 10),
    length: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
  };
  if (plain.count !== 0xffff && plain.length !== FULL && plain.offset !== FULL) return plain;
  if (at < 20 || tail.readUInt32LE(at - 20) !== LOCATOR_64) return plain;
  const record = read(whole(tail, at - 12), 56);
  if (record.readUInt32LE(0) !== END_64) throw new ZipProblem('the end of the archive is damaged');
  return { count: whole(record, 32), length: whole(record, 40), offset: whole(record, 48) };
}

function member(read: ReadBytes, size: number, entry: Buffer, extra: Buffer, name: string): ZipMember {
  let [packed, bytes, header] = [20, 24, 42].map((field) => entry.readUInt32LE(field));
  if (packed === FULL || bytes === FULL || header === FULL) {
    const wide = wideFields(extra, name);
    let at = 0;
    const next = () => {
      if (at + 8 > wide.length) throw new ZipProblem(`${quoted(name)} has no size`);
      return whole(wide, (at += 8) - 8);
    };
    if (bytes === FULL) bytes = next();
    if (packed === FULL) packed = next();
    if (header === FULL) header = next();
  }
  const method = entry.readUInt16LE(10);
  if ((method === 0 && packed !== bytes) || header + 30 > size)
    throw new ZipProblem(`${quoted(name)} is not where the directory says`);
  const local = read(header, 30);
  if (local.readUInt32LE(0) !== LOCAL) throw new ZipProblem(`${quoted(name)} is not where the directory says`);
  const begin = header + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
  if (begin + packed > size) throw new ZipProblem(`${quoted(name)} ends past the end of the file; fetch it again`);
  const isEncrypted = (entry.readUInt16LE(8) & 1) === 1;
  return { begin, packed, size: bytes, method, isEncrypted, crc: entry.readUInt32LE(16) };
}

/** The field of sizes of 64 bits. */
function wideFields(extra: Buffer, name: string): Buffer {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === 1) return extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
  }
  throw new ZipProblem(`${quoted(name)} has no size`);
}

function whole(bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new ZipProblem('a size beyond every file');
  return Number(value);
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/**
 * The checksum of zip, CRC-32.
 *
 * @example crc32(Buffer.from('123456789')) // 0xcbf43926
 */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  // eslint-disable-next-line @typescript-eslint/prefer-for-of -- an iterator takes ten times as long over megabytes
  for (let i = 0; i < bytes.length; i++) crc = CRC_TABLE[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

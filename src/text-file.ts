// A text file: UTF-8, or refused. Bytes that are none would otherwise become question marks, and nobody would notice.
import { constants, isUtf8 } from 'node:buffer';
import fs from 'node:fs';
import { FileError } from './errors';
import { readInput } from './input-file';
import { isSurrogateAt } from './surrogates';

/**
 * A file's text, without a byte-order mark.
 *
 * @param file A path; `-` is standard input.
 * @throws FileError `E_FILE_LARGE` for more than 512 MB; `E_FILE_ENCODING`, which names the first byte that is no UTF-8; `E_FILE_MISSING` and its kind
 * @example readText('question.txt')
 */
export function readText(file: string): string {
  if (file !== '-') checkSize(file, fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0);
  return decodeText(readInput(file), file);
}

/** Before it is read, where that can be known. */
function checkSize(where: string, bytes: number): void {
  if (bytes <= constants.MAX_STRING_LENGTH) return;
  const advice = 'split it into parts';
  throw new FileError(
    'E_FILE_LARGE',
    `${where}: ${Math.round(bytes / 1e6)} MB are more than one text can have; ${advice}`,
  );
}

/** The text of bytes, without a byte-order mark. @param where What they are, for the message. @throws FileError `E_FILE_ENCODING` */
export function decodeText(bytes: Buffer, where: string): string {
  checkSize(where, bytes.length);
  if (isUtf8(bytes)) return bytes.toString('utf8').replace(/^\ufeff/, '');
  throw new FileError('E_FILE_ENCODING', `${where}: ${problemOf(bytes)}; save it again as UTF-8`);
}

function problemOf(bytes: Buffer): string {
  if (/^(?:\xff\xfe|\xfe\xff)/.test(bytes.toString('latin1', 0, 2))) return 'it is in UTF-16';
  const at = firstBadByte(bytes);
  // the first byte of a surrogate could still become something else
  if (isSurrogateAt(bytes, at - 1)) return `it is in CESU-8 or WTF-8 (half a character at byte ${at - 1})`;
  return `byte ${at} is not UTF-8`;
}

/** How many bytes can be read; what begins before the end counts as read, so that the answer grows with the bytes. */
function firstBadByte(bytes: Buffer): number {
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isReadable(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

function isReadable(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

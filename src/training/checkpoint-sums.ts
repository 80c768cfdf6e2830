// `SHA256SUMS`: by it a checkpoint knows its own bytes.
import fs from 'node:fs';
import path from 'node:path';
import { hashFiles } from '../file-hash';
import { readLimited } from '../limited-file';
import { quoted } from '../printable';
import { writeAtomically } from '../staged-file';

/** The SHA-256 of every other file, as `sha256sum` writes and checks them. */
export const SUMS_FILE = 'SHA256SUMS';

/** Bytes: far more than a checkpoint's files need. */
const LARGEST = 1 << 28;

/** Writes the hashes of all files that are there, in the order of their names. @throws FileError */
export function writeSums(folder: string): void {
  const lines = filesOf(folder).map((name) => `${hashFiles(path.join(folder, name))}  ${name}\n`);
  writeAtomically(path.join(folder, SUMS_FILE), lines.join(''));
}

/**
 * Reads every byte of a checkpoint against the hashes that it was written with.
 *
 * @param needed Files that must be among them.
 * @throws Error that names the file
 */
export function checkSums(folder: string, needed: string[]): void {
  const sums = parseSums(readLimited(path.join(folder, SUMS_FILE), LARGEST).toString());
  for (const name of needed) {
    if (!sums.has(name)) throw new Error(`${SUMS_FILE} lacks ${name}`);
  }
  for (const [name, sum] of sums) {
    if (!isInside(name)) throw new Error(`${SUMS_FILE} names ${name}, which is not in the checkpoint`);
    const found = hashFiles(path.join(folder, name));
    if (found !== sum) throw new Error(`${name} is not as it was written (SHA-256 ${found}, not ${sum})`);
  }
  const added = filesOf(folder).find((name) => !sums.has(name) && isRead(name));
  if (added !== undefined) throw new Error(`${SUMS_FILE} lacks ${added}; if you put it there, move it away`);
}

/** The hash of each name. Every byte counts, the spaces and the last line's end too. */
function parseSums(text: string): Map<string, string> {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const pairs = lines.map((line): [string, string] => {
    const [, sum, name] = /^([0-9a-f]{64}) {2}(.+)\n$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`${SUMS_FILE} has a line that is none: ${quoted(line.trimEnd())}`);
    return [name, sum];
  });
  return new Map(pairs);
}

/** Every file of a folder by its path in it, with slashes, sorted. */
function filesOf(folder: string): string[] {
  const files = fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .sort();
}

/** Whether a model or its tokenizer would be read from such a file; all else (Thumbs.db, notes.md, what macOS keeps under `._`) changes nothing. */
const isRead = (name: string) =>
  /(^|\/)(vocab|merges)\.txt$|(^|\/)[^./][^/]*\.(json|safetensors|bin|model)$/.test(name);

/** A name that leads nowhere else: what is hashed is read to its end, and a device has none. */
const isInside = (name: string) => !path.isAbsolute(name) && !name.split(/[/\\]/).includes('..');

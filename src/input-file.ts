// Files that people name: a file on the disk, standard input, or what another program writes (`<(zcat big.gz)`). A device has no end.
import { constants } from 'node:buffer';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import tty from 'node:tty';
import { FileError, toFileError } from './errors';
import { hashFiles } from './file-hash';

/** Of a pipe, bytes: what does not say how much comes ends where no text can be longer. */
const LARGEST = constants.MAX_STRING_LENGTH;
/** Read at once, bytes. */
const PART = 1 << 16;
/** So long, in milliseconds, a pipe may have nobody who writes into it: the program may just be starting. */
const PATIENCE = 2000;

/** SHA-256 of what came out of pipes, by their names: it cannot be read a second time. */
const piped = new Map<string, string>();

/**
 * All bytes of a file, of standard input (`-`), or of a pipe that a program writes into.
 *
 * @throws FileError `E_FILE` for a folder, a device, a socket, or a pipe that nobody writes into; `E_FILE_LARGE`, `E_FILE_MISSING` and its kind
 * @example readInput('train.json')
 */
export function readInput(file: string): Buffer {
  try {
    if (file !== '-' && fs.statSync(file).isFile()) return fs.readFileSync(file);
    const bytes = readUnsized(file);
    piped.set(file, createHash('sha256').update(bytes).digest('hex'));
    return bytes;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_FS_FILE_TOO_LARGE') {
      throw new FileError('E_FILE_LARGE', `${file}: larger than 2 GB; split it into parts`, { cause: error });
    }
    throw toFileError(error, file);
  }
}

/** SHA-256 of a file, or of what {@link readInput} read from a pipe of this name. @throws FileError */
export function hashInput(file: string): string {
  const isFile = fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  return (isFile ? undefined : piped.get(file)) ?? hashFiles(file);
}

function readUnsized(file: string): Buffer {
  // a socket that is standard input cannot be opened again by its name
  if (file === '-' || file === '/dev/stdin') return readOpen(0, file);
  // without O_NONBLOCK the opening of a pipe waits for somebody who writes
  const descriptor = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
  try {
    return readOpen(descriptor, file);
  } finally {
    fs.closeSync(descriptor);
  }
}

function readOpen(descriptor: number, file: string): Buffer {
  const stats = fs.fstatSync(descriptor);
  if (stats.isDirectory()) throw new FileError('E_FILE', `${file}: this is a folder; a file was expected`);
  if (stats.isFile()) return fs.readFileSync(descriptor);
  if (stats.isBlockDevice() || (stats.isCharacterDevice() && !tty.isatty(descriptor) && !isAtEnd(descriptor))) {
    throw new FileError('E_FILE', `${file}: this is a device, which has no end; a file was expected`);
  }
  const bytes = readToEnd(descriptor, file);
  if (bytes.length > 0 || !stats.isFIFO() || descriptor === 0) return bytes;
  throw new FileError(
    'E_FILE',
    `${file}: nothing comes out of this pipe; give a file, or a program that writes into it`,
  );
}

/** `/dev/null` is an empty file. */
function isAtEnd(descriptor: number): boolean {
  return readPart(descriptor, Buffer.alloc(1)) === 0;
}

function readToEnd(descriptor: number, file: string): Buffer {
  const parts: Buffer[] = [];
  let total = 0;
  const isNamed = descriptor !== 0 && fs.fstatSync(descriptor).isFIFO();
  for (const until = performance.now() + PATIENCE; ;) {
    const part = Buffer.allocUnsafe(PART);
    const count = readPart(descriptor, part);
    if (count === 0 && !(isNamed && total === 0 && performance.now() < until)) return Buffer.concat(parts);
    if (count === undefined || count === 0) pause();
    else parts.push(part.subarray(0, count));
    total += count ?? 0;
    if (total > LARGEST) {
      const advice = 'put it into a file, and split that into parts';
      throw new FileError(
        'E_FILE_LARGE',
        `${file}: more than ${Math.round(LARGEST / 1e6)} MB come out of it; ${advice}`,
      );
    }
  }
}

/** How many bytes came; 0 at the end, nothing while none are there yet. */
function readPart(descriptor: number, part: Buffer): number | undefined {
  try {
    return fs.readSync(descriptor, part);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN') return undefined;
    if (code === 'EOF') return 0; // Windows
    throw error;
  }
}

const pause = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);

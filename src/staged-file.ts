// A file that appears whole or not at all: written next to its place, synced, and renamed.
import fs from 'node:fs';
import path from 'node:path';
import { FileError, toFileError } from './errors';
import { syncPath } from './sync';

/** One write takes less than 2 GiB. */
const MOST = 1 << 28;

/**
 * Writes a file so that its path never shows half of it.
 *
 * @param content Text, or bytes in parts, of which each is asked for when the one before is written.
 * @throws FileError `E_DISK_FULL`, `E_FILE_PERMISSION`, …; what was there before stays. What `content` throws, it throws.
 * @example writeAtomically('run.json', '{}\n')
 */
export function writeAtomically(file: string, content: string | Iterable<Uint8Array>): void {
  refuseSpecial(file);
  const partial = `${file}.${process.pid}.part`;
  try {
    const descriptor = fs.openSync(partial, 'w');
    try {
      for (const part of typeof content === 'string' ? [Buffer.from(content)] : content) writeAll(descriptor, part);
    } finally {
      fs.closeSync(descriptor);
    }
    moveIntoPlace(partial, file);
  } catch (error) {
    fs.rmSync(partial, { force: true });
    throw toFileError(error, file);
  }
}

/** Puts `partial`, a file that is whole, in the place of `file`: its bytes to the disk, its name, and the name to the disk. */
export function moveIntoPlace(partial: string, file: string): void {
  syncPath(partial);
  fs.renameSync(partial, file);
  syncPath(path.dirname(file));
}

/**
 * A folder, a device, a pipe or a socket cannot be replaced by a file, and must not be: `/dev/null` would be gone.
 *
 * @throws FileError `E_FILE`
 */
export function refuseSpecial(file: string): void {
  const stats = statOf(file);
  if (stats?.isDirectory()) throw new FileError('E_FILE', `${file}: this is a folder; name a file in it`);
  if (stats?.isFile() === false || /^\/(?:dev\/(?:fd\/|std)|proc\/)/.test(path.resolve(file))) {
    throw new FileError('E_FILE', `${file}: no file can take the place of a device or a pipe; name a file`);
  }
}

function statOf(file: string): fs.Stats | undefined {
  try {
    return fs.statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw toFileError(error, file);
  }
}

/** A write may take only a part: a disk that gets full in the middle of it says so at the next one. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    done += fs.writeSync(descriptor, bytes, done, Math.min(bytes.length - done, MOST));
  }
}

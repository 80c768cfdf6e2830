// Files of strangers: read only if they are files, and only up to a size. A device has no end, a pipe waits for ever.
import fs from 'node:fs';
import { FileError, toFileError } from './errors';

/** A descriptor of a regular file. The caller closes it. @throws FileError `E_FILE` for a device, a pipe or a folder */
export function openRegular(file: string): number {
  let descriptor: number;
  try {
    // without O_NONBLOCK the opening of a pipe waits for somebody who writes
    descriptor = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw toFileError(error, file);
  }
  const stats = fs.fstatSync(descriptor);
  if (stats.isFile()) return descriptor;
  fs.closeSync(descriptor);
  const kind = stats.isDirectory() ? 'this is a folder' : 'this is no regular file but a device or a pipe';
  throw new FileError('E_FILE', `${file}: ${kind}; a file was expected`);
}

/**
 * All bytes of a regular file.
 *
 * @param largest Bytes; real files of the kind are far smaller.
 * @throws FileError `E_FILE`, `E_FILE_LARGE`, `E_FILE_MISSING` and its kind
 * @example readLimited('config.json', 1 << 24)
 */
export function readLimited(file: string, largest: number): Buffer {
  const descriptor = openRegular(file);
  try {
    const { size } = fs.fstatSync(descriptor);
    if (size > largest) {
      const problem = `${Math.ceil(size / 1e6)} MB; a file of this kind has at most ${Math.round(largest / 1e6)} MB`;
      throw new FileError('E_FILE_LARGE', `${file}: ${problem}`);
    }
    const bytes = Buffer.alloc(size);
    let done = 0;
    for (let count = -1; done < size && count !== 0; done += count) {
      count = fs.readSync(descriptor, bytes, done, size - done, done);
    }
    return bytes.subarray(0, done);
  } catch (error) {
    throw toFileError(error, file);
  } finally {
    fs.closeSync(descriptor);
  }
}

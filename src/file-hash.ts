// SHA-256 of files.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { toFileError } from './errors';
import { openRegular } from './limited-file';

/** Read at once, in bytes. */
const PART = 1 << 22;

/**
 * SHA-256 of the bytes of files, one after another, in hexadecimal.
 *
 * @throws FileError
 * @example hashFiles('train.json') // '9f86d08…'
 */
export function hashFiles(...files: string[]): string {
  const hash = createHash('sha256');
  for (const file of files) readInto(hash, file);
  return hash.digest('hex');
}

function readInto(hash: ReturnType<typeof createHash>, file: string): void {
  try {
    const descriptor = openRegular(file);
    try {
      const part = Buffer.alloc(PART);
      for (let count = PART; count > 0;) {
        count = fs.readSync(descriptor, part);
        hash.update(part.subarray(0, count));
      }
    } finally {
      fs.closeSync(descriptor);
    }
  } catch (error) {
    throw toFileError(error, file);
  }
}

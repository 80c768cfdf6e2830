// Which weights a folder holds, in one number: what was made from others does not belong to them.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { toFileError } from '../errors';
import { weightFileNames } from './weight-files';

/**
 * SHA-256 of the bytes of the weights, of several files one after another.
 *
 * @throws FileError
 * @example hashWeights('models/mine') // '9f86d08…'
 */
export function hashWeights(folder: string): string {
  const hash = createHash('sha256');
  for (const file of weightFileNames(folder)) hashInto(hash, file);
  return hash.digest('hex');
}

const PART = 1 << 22;

function hashInto(hash: ReturnType<typeof createHash>, file: string): void {
  try {
    const descriptor = fs.openSync(file, 'r');
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

// Whether a file holds the bytes that were promised.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** What a file must hash to: SHA-256 of its bytes, or git's name of it (SHA-1 of `blob SIZE\0` and the bytes). */
export interface Expected {
  sha256?: string;
  gitSha1?: string;
}

/**
 * What the file hashes to where that is not what was expected, else nothing.
 *
 * @example await findMismatch('dev.json', { sha256 }) // undefined
 */
export async function findMismatch(file: string, { sha256, gitSha1 }: Expected): Promise<string | undefined> {
  if (sha256) {
    const found = await hash(file, 'sha256');
    if (found !== sha256.toLowerCase()) return `SHA-256 ${found} instead of ${sha256}`;
  }
  if (gitSha1) {
    const found = await hash(file, 'sha1', `blob ${fs.statSync(file).size}\0`);
    if (found !== gitSha1.toLowerCase()) return `git's SHA-1 ${found} instead of ${gitSha1}`;
  }
  return undefined;
}

async function hash(file: string, algorithm: string, prefix = ''): Promise<string> {
  const sum = createHash(algorithm).update(prefix);
  await pipeline(fs.createReadStream(file, { highWaterMark: 1 << 20 }), sum);
  return sum.digest('hex');
}

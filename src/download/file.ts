// One file over HTTP: in chunks, resumed where it stopped, checked, and in its place only when whole.
import fs from 'node:fs';
import path from 'node:path';
import { toFileError } from '../errors';
import { shown } from './address';
import { DownloadError } from './errors';
import { type Expected, findMismatch } from './hash';
import { withLock } from './lock';
import { Part } from './part';
import { retry } from './retry';
import { type TransferOptions, transfer } from './transfer';
import { makeFolder } from '../make-folder';

export interface FetchOptions extends TransferOptions, Expected {
  /** Before the second try, in milliseconds; doubled before each further one. */
  backoff?: number;
  /** The folder that says that a process is at it; `TARGET.lock` unless told. */
  lock?: string;
}

/**
 * Downloads `url` to `target` unless it is there. A cut connection goes on where it stopped, in this call or the next; of
 * several processes one fetches and the others wait for it.
 *
 * @returns false when it was there already, and nobody was asked
 * @throws DownloadError; FileError (what came is kept); the signal's reason
 * @example await fetchFile(url, 'data/squad/dev-v2.0.json', { sha256 })
 */
export async function fetchFile(url: string, target: string, options: FetchOptions = {}): Promise<boolean> {
  try {
    if (fs.existsSync(target)) {
      await checkExisting(target, options);
      return false;
    }
    makeFolder(path.dirname(target));
    await withLock(options.lock ?? `${target}.lock`, options.signal, async (signal) => {
      if (!fs.existsSync(target)) await download(url, target, { ...options, signal });
    });
    return true;
  } catch (error) {
    throw toFileError(error, target);
  }
}

/** A file that is there is never written over. */
async function checkExisting(target: string, expected: Expected): Promise<void> {
  if (fs.statSync(target).isDirectory()) {
    throw new DownloadError('E_DOWNLOAD', `${target}: a folder has the name of the file; move it away and try again`);
  }
  const mismatch = await findMismatch(target, expected);
  if (!mismatch) return;
  throw new DownloadError('E_DOWNLOAD_HASH', `${target}: it is there, but has ${mismatch}; move it away and try again`);
}

async function download(url: string, target: string, options: FetchOptions): Promise<void> {
  const part = new Part(target);
  try {
    await complete(url, part, options);
  } finally {
    if (part.size === 0 || part.tag === undefined) part.discard(); // no other try could go on with it
  }
}

async function complete(url: string, part: Part, options: FetchOptions): Promise<void> {
  const progress = () => part.size;
  for (;;) {
    const resumed = part.size > 0;
    await retry(url, () => transfer(url, part, options), { ...options, progress });
    const mismatch = await findMismatch(part.file, options);
    if (!mismatch) return await part.finish();
    part.discard();
    if (resumed) continue; // the bytes of the earlier run may be to blame
    throw new DownloadError('E_DOWNLOAD_HASH', `${shown(url)}: ${mismatch}; the file was deleted, try again`);
  }
}

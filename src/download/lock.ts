// One process at a time fetches a file; the others wait and then find it there.
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { DownloadError } from './errors';
import { makeFolder } from '../make-folder';

/** After so many milliseconds without a sign of life, as after a kill, a lock counts as left behind. */
const STALE = 5_000;
const POLL = 100;

/**
 * Runs `work` while this process alone holds the folder `name`. The signal given to `work` is set when another process took the
 * lock over, which happens to a process that was stopped for more than five seconds.
 *
 * @throws DownloadError `E_DOWNLOAD_LOCK`; the signal's reason; what `work` throws
 */
export async function withLock<T>(
  name: string,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  makeFolder(path.dirname(name));
  const lost = new AbortController();
  const message = `${name}: this download stood still, and another process went on with it; run the same command again`;
  const onCompromised = () => lost.abort(new DownloadError('E_DOWNLOAD_LOCK', message));
  const release = await acquire(name, onCompromised, signal);
  const stop = () => lost.abort(signal?.reason);
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop(); // while the lock was taken
  try {
    return await work(lost.signal);
  } finally {
    signal?.removeEventListener('abort', stop);
    await release().catch(() => undefined); // lost: it is the other's now
  }
}

async function acquire(name: string, onCompromised: () => void, signal?: AbortSignal): Promise<() => Promise<void>> {
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await lock(name, { lockfilePath: name, realpath: false, stale: STALE, onCompromised });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
    }
    await sleep(POLL, undefined, { signal });
  }
}

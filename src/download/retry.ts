// Tries again what a busy server or a cut connection broke, and leaves the server time.
import { setTimeout as sleep } from 'node:timers/promises';
import { shown } from './address';
import { DownloadError, Temporary } from './errors';

export interface RetryOptions {
  signal?: AbortSignal;
  /** Before the second try, in milliseconds; doubled before each further one, 30 seconds at most. */
  backoff?: number;
  /** Bytes there are; a try that adds to the most there ever were does not count as failed. */
  progress?: () => number;
  /** Failures in a row that end it; 5 unless told. */
  tries?: number;
}

const TRIES = 5;
const LONGEST_BACKOFF = 30_000;
/** A server that asks for more than this is left alone. */
const LONGEST_WAIT = 120_000;

/**
 * Runs `work` until it ends without a {@link Temporary} failure.
 *
 * @throws DownloadError with the failure's code, after five tries that brought nothing or when the server asks for more than
 * two minutes
 * @example await retry(url, () => transfer(url))
 */
export async function retry<T>(url: string, work: () => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { signal, progress = () => 0 } = options;
  let most = progress();
  for (let failed = 1; ; failed++) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Temporary)) throw error;
      if (progress() > most) [most, failed] = [progress(), 1];
      await sleep(pauseAfter(url, error, failed, options), undefined, { signal });
    }
  }
}

/** How long to wait; throws where waiting is no use. */
function pauseAfter(url: string, error: Temporary, failed: number, { backoff = 1000, tries = TRIES }: RetryOptions) {
  if (failed >= tries)
    throw new DownloadError(error.code, `${shown(url)}: ${error.message} (${tries} tries); try again later`);
  const pause = error.wait ?? growing(backoff, failed);
  if (pause <= LONGEST_WAIT) return pause;
  const minutes = Math.ceil(pause / 60_000);
  throw new DownloadError(
    error.code,
    `${shown(url)}: ${error.message} and asks for ${minutes} minutes; try again after that`,
  );
}

/** Doubled with each failure, and never the same for all machines of a room. */
const growing = (backoff: number, failed: number) =>
  Math.min(LONGEST_BACKOFF, backoff * 2 ** (failed - 1)) * (0.5 + Math.random() / 2);

/**
 * `Retry-After` in milliseconds: seconds, or a date (RFC 9110, 10.2.3). Nothing for anything else.
 *
 * @example retryAfter('2') // 2000
 */
export function retryAfter(value: string | null, now = Date.now()): number | undefined {
  if (!value) return undefined;
  const pause = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(pause) ? undefined : Math.max(0, pause);
}

// One request for a file, gone on with where the part on disk ends when the server's file is still the same.
import type { Response } from 'undici';
import type { Connection } from './connection';
import { Temporary } from './errors';
import type { Part } from './part';
import { checkStatus } from './status';

export interface TransferOptions {
  /** Sent to the first server, and `authorization` to no other. */
  headers?: Record<string, string>;
  /** Called with the bytes there are and the bytes there will be (0 when the server does not say). */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/**
 * Fetches what `part` lacks.
 *
 * @throws Temporary when another try may help; DownloadError; the system's error when the disk fails
 */
export async function transfer(
  connection: Connection,
  url: string,
  part: Part,
  { headers, signal, onProgress }: TransferOptions,
): Promise<void> {
  const { size, tag } = part;
  const response = await connection.request(url, { headers: { ...headers, ...rangeOf(size, tag) }, signal });
  if (!response.ok) await response.body?.cancel();
  if (isWhole(response, size)) return;
  if (!fits(response, size, tag)) await startOver(response, part, 'the part on disk does not fit the file any more');
  checkStatus(url, response);
  if (response.status !== 206 || size === 0) part.restart(strongTag(response));
  const total = expectedSize(response, part.size);
  if (!part.expect(total)) await startOver(response, part, 'the server says another length than before');
  if (response.body) await part.append(response.body, (done) => onProgress?.(done, total));
  if (total > 0 && part.size !== total) throw new Temporary('E_DOWNLOAD_NETWORK', 'the connection was cut');
}

/** What to ask for: the rest, if it is still of this version. */
function rangeOf(size: number, tag?: string): Record<string, string> {
  return size > 0 && tag ? { range: `bytes=${size}-`, 'if-range': tag } : {};
}

async function startOver(response: Response, part: Part, why: string): Promise<never> {
  await response.body?.cancel();
  part.discard();
  throw new Temporary('E_DOWNLOAD', why, 0);
}

/** A part that was complete when its process was killed: the server has nothing beyond it. */
function isWhole({ status, headers }: Response, size: number): boolean {
  return status === 416 && size > 0 && headers.get('content-range') === `bytes */${size}`;
}

/** Whether the bytes of an answer to a range begin where ours end, and are of the same version. */
function fits({ status, headers }: Response, size: number, tag?: string): boolean {
  if (status !== 206) return status !== 416;
  const found = headers.get('etag');
  return (
    !!headers.get('content-range')?.startsWith(`bytes ${size}-`) && (size === 0 || found === null || found === tag)
  );
}

/** The tag of these very bytes; a weak one (RFC 9110, 8.8.1) or that of a compressed answer is none. */
function strongTag({ headers }: Response): string | undefined {
  const tag = headers.get('etag');
  return tag && !tag.startsWith('W/') && !headers.has('content-encoding') ? tag : undefined;
}

/** Of the whole file: a range may end before the one that was asked for (RFC 9110, 15.3.7). 0 when nobody says. */
function expectedSize({ status, headers }: Response, from: number): number {
  if (headers.has('content-encoding')) return 0; // the length is that of the compressed bytes
  const [, total] = (status === 206 && /\/(\d+)$/.exec(headers.get('content-range') ?? '')) || [];
  if (total !== undefined) return Number(total);
  const length = headers.get('content-length');
  return length === null ? 0 : from + Number(length);
}

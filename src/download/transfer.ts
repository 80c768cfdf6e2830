// One request for a file, gone on with where the part on disk ends when the server's file is still the same.
import { type RequestOptions, request } from './connection';
import { plainBody } from './content';
import { Temporary } from './errors';
import type { Answer } from './http';
import type { Part } from './part';
import { checkRoom, limited } from './room';
import { checkStatus } from './status';

export interface TransferOptions extends Pick<RequestOptions, 'signal' | 'stall'> {
  /** Sent to the first server, and `authorization` to no other. */
  headers?: Record<string, string>;
  /** Called with the bytes there are and the bytes there will be (0 when the server does not say). */
  onProgress?: (done: number, total: number) => void;
  /** Most bytes of a file whose length no server announces; 4 GiB unless told. */
  mostBytes?: number;
}

const MOST_BYTES = 4 * 2 ** 30;

/**
 * Fetches what `part` lacks.
 *
 * @throws Temporary when another try may help; DownloadError; FileError `E_DISK_FULL`; the system's error when the disk fails
 */
export async function transfer(url: string, part: Part, options: TransferOptions): Promise<void> {
  const { size, tag } = part;
  const { headers, signal, stall, onProgress, mostBytes = MOST_BYTES } = options;
  const answer = await request(url, { headers: { ...headers, ...rangeOf(size, tag) }, signal, stall });
  try {
    if (isWhole(answer, size)) return;
    if (!fits(answer, size, tag)) startOver(part, 'the part on disk does not fit the file any more');
    checkStatus(url, answer);
    if (answer.status !== 206 || size === 0) part.restart(strongTag(answer));
    const total = expectedSize(answer, part.size);
    if (total !== undefined) checkRoom(part.file, total - part.size);
    if (!part.expect(total)) startOver(part, 'the server says another length than before');
    const body = plainBody(answer, url);
    const bytes = total === undefined ? limited(body, part.file, { url, from: part.size, most: mostBytes }) : body;
    await part.append(bytes, (done) => onProgress?.(done, total ?? 0), signal);
    checkComplete(answer, part, total);
  } finally {
    answer.body.destroy();
  }
}

function checkComplete({ body }: Answer, part: Part, total?: number): void {
  if (body.complete && (total === undefined || part.size === total)) return;
  if (total !== undefined && part.size > total) startOver(part, 'the server sent more than it had announced');
  throw new Temporary('E_DOWNLOAD_NETWORK', 'the connection was cut');
}

/** What to ask for: the rest, if it is still of this version. */
function rangeOf(size: number, tag?: string): Record<string, string> {
  return size > 0 && tag ? { range: `bytes=${size}-`, 'if-range': tag } : {};
}

function startOver(part: Part, why: string): never {
  part.discard();
  throw new Temporary('E_DOWNLOAD', why, 0);
}

/** A part that was complete when its process was killed: the server has nothing beyond it. */
function isWhole({ status, headers }: Answer, size: number): boolean {
  return status === 416 && size > 0 && headers.get('content-range') === `bytes */${size}`;
}

/** Whether the bytes of an answer to a range begin where ours end, and are of the same version. */
function fits({ status, headers }: Answer, size: number, tag?: string): boolean {
  if (status !== 206) return status !== 416;
  const found = headers.get('etag');
  return (
    !!headers.get('content-range')?.startsWith(`bytes ${size}-`) && (size === 0 || found === null || found === tag)
  );
}

/** The tag of these very bytes; a weak one (RFC 9110, 8.8.1) or that of a compressed answer is none. */
function strongTag({ headers }: Answer): string | undefined {
  const tag = headers.get('etag');
  return tag && !tag.startsWith('W/') && !headers.has('content-encoding') ? tag : undefined;
}

/** Of the whole file: a range may end before the one that was asked for (RFC 9110, 15.3.7). Nothing when nobody says. */
function expectedSize({ status, headers }: Answer, from: number): number | undefined {
  if (headers.has('content-encoding')) return undefined; // the length is that of the compressed bytes
  const [, total] = (status === 206 && /\/(\d+)$/.exec(headers.get('content-range') ?? '')) || [];
  if (total !== undefined) return Number(total);
  const length = headers.get('content-length');
  return length === null ? undefined : from + Number(length);
}

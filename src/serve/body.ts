// A request's body: its size is limited while it arrives, and it is JSON in UTF-8.
import type http from 'node:http';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { notJson } from '../json-file';
import { quoted } from '../printable';
import { repeatedKeys } from '../repeated-keys';
import { RequestError } from './errors';

/** What is too large is read to its end and thrown away, so that the client hears why; beyond this it is cut off. */
const MOST_DISCARDED = 64 * 2 ** 20;

/**
 * Reads a body of at most `limit` bytes as JSON.
 *
 * @throws RequestError 413 `E_TOO_LARGE`, 415 `E_MEDIA_TYPE` (also for a packing that is not known), 400 `E_JSON`.
 */
export async function readJson(request: http.IncomingMessage, limit: number): Promise<unknown> {
  const tooLarge = new RequestError(413, 'E_TOO_LARGE', `the body has more than ${limit} bytes; send a shorter text`, {
    Connection: 'close',
  });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else chunks.length = 0;
    if (size > MOST_DISCARDED) throw tooLarge;
  }
  if (size > limit) throw tooLarge;
  // no page of another site can send this type without asking first
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new RequestError(415, 'E_MEDIA_TYPE', 'the body must be JSON; send Content-Type: application/json');
  }
  return parse(await unpacked(Buffer.concat(chunks), request.headers['content-encoding'], limit, tooLarge));
}

type Unpack = (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;
const UNPACK: Record<string, Unpack> = {
  gzip: promisify<Buffer, { maxOutputLength: number }, Buffer>(zlib.gunzip),
  deflate: promisify<Buffer, { maxOutputLength: number }, Buffer>(zlib.inflate),
  br: promisify<Buffer, { maxOutputLength: number }, Buffer>(zlib.brotliDecompress),
};

/** The limit is for what is inside: a small body may grow a thousand times. */
async function unpacked(bytes: Buffer, header: string | undefined, limit: number, tooLarge: Error): Promise<Buffer> {
  const name = (header ?? 'identity').trim().toLowerCase().replace(/^x-/, '');
  if (name === 'identity' || name === '') return bytes;
  if (!Object.hasOwn(UNPACK, name)) {
    const problem = `the body has the Content-Encoding ${quoted(name)}`;
    throw new RequestError(
      415,
      'E_MEDIA_TYPE',
      `${problem}; send it as it is, or as one of ${Object.keys(UNPACK).join(', ')}`,
    );
  }
  try {
    return await UNPACK[name](bytes, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge;
    throw new RequestError(400, 'E_JSON', `the body is not in ${name}, as its Content-Encoding says; send it as it is`);
  }
}

/** Reads a body to its end and throws it away. */
export async function discardBody(request: http.IncomingMessage): Promise<void> {
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_DISCARDED) return;
  }
}

function parse(bytes: Buffer): unknown {
  const refused = (problem: string) => new RequestError(400, 'E_JSON', `the body ${problem}; send a JSON object`);
  if (bytes.length === 0) throw refused('is empty');
  const text = textOf(bytes);
  if (text === undefined) throw refused('is not in UTF-8');
  if (text.trim() === '') throw refused('is empty');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refused(`is ${notJson(text, error)}`);
  }
  // which of two texts was meant nobody knows
  const [repeated] = repeatedKeys(text);
  if (repeated) throw refused(`has ${quoted(repeated.key)} twice`);
  return value;
}

function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

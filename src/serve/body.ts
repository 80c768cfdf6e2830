// A request's body: its size is limited while it arrives, and it is JSON in UTF-8.
import type http from 'node:http';
import { RequestError } from './errors';

/** What is too large is read to its end and thrown away, so that the client hears why; beyond this it is cut off. */
const MOST_DISCARDED = 64 * 2 ** 20;

/**
 * Reads a body of at most `limit` bytes as JSON.
 *
 * @throws RequestError 413 `E_TOO_LARGE`, 415 `E_MEDIA_TYPE`, 400 `E_JSON`.
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
  return parse(Buffer.concat(chunks));
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
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new RequestError(
      400,
      'E_JSON',
      `the body is not valid JSON in UTF-8 (${(error as Error).message}); send a JSON object`,
    );
  }
}

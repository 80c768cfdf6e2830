// `fetch` over our own client, for libraries that take one: proxies of the environment, no redirects, no global state.
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { exchange } from './http';

/** Statuses whose answers have no body (fetch.spec.whatwg.org, null body status). */
const BODILESS = new Set([101, 103, 204, 205, 304]);

/**
 * One request, with a body of text, bytes, a blob or a stream.
 *
 * @throws the system's error; the signal's reason
 * @example await (await fetchOnce(new URL('https://host/api'), { method: 'POST', body: '{}' })).json()
 */
export async function fetchOnce(url: URL, init: RequestInit = {}): Promise<Response> {
  const { method, body, signal } = init;
  signal?.throwIfAborted();
  const headers = Object.fromEntries(new Headers(init.headers));
  const sent = await exchange(url, { method, headers: { ...headers, ...lengthOf(body) }, ...content(body), signal: signal ?? undefined }); // prettier-ignore
  const { status, statusText, headers: received } = sent;
  if (BODILESS.has(status) || method === 'HEAD') {
    sent.body.resume();
    return new Response(null, { status, statusText, headers: received });
  }
  return new Response(Readable.toWeb(sent.body) as unknown as BodyInit, { status, statusText, headers: received });
}

function lengthOf(body: RequestInit['body']): Record<string, string> {
  return body instanceof Blob ? { 'content-length': String(body.size) } : {};
}

function content(body: RequestInit['body']): { body?: string | Uint8Array | Readable } {
  if (body === null || body === undefined) return {};
  if (typeof body === 'string' || body instanceof Uint8Array) return { body };
  if (body instanceof ArrayBuffer) return { body: new Uint8Array(body) };
  const stream = body instanceof Blob ? body.stream() : body;
  return { body: Readable.fromWeb(stream as unknown as ReadableStream) };
}

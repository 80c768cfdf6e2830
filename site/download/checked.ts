// Files that the browser fetches: checked by their hashes, and kept in its cache, so that a reload asks nobody.
import { createHash } from 'node:crypto';
import { DownloadError } from '../../src/download/errors';
import type { Expected } from '../../src/download/hash';

const CACHE = 'spanlab-downloads';

export interface CheckedOptions extends Expected {
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Called with the bytes there are and those there will be (0 where nobody says). */
  onProgress?: (done: number, total: number) => void;
}

/**
 * The bytes of an address, from the cache where they are there.
 *
 * @throws DownloadError `E_DOWNLOAD_HASH`, `E_DOWNLOAD_NETWORK`, `E_DOWNLOAD_MISSING`, `E_DOWNLOAD_AUTH`, `E_DOWNLOAD`; the signal's reason
 */
export async function fetchChecked(address: string, options: CheckedOptions): Promise<Buffer> {
  const { sha256, gitSha1 } = options;
  // pages without https have none
  const cache = (globalThis as { caches?: CacheStorage }).caches && (await caches.open(CACHE));
  const key = `${address}?${sha256 ?? gitSha1 ?? ''}`;
  const kept = await cache?.match(key);
  const bytes = kept ? Buffer.from(await kept.arrayBuffer()) : await read(await ask(address, options), options);
  if (!isAsPromised(bytes, options)) {
    await cache?.delete(key);
    throw new DownloadError(
      'E_DOWNLOAD_HASH',
      `${address}: other bytes than promised came; reload the page, and try again`,
    );
  }
  // a full store must not keep a model from being used
  if (!kept) await cache?.put(key, new Response(new Uint8Array(bytes))).catch(() => undefined);
  return bytes;
}

/** An answer that is well. @throws DownloadError; the signal's reason */
export async function ask(address: string, { headers, signal }: CheckedOptions = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, { headers, signal });
  } catch (error) {
    signal?.throwIfAborted();
    const why = `${(error as Error).message}; check the network: a browser does not say more`;
    throw new DownloadError('E_DOWNLOAD_NETWORK', `${address}: ${why}`, { cause: error });
  }
  if (response.ok) return response;
  const code = { 401: 'E_DOWNLOAD_AUTH', 403: 'E_DOWNLOAD_DENIED', 404: 'E_DOWNLOAD_MISSING' }[response.status];
  throw new DownloadError(code ?? 'E_DOWNLOAD', `${address}: the server answers ${response.status}`);
}

async function read(response: Response, { onProgress, signal }: CheckedOptions): Promise<Buffer> {
  const total = Number(response.headers.get('content-length') ?? 0);
  const chunks: Uint8Array[] = [];
  let done = 0;
  const reader = response.body!.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    signal?.throwIfAborted();
    chunks.push(next.value);
    onProgress?.((done += next.value.length), total);
  }
  return Buffer.concat(chunks);
}

function isAsPromised(bytes: Buffer, { sha256, gitSha1 }: Expected): boolean {
  if (sha256) return createHash('sha256').update(bytes).digest('hex') === sha256;
  if (!gitSha1) return true;
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex') === gitSha1;
}

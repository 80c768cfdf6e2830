// The workshop's encoder in a browser: files of the site, checked by their hashes and kept in the browser's cache. Its weights are
// float16 there, half of the bytes.
import fs from 'node:fs';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { ModelError } from '../../src/model/errors';
import { cacheFolder } from '../../src/root';
import { DownloadProgress } from '../../src/show/download';
import { siteUrl } from '../kernel/place';

export const WORKSHOP_ENCODER = 'sentence-transformers/all-MiniLM-L6-v2';
const CACHE = 'spanlab-encoder';

/** Bytes and SHA-256 of each file. */
type Files = Record<string, { size: number; sha256: string }>;

/**
 * The folder of the encoder in the files of the worker, fetched on the first call.
 *
 * @throws ModelError `E_MODEL_FETCH` when the site does not have it, or has it otherwise than it says.
 */
export async function ensureWorkshopEncoder(): Promise<string> {
  const folder = cacheFolder('models', 'all-MiniLM-L6-v2');
  if (fs.existsSync(path.join(folder, 'model.safetensors'))) return folder;
  const files = (await (await take('encoder/files.json')).json()) as Files;
  fs.mkdirSync(folder, { recursive: true });
  const progress = new DownloadProgress(process.stderr);
  for (const [name, { size, sha256 }] of Object.entries(files)) {
    const bytes = await fetchChecked(`encoder/${name}`, sha256, (done) => progress.update(done, size));
    fs.writeFileSync(path.join(folder, name), bytes);
  }
  progress.finish();
  return folder;
}

/** From the cache where it is there, by its hash; else from the site. */
async function fetchChecked(name: string, sha256: string, onBytes: (done: number) => void): Promise<Buffer> {
  // pages without https have none
  const cache = (globalThis as { caches?: CacheStorage }).caches && (await caches.open(CACHE));
  const key = `${siteUrl(name)}?${sha256}`;
  const kept = await cache?.match(key);
  const bytes = kept ? Buffer.from(await kept.arrayBuffer()) : await read(await take(name), onBytes);
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
    await cache?.delete(key);
    throw new ModelError(
      'E_MODEL_FETCH',
      `${name} of this site is not what it should be; reload the page, or build the site anew`,
    );
  }
  if (!kept) await cache?.put(key, new Response(new Uint8Array(bytes)));
  return bytes;
}

async function read(response: Response, onBytes: (done: number) => void): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let done = 0;
  const reader = response.body!.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    chunks.push(next.value);
    onBytes((done += next.value.length));
  }
  return Buffer.concat(chunks);
}

async function take(name: string): Promise<Response> {
  const response = await fetch(siteUrl(name));
  if (response.ok) return response;
  throw new ModelError(
    'E_MODEL_FETCH',
    `${name}: the site answers ${response.status}; it was built without the encoder`,
  );
}

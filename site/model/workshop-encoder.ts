// The workshop's encoder in a browser: files of the site, checked by their hashes and kept in the browser's cache. Its weights are
// float16 there, half of the bytes.
import fs from 'node:fs';
import path from 'node:path';
import { SpanlabError } from '../../src/errors';
import { ModelError } from '../../src/model/errors';
import { cacheFolder } from '../../src/root';
import { DownloadProgress } from '../../src/show/download';
import { ask, fetchChecked } from '../download/checked';
import { siteUrl } from '../kernel/place';

export const WORKSHOP_ENCODER = 'sentence-transformers/all-MiniLM-L6-v2';

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
  const progress = new DownloadProgress(process.stderr);
  try {
    const files = (await (await ask(siteUrl('encoder/files.json'))).json()) as Files;
    fs.mkdirSync(folder, { recursive: true });
    for (const [name, { size, sha256 }] of Object.entries(files)) {
      const onProgress = (done: number) => progress.update(done, size);
      fs.writeFileSync(path.join(folder, name), await fetchChecked(siteUrl(`encoder/${name}`), { sha256, onProgress }));
    }
  } catch (error) {
    if (!(error instanceof SpanlabError)) throw error;
    const advice = 'reload the page, or build the site anew';
    throw new ModelError('E_MODEL_FETCH', `the site does not give its encoder: ${error.message}; ${advice}`, { cause: error }); // prettier-ignore
  } finally {
    progress.finish();
  }
  return folder;
}

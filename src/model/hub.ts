// The files of a model of the Hugging Face hub, together in one folder of the shared cache.
import path from 'node:path';
import { SpanlabError } from '../errors';
import type { DownloadError } from '../download/errors';
import { HubCache } from '../download/hub-cache';
import type { HubOptions } from '../download/hub-file';
import { fetchHubFile } from '../download/hub-file';
import type { Repository } from '../download/hub-repository';
import { ModelError } from './errors';

const REQUIRED = ['config.json', 'tokenizer_config.json', 'model.safetensors'];
const OPTIONAL = ['tokenizer.json', 'vocab.txt', 'special_tokens_map.json'];

/**
 * The folder of a model that is in the cache, whoever put it there: the branch as it was when it was last asked for.
 *
 * @example findModel({ kind: 'model', name: 'distilbert-base-uncased', revision: 'main' })
 */
export function findModel(repository: Repository): string | undefined {
  const cache = new HubCache(repository);
  const commit = cache.commit();
  if (commit === undefined || !REQUIRED.every((file) => cache.find(file, commit))) return undefined;
  return cache.snapshot(commit);
}

/**
 * Fetches what is new of a model, and returns its folder.
 *
 * @throws ModelError `E_MODEL_UNKNOWN` when the hub has no such model; `E_MODEL_OFFLINE`; `E_MODEL_FETCH` when it cannot be
 * reached; the signal's reason
 * @example await fetchModel({ kind: 'model', name: 'distilbert-base-uncased', revision: 'main' })
 */
export async function fetchModel(repository: Repository, options: HubOptions = {}): Promise<string> {
  try {
    const { path: config, commit } = await fetchHubFile(repository, REQUIRED[0], options);
    const pinned = { ...repository, revision: commit }; // all files of one commit
    for (const file of REQUIRED.slice(1)) await fetchHubFile(pinned, file, options);
    for (const file of OPTIONAL) await fetchOptional(pinned, file, options);
    return path.dirname(config);
  } catch (error) {
    throw describe(repository.name, error as Error);
  }
}

async function fetchOptional(pinned: Repository, file: string, options: HubOptions): Promise<void> {
  if (new HubCache(pinned).isKnownMissing(file, pinned.revision)) return;
  try {
    await fetchHubFile(pinned, file, options);
  } catch (error) {
    const { code } = error as DownloadError;
    if (code !== 'E_DOWNLOAD_MISSING' && code !== 'E_DOWNLOAD_OFFLINE') throw error;
  }
}

function describe(name: string, error: Error): Error {
  if (!(error instanceof SpanlabError)) return error;
  const options = { cause: error };
  switch (error.code) {
    case 'E_DOWNLOAD_OFFLINE':
      return new ModelError('E_MODEL_OFFLINE', error.message, options);
    case 'E_DOWNLOAD_AUTH': // what the hub answers to strangers who ask for what is not there
    case 'E_DOWNLOAD_MISSING':
      return new ModelError(
        'E_MODEL_UNKNOWN',
        `${name}: neither a folder nor a model that we can use: ${error.message}`,
        options,
      );
    default:
      return new ModelError(
        'E_MODEL_FETCH',
        `${name}: no such folder, and the hub could not give it: ${error.message}`,
        options,
      );
  }
}

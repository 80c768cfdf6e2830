// The files of a model of the Hugging Face hub, together in one folder of the shared cache.
import path from 'node:path';
import { SpanlabError } from '../errors';
import { DownloadError } from '../download/errors';
import { HubCache } from '../download/hub-cache';
import { type HubOptions, fetchHubFile } from '../download/hub-file';
import type { Repository } from '../download/hub-repository';
import { readJsonObject } from '../json-file';
import { quoted } from '../printable';
import { ModelError } from './errors';

const REQUIRED = ['config.json', 'tokenizer_config.json'];
/** Bytes: a hundred thousand names. */
const LARGEST_INDEX = 1 << 24;
/** Where the weights may be, best first: in one file, in several that an index lists. */
const WHOLE = ['model.safetensors', 'pytorch_model.bin'];
const INDEXES = ['model.safetensors.index.json', 'pytorch_model.bin.index.json'];
const WEIGHTS = [WHOLE[0], INDEXES[0], WHOLE[1], INDEXES[1]];
/** What tokenizers of all kinds are made of. */
const OPTIONAL = [
  'tokenizer.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.txt', // WordPiece
  'vocab.json', // byte-level BPE
  'merges.txt',
];
/** Those of SentencePiece, which only a folder without tokenizer.json needs. */
const SENTENCE_PIECE = ['spm.model', 'sentencepiece.bpe.model', 'spiece.model', 'sentencepiece.model'];

/**
 * The folder of a model that is in the cache, whoever put it there: the branch as it was when it was last asked for.
 *
 * @example findModel({ kind: 'model', name: 'distilbert-base-uncased', revision: 'main' })
 */
export function findModel(repository: Repository): string | undefined {
  const cache = new HubCache(repository);
  const commit = cache.commit();
  if (commit === undefined || !REQUIRED.every((file) => cache.find(file, commit))) return undefined;
  const has = (file: string): boolean => {
    const found = cache.find(file, commit);
    return found !== undefined && (!INDEXES.includes(file) || shardsOf(found).every(has));
  };
  return WEIGHTS.some(has) ? cache.snapshot(commit) : undefined;
}

/**
 * Fetches what is new of a model, and returns its folder.
 *
 * @throws ModelError `E_MODEL_UNKNOWN` when the hub has no such model, or no weights in a form that we read; `E_MODEL_OFFLINE`;
 * `E_MODEL_FETCH` when it cannot be reached; the signal's reason
 * @example await fetchModel({ kind: 'model', name: 'distilbert-base-uncased', revision: 'main' })
 */
export async function fetchModel(repository: Repository, options: HubOptions = {}): Promise<string> {
  try {
    const { path: config, commit } = await fetchHubFile(repository, REQUIRED[0], options);
    const pinned = { ...repository, revision: commit }; // all files of one commit
    for (const file of REQUIRED.slice(1)) await fetchHubFile(pinned, file, options);
    await fetchWeights(pinned, options);
    for (const file of OPTIONAL) await fetchOptional(pinned, file, options);
    if (!new HubCache(pinned).find('tokenizer.json', commit)) {
      for (const file of SENTENCE_PIECE) await fetchOptional(pinned, file, options);
    }
    return path.dirname(config);
  } catch (error) {
    throw describe(repository.name, error as Error);
  }
}

/** The first form of the weights that the repository has, all files of it. */
async function fetchWeights(pinned: Repository, options: HubOptions): Promise<void> {
  const fetched = await fetchFirst(pinned, options);
  for (const shard of INDEXES.includes(path.basename(fetched)) ? shardsOf(fetched) : []) {
    try {
      await fetchHubFile(pinned, shard, options);
    } catch (error) {
      throw ofIndex(error, pinned, shard, path.basename(fetched));
    }
  }
}

async function fetchFirst(pinned: Repository, options: HubOptions): Promise<string> {
  const cache = new HubCache(pinned);
  // of a commit whose index is here, that is the form
  const [here, others] = [true, false].map((isHere) => WEIGHTS.filter((file) => (cache.find(file) !== undefined) === isHere));
  const forms = [...here, ...others];
  const last = forms.pop()!;
  for (const file of forms) {
    if (cache.isKnownMissing(file, pinned.revision)) continue;
    try {
      return (await fetchHubFile(pinned, file, options)).path;
    } catch (error) {
      if ((error as DownloadError).code !== 'E_DOWNLOAD_MISSING') throw error;
    }
  }
  return (await fetchHubFile(pinned, last, options)).path;
} // prettier-ignore

/** A file that an index names and that cannot be had: another form of the weights would be taken for what it is not. */
function ofIndex(error: unknown, { name }: Repository, shard: string, index: string): unknown {
  if (!(error instanceof SpanlabError)) return error;
  if (error.code === 'E_DOWNLOAD_MISSING') {
    const problem = `${index} names ${quoted(shard)}, which is not there (${error.message.replace(/; check the name$/, '')})`;
    const advice = 'the model is not whole on the hub: tell its owner, or name another revision (owner/name@revision)';
    return new ModelError('E_MODEL_WEIGHTS', `${name}: ${problem}; ${advice}`, { cause: error });
  }
  return error.code === 'E_DOWNLOAD_OFFLINE' ? new DownloadError(error.code, `${error.message} (${index} names it)`, { cause: error }) : error; // prettier-ignore
}

/** The files that an index of weights lists; nothing that lies elsewhere. */
function shardsOf(index: string): string[] {
  const { weight_map: map } = readJsonObject(
    index,
    LARGEST_INDEX,
    (problem) => new ModelError('E_MODEL_WEIGHTS', problem),
  );
  const names = [...new Set(Object.values(map ?? {}))];
  return names.filter((name): name is string => typeof name === 'string' && path.basename(name) === name);
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
  if (!(error instanceof SpanlabError) || error instanceof ModelError) return error;
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

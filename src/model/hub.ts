// Model files from the Hugging Face hub, or a mirror of it.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cacheFolder } from '../root';
import { fetchFile } from '../squad/fetch-file';
import { ModelError } from './errors';

const REQUIRED = ['config.json', 'tokenizer_config.json', 'model.safetensors'];
const OPTIONAL = ['tokenizer.json', 'vocab.txt', 'special_tokens_map.json'];

/** `HF_ENDPOINT` names another hub; `HF_HUB_OFFLINE=1` forbids the network. */
function endpoint(): string {
  return (process.env.HF_ENDPOINT ?? 'https://huggingface.co').replace(/\/+$/, '');
}

/** Who asks: `HF_TOKEN`, or the token that `hf auth login` left. */
function authorization(): Record<string, string> {
  const file = path.join(process.env.HF_HOME ?? path.join(os.homedir(), '.cache', 'huggingface'), 'token');
  const token = process.env.HF_TOKEN ?? (fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim() : '');
  return token ? { authorization: `Bearer ${token}` } : {};
}

/**
 * Fetches `files` of a repository into `folder`.
 *
 * @throws ModelError `E_MODEL_OFFLINE`; SquadError `E_DOWNLOAD`
 */
export async function fetchModelFiles(
  repository: string,
  revision: string,
  files: string[],
  folder: string,
): Promise<void> {
  if (process.env.HF_HUB_OFFLINE === '1') {
    throw new ModelError(
      'E_MODEL_OFFLINE',
      `${repository} is not on this machine and HF_HUB_OFFLINE is set; unset it once`,
    );
  }
  for (const file of files) {
    const url = `${endpoint()}/${repository}/resolve/${revision}/${file}`;
    await fetchFile(url, path.join(folder, file), { headers: authorization() });
  }
}

/**
 * The folder of a model of the hub, fetched on the first call.
 *
 * @throws ModelError `E_MODEL_UNKNOWN` when the hub has no such model; `E_MODEL_FETCH` when it cannot be reached.
 * @example await fetchModel('distilbert-base-uncased')
 */
export async function fetchModel(name: string): Promise<string> {
  const folder = cacheFolder('models', name.replace('/', '--'));
  if (REQUIRED.every((file) => fs.existsSync(path.join(folder, file)))) return folder;
  try {
    await fetchModelFiles(name, 'main', REQUIRED, folder);
  } catch (error) {
    throw describe(name, error as Error);
  }
  for (const file of OPTIONAL) await fetchModelFiles(name, 'main', [file], folder).catch(ignoreMissing);
  return folder;
}

function describe(name: string, error: Error): Error {
  if (error instanceof ModelError) return error;
  if (/answered (401|404)/.test(error.message)) {
    return new ModelError('E_MODEL_UNKNOWN', `${name}: neither a folder nor a model of the hub; check the name`);
  }
  return new ModelError('E_MODEL_FETCH', `${name}: no such folder, and the hub could not give it: ${error.message}`);
}

function ignoreMissing(error: Error): void {
  if (!/answered 404/.test(error.message)) throw error;
}

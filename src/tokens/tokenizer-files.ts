// The files of a tokenizer's folder: tokenizer.json, or vocab.txt and what tokenizer_config.json says of it.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toFileError } from '../errors';
import { finishReplacing } from '../staged-folder';
import { TokenError } from './errors';
import { bertTokenizerJson } from './bert-json';
import type { TokenizerConfig, TokenizerJson } from './tokenizer-json';

/** What a tokenizer's folder says. */
export interface TokenizerFiles {
  json: TokenizerJson;
  config: TokenizerConfig;
}

/**
 * Reads a folder that Python's `save_pretrained` or the hub made.
 *
 * @throws {FileError} when there is no tokenizer.json and no vocab.txt
 * @throws {TokenError} `E_TOKENIZER_FILE` when a file is not what its name says
 */
export async function readTokenizerFiles(dir: string): Promise<TokenizerFiles> {
  finishReplacing(dir);
  const map = await readJson<TokenizerConfig>(join(dir, 'special_tokens_map.json'), {});
  const config = { ...map, ...(await readJson<TokenizerConfig>(join(dir, 'tokenizer_config.json'), {})) };
  const path = join(dir, 'tokenizer.json');
  if (!(await exists(path)) && (await exists(join(dir, 'vocab.txt')))) {
    return { json: bertTokenizerJson(await readVocabulary(join(dir, 'vocab.txt')), config), config };
  }
  const json = await readJson<TokenizerJson>(path);
  if (!json.model?.vocab)
    throw new TokenError('E_TOKENIZER_FILE', `${path}: no model.vocab in it; it is not a tokenizer, fetch it again`);
  return { json: { ...json, truncation: null, padding: null, added_tokens: json.added_tokens ?? [] }, config };
}

/** A token a line, numbered from 0. */
async function readVocabulary(path: string): Promise<Record<string, number>> {
  const lines = (await readText(path)).split(/\r\n|\r|\n/);
  if (lines.at(-1) === '') lines.pop();
  return Object.fromEntries(lines.map((token, id) => [token, id]));
}

async function readJson<T extends object>(path: string, absent?: T): Promise<T> {
  if (absent && !(await exists(path))) return absent;
  const text = await readText(path);
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new TokenError('E_TOKENIZER_FILE', `${path}: not JSON (${(error as Error).message}); fetch the file again`);
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw toFileError(error, path);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

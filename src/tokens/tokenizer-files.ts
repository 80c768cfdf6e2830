// The files of a tokenizer's folder, read as Python reads them: what several of them say is settled here, once.
import fs from 'node:fs';
import { join } from 'node:path';
import { FileError } from '../errors';
import { readJsonObject } from '../json-file';
import { printable } from '../printable';
import { finishReplacing } from '../staged-folder';
import { TokenError } from './errors';
import { checkTokenizerJson } from './json-checks';
import { type PythonKind, pythonKind } from './python/classes';
import { effectiveTokenizer } from './python/effective';
import type { TokenizerConfig, TokenizerJson } from './tokenizer-json';
import { type SizeSettings, readVocabulary, vocabularyIn } from './vocabulary-files';

/** What a tokenizer's folder says. */
export interface TokenizerFiles {
  json: TokenizerJson;
  config: TokenizerConfig;
}

/** Bytes. The largest tokenizer.json in use has 35 MB, settings have some kilobytes. */
const LARGEST_TOKENIZER = 128 << 20;
const LARGEST_SETTINGS = 16 << 20;

/**
 * Reads a folder that Python's `save_pretrained` or the hub made: tokenizer.json, or the vocabulary that the folder's class of
 * tokenizer needs, with the settings and added tokens of all files, as Python's `AutoTokenizer` obeys them.
 *
 * @throws {FileError} when there is neither tokenizer.json nor a vocabulary
 * @throws {TokenError} `E_TOKENIZER_FILE` when a file is not what its name says, `E_TOKENIZER_UNSUPPORTED` for a tokenizer that
 * works by other code
 */
export async function readTokenizerFiles(dir: string): Promise<TokenizerFiles> {
  finishReplacing(dir);
  const config: TokenizerConfig = readSettings(dir, 'tokenizer_config.json');
  const map = readSettings(dir, 'special_tokens_map.json');
  const added = readSettings(dir, 'added_tokens.json');
  const model = readSettings(dir, 'config.json');
  const tokenizerClass = config.tokenizer_class ?? model.tokenizer_class;
  const kind = pythonKind({ tokenizerClass, modelType: model.model_type });
  const json = readTokenizerJson(dir);
  const sizes = { rows: model.vocab_size, added: countKeys(added) + countKeys(config.added_tokens_decoder) };
  const found = json ? undefined : findVocabulary(dir, kind, sizes, tokenizerClass);
  const used = json ? kind : found!.kind;
  const extra = found?.special.length ? { extra_special_tokens: found.special } : {};
  const settings = { ...config, ...extra };
  const files = { kind: used, config: settings, map, added, json, vocabulary: found?.vocabulary };
  try {
    return effectiveTokenizer(files);
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    throw new TokenError(error.code, `${dir}: ${error.message}`);
  }
}

function readSettings(dir: string, name: string): Record<string, unknown> {
  const file = join(dir, name);
  if (!fs.existsSync(file)) return {};
  return readJsonObject(file, LARGEST_SETTINGS, (problem) => new TokenError('E_TOKENIZER_FILE', problem));
}

function readTokenizerJson(dir: string): TokenizerJson | undefined {
  const file = join(dir, 'tokenizer.json');
  if (!fs.existsSync(file)) return undefined;
  const content = readJsonObject(file, LARGEST_TOKENIZER, (problem) => new TokenError('E_TOKENIZER_FILE', problem));
  return checkTokenizerJson(content, file);
}

const countKeys = (value: unknown) => (typeof value === 'object' && value !== null ? Object.keys(value).length : 0);

/** The vocabulary, and the kind that it is read as: a folder that says nothing of itself and has a vocab.txt is BERT's. */
function findVocabulary(dir: string, kind: PythonKind, sizes: SizeSettings, named: unknown) {
  const used = kind === 'file' && fs.existsSync(join(dir, 'vocab.txt')) ? 'bert' : kind;
  const found = readVocabulary(dir, used, sizes);
  if (found) return { ...found, kind: used };
  const other = typeof named === 'string' ? vocabularyIn(dir) : undefined;
  const problem =
    other === undefined
      ? 'no such file; a tokenizer needs it, or a vocabulary (vocab.txt, vocab.json, spm.model)'
      : `no such file, and ${other} alone is not read for tokenizer_class ${printable(String(named), 60)}; save the tokenizer in Python (tokenizer.save_pretrained(folder)), which writes it`;
  throw new FileError('E_FILE_MISSING', `${join(dir, 'tokenizer.json')}: ${problem}`);
}

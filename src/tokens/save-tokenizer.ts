// Writes a tokenizer's folder as Python's save_pretrained does, for Python, transformers.js and spanlab to open.
import { join } from 'node:path';
import { toFileError } from '../errors';
import type { TokenizerFiles } from './tokenizer-files';
import { type TokenizerConfig, type TokenizerJson, tokenText } from './tokenizer-json';
import { makeFolder } from '../make-folder';
import { writeAtomically } from '../staged-file';

const SPECIAL_TOKENS = ['cls_token', 'mask_token', 'pad_token', 'sep_token', 'unk_token', 'bos_token', 'eos_token'];

/** Writes tokenizer.json, tokenizer_config.json, special_tokens_map.json and, for WordPiece, vocab.txt into `dir`. */
export async function writeTokenizerFiles(dir: string, { json, config }: TokenizerFiles): Promise<void> {
  const files: [name: string, text: string][] = [
    ['tokenizer.json', toJson({ ...json, model: { ...json.model, exact_scores: undefined } })],
    ['tokenizer_config.json', toJson(config)],
    ['special_tokens_map.json', toJson(specialTokensMap(config))],
  ];
  if (json.model.type === 'WordPiece') files.push(['vocab.txt', vocabularyLines(json)]);
  try {
    makeFolder(dir);
    // a link that is there is replaced: in the hub's cache it leads to bytes that others read
    for (const [name, text] of files) writeAtomically(join(dir, name), text);
  } catch (error) {
    throw toFileError(error, dir);
  }
}

function specialTokensMap(config: TokenizerConfig): Record<string, string> {
  const texts = SPECIAL_TOKENS.map((name) => [name, tokenText(config[name] as string)]);
  return Object.fromEntries(texts.filter(([, text]) => text !== undefined));
}

/** A token a line, in the order of the ids. */
function vocabularyLines({ model }: TokenizerJson): string {
  const tokens = Object.entries(model.vocab).sort(([, a], [, b]) => a - b);
  return tokens.map(([token]) => `${token}\n`).join('');
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

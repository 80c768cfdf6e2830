// What a tokenizer.json asks of BERT's rules, and whether it asks for more than they have.
import { quoted } from '../../printable';
import { TokenError } from '../errors';
import type { AddedTokenJson, TokenizerJson } from '../tokenizer-json';
import type { NormalizerOptions } from './normalize';
import type { WordPieceOptions } from './pieces';

/** @throws {TokenError} `E_TOKENIZER_UNSUPPORTED` */
export function checkSupported(json: TokenizerJson): void {
  const problem = unsupported(json);
  if (problem === undefined) return;
  throw new TokenError(
    'E_TOKENIZER_UNSUPPORTED',
    `tokenizer.json: ${problem} is not supported by the TypeScript tokenizer, which knows BERT's; use the native backend`,
  );
}

/** Whether the TypeScript tokenizer can do all that a tokenizer.json asks for. */
export function isSupported(json: TokenizerJson): boolean {
  return unsupported(json) === undefined;
}

/** What a tokenizer.json asks for beyond BERT's rules. */
function unsupported({
  model,
  normalizer,
  pre_tokenizer: pre,
  added_tokens: added,
}: TokenizerJson): string | undefined {
  if (model.type !== 'WordPiece') return `model ${model.type}`;
  if (normalizer?.type !== 'BertNormalizer') return `normalizer ${normalizer?.type}`;
  if (pre?.type !== 'BertPreTokenizer') return `pre_tokenizer ${pre?.type}`;
  const flagged = added.find(hasFlags);
  return flagged && `added token ${flagged.content} with single_word, lstrip, rstrip or normalized`;
}

function hasFlags({ single_word: singleWord, lstrip, rstrip, normalized }: AddedTokenJson): boolean {
  return singleWord || lstrip || rstrip || normalized;
}

/** @throws {TokenError} `E_TOKENIZER_FILE` */
export function wordPieceOptions({ model }: TokenizerJson, vocab: Map<string, number>): WordPieceOptions {
  const { unk_token: unk = '[UNK]', continuing_subword_prefix: prefix = '##', max_input_chars_per_word: longest = 100 } = model; // prettier-ignore
  const unkId = vocab.get(unk as string);
  if (unkId === undefined) throw malformed(`its vocabulary has no ${quoted(unk)}, which stands for unknown words`);
  if (typeof prefix !== 'string') throw malformed(`continuing_subword_prefix is ${quoted(prefix)}`);
  if (!Number.isSafeInteger(longest)) throw malformed(`max_input_chars_per_word is ${quoted(longest)}`);
  return { vocab, unkId, prefix, maxWordLength: longest as number };
}

function malformed(problem: string): TokenError {
  return new TokenError('E_TOKENIZER_FILE', `tokenizer.json: ${problem}`);
}

/** @param step A `BertNormalizer` of a tokenizer.json. */
export function normalizerOptions(step: Record<string, unknown>): NormalizerOptions {
  const { clean_text: cleanText, handle_chinese_chars: handleChineseChars, strip_accents: strip, lowercase } = step;
  const lowers = lowercase !== false;
  return {
    cleanText: cleanText !== false,
    handleChineseChars: handleChineseChars !== false,
    stripAccents: strip === undefined || strip === null ? lowers : strip === true,
    lowercase: lowers,
  };
}

/** Finds added tokens before anything else happens to a text, the longest first. */
export function toAddedTokens(contents: string[]): RegExp | undefined {
  if (!contents.some((text) => text !== '')) return undefined;
  const escaped = contents
    .filter((text) => text !== '')
    .sort((a, b) => b.length - a.length)
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(escaped.join('|'), 'g');
}

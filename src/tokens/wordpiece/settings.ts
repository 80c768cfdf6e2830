// What a tokenizer.json asks of BERT's rules, and whether it asks for more than they have.
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

export function wordPieceOptions({ model }: TokenizerJson, vocab: Map<string, number>): WordPieceOptions {
  return {
    vocab,
    unkId: vocab.get(model.unk_token as string)!,
    prefix: model.continuing_subword_prefix as string,
    maxWordLength: model.max_input_chars_per_word as number,
  };
}

export function normalizerOptions({ normalizer }: TokenizerJson): NormalizerOptions {
  const {
    clean_text: cleanText,
    handle_chinese_chars: handleChineseChars,
    strip_accents: strip,
    lowercase,
  } = normalizer!;
  return {
    cleanText: cleanText as boolean,
    handleChineseChars: handleChineseChars as boolean,
    stripAccents: (strip ?? lowercase) as boolean,
    lowercase: lowercase as boolean,
  };
}

/** Finds added tokens before anything else happens to a text, the longest first. */
export function toAddedTokens(contents: string[]): RegExp | undefined {
  if (contents.length === 0) return undefined;
  const escaped = [...contents]
    .sort((a, b) => b.length - a.length)
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(escaped.join('|'), 'g');
}

// Chooses what turns texts into tokens: plain TypeScript for BERT's tokenizers, the native package for all others.
import { TokenError } from './errors';
import { nativeTokenizer } from './native';
import type { TextTokenizer } from './text-tokens';
import type { TokenizerJson } from './tokenizer-json';
import { WordPieceTokenizer } from './wordpiece/tokenizer';
import { isSupported } from './wordpiece/settings';

/**
 * `native` is the package `tokenizers` (every tokenizer.json), `typescript` knows BERT's WordPiece only. Where both can,
 * the tokens are the same, and `auto` takes TypeScript: the native package works on all cores, but handing over its
 * offsets, an array a token, costs the event loop more than finding them, and its results are freed in bursts that can
 * hold up a notebook for a quarter of a second.
 */
export type Backend = 'auto' | 'native' | 'typescript';

/**
 * @throws {TokenError} `E_TOKENIZER_NATIVE` when the native package is needed and does not load this tokenizer,
 * `E_TOKENIZER_UNSUPPORTED` when TypeScript was asked for and the tokenizer is not BERT's
 */
export async function loadTextTokenizer(json: TokenizerJson, backend: Backend): Promise<TextTokenizer> {
  if (backend === 'typescript' || (backend === 'auto' && isSupported(json))) return new WordPieceTokenizer(json);
  try {
    return await nativeTokenizer(JSON.stringify(json));
  } catch (cause) {
    const message = `the package tokenizers does not load this tokenizer: ${(cause as Error).message}; a BERT tokenizer works without it (backend typescript)`;
    throw new TokenError('E_TOKENIZER_NATIVE', message, { cause });
  }
}

// Chooses what turns texts into tokens: the native package where it loads, plain TypeScript where not (or when asked).
import { TokenError } from './errors';
import { nativeTokenizer } from './native';
import type { TextTokenizer } from './text-tokens';
import type { TokenizerJson } from './tokenizer-files';
import { WordPieceTokenizer } from './wordpiece/tokenizer';

export type Backend = 'auto' | 'native' | 'typescript';

/**
 * @throws {TokenError} `E_TOKENIZER_NATIVE` when `native` was asked for and does not load this tokenizer,
 * `E_TOKENIZER_UNSUPPORTED` when only TypeScript is left and the tokenizer is not BERT's
 */
export async function loadTextTokenizer(json: TokenizerJson, backend: Backend): Promise<TextTokenizer> {
  if (backend === 'typescript') return new WordPieceTokenizer(json);
  try {
    return await nativeTokenizer(JSON.stringify(json));
  } catch (cause) {
    if (backend === 'auto') return new WordPieceTokenizer(json);
    const message = `the package tokenizers does not load this tokenizer: ${(cause as Error).message}; use backend typescript`;
    throw new TokenError('E_TOKENIZER_NATIVE', message, { cause });
  }
}

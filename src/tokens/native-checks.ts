// What the native package must not be given: it answers some rules by ending the process, which no `catch` can hold.
import { toFinder } from './pipeline/pattern';
import { translatePattern } from './pipeline/pattern-source';
import { CharacterMap } from './pipeline/precompiled';
import { TokenError } from './errors';
import type { TokenizerJson } from './tokenizer-json';

/** Steps of the native package hold patterns of Oniguruma's, which gives up after ten million tries, by a panic. */
const MOST_DEGREE = 1;

/**
 * Looks through every step of a tokenizer.json.
 *
 * @throws TokenError `E_TOKENIZER_PATTERN` for a pattern that may take for ever; `E_TOKENIZER_FILE` for a map of characters that is
 * cut off; `E_TOKENIZER_UNSUPPORTED` for a setting that the package cannot be given
 */
export function checkForNative(json: TokenizerJson): void {
  if (json.split_special_tokens) {
    throw new TokenError(
      'E_TOKENIZER_UNSUPPORTED',
      'split_special_tokens is not supported with this kind of tokenizer',
    );
  }
  const { normalizer, pre_tokenizer: words, post_processor: ends, decoder } = json;
  for (const part of [normalizer, words, ends, decoder]) visit(part);
}

/** A step and the steps within it; the JSON is known not to nest deep. */
function visit(step: unknown): void {
  if (typeof step !== 'object' || step === null) return;
  for (const [name, value] of Object.entries(step)) {
    if (name === 'Regex' && typeof value === 'string') checkPattern(value);
    else if (name === 'precompiled_charsmap') new CharacterMap(value as string).normalize(PROBE);
    else visit(value);
  }
}

function checkPattern(pattern: string): void {
  toFinder(pattern);
  if (translatePattern(pattern).degree <= MOST_DEGREE) return;
  throw new TokenError(
    'E_TOKENIZER_PATTERN',
    'tokenizer.json: a pattern with two repetitions without end may take for ever; write one without, or take the tokenizer from its source',
  );
}

const PROBE = { text: '', starts: new Int32Array(0), ends: new Int32Array(0), from: 0 };

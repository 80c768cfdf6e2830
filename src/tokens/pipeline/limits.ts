// What a tokenizer of a stranger may take of time and memory for one text.
import { TokenError } from '../errors';

/** A text may grow by normalization: one sign can become 18 letters, and no rule needs more for whole texts. */
const GROWTH = 32;
const SPARE = 4096;
/** Far beyond what a text of megabytes takes. */
const LONGEST_MILLISECONDS = 20_000;

/** @throws TokenError `E_TOKENIZER_LIMIT` when a text has become far longer than it was */
export function checkGrowth(length: number, original: number): void {
  if (length <= GROWTH * original + SPARE) return;
  throw new TokenError(
    'E_TOKENIZER_LIMIT',
    `the tokenizer's rules make ${length} characters of ${original}; its tokenizer.json is spoilt`,
  );
}

/** Stops what takes too long between two small steps. */
export class Deadline {
  private readonly end = performance.now() + LONGEST_MILLISECONDS;
  private steps = 0;

  /** @throws TokenError `E_TOKENIZER_LIMIT` */
  check(): void {
    if ((++this.steps & 255) !== 0 || performance.now() < this.end) return;
    throw new TokenError(
      'E_TOKENIZER_LIMIT',
      `a pattern of the tokenizer took more than ${LONGEST_MILLISECONDS / 1000} s for one text; its tokenizer.json is spoilt`,
    );
  }
}

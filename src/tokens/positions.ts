// The lesson's labels: the tokens at an answer's two ends, found by its characters.
import type { Answer } from '../squad/record';
import type { BatchEncoding } from './batch-encoding';
import { TokenError } from './errors';
import type { Features } from './features';
import { counted } from '../counted';

/** Labels, counted from the row's start. */
export interface TokenPositions {
  startPositions: Int32Array; // [rows]
  endPositions: Int32Array; // [rows]
}

export interface PositionOptions {
  /** Which text the answers are in: 0 as in the lesson, (context, question); 1 for (question, context). */
  sequence?: 0 | 1;
  /** The label of an answer that was cut off: the lesson takes the model's longest row, which no row reaches. */
  truncated: number;
}

/**
 * Labels as the lesson makes them. `answerEnd` is exclusive, so most often it falls on the space or the punctuation
 * after the answer: on a space there is no token, and the end steps back, character by character, until there is one.
 * On punctuation there is one, and the label is one token late: that is the lesson's way, {@link windows} has the other.
 *
 * @param encodings one row per answer, without overflow
 * @throws {TokenError} `E_TOKENS_ANSWERS` when there are not as many answers as rows
 * @example addTokenPositions(encodings, answers, { truncated: tokenizer.modelMaxLength })
 */
export function addTokenPositions(
  encodings: BatchEncoding,
  answers: Answer[],
  options: PositionOptions,
): TokenPositions {
  const { sequence = 0, truncated } = options;
  if (answers.length !== encodings.length) {
    throw new TokenError(
      'E_TOKENS_ANSWERS',
      `${counted(answers.length, 'answer')} for ${counted(encodings.length, 'row')}; give one for each, and keep no overflow`,
    );
  }
  const find = (row: number, position: number) => encodings.charToToken(row, position, sequence);
  const startPositions = Int32Array.from(answers, (answer, row) => find(row, answer.answerStart) ?? truncated);
  const endPositions = Int32Array.from(answers, (answer, row) => {
    for (let end = answerEnd(answer); end >= 0; end--) {
      const token = find(row, end);
      if (token !== undefined) return token;
    }
    return truncated;
  });
  return { startPositions, endPositions };
}

/** Where an answer ends, exclusive, whether or not `addEndIdx` was there. */
export function answerEnd({ answerStart, answerEnd: end, text }: Answer): number {
  return end ?? answerStart + text.length;
}

/** The lesson's encodings and labels as features; the arrays are shared, not copied. */
export function toFeatures(encodings: BatchEncoding, positions: TokenPositions, sequence: 0 | 1 = 0): Features {
  const { count, rowStart, inputIds, tokenTypeIds, offsets, sample, overflow, sequences } = encodings.rows;
  const [contextStart, contextEnd] = [new Int32Array(count), new Int32Array(count)];
  for (let row = 0; row < count; row++) {
    [contextStart[row], contextEnd[row]] = sequenceRange(
      sequences.subarray(rowStart[row], rowStart[row + 1]),
      sequence,
    );
  }
  return {
    count,
    rowStart,
    inputIds,
    tokenTypeIds,
    offsets,
    contextStart,
    contextEnd,
    ...positions,
    record: sample,
    overflow,
  };
}

/** The tokens `[start, end)` of a row that belong to text `sequence`; 0, 0 when there is none. */
export function sequenceRange(sequences: Int8Array, sequence: 0 | 1): [start: number, end: number] {
  const start = sequences.indexOf(sequence);
  return start < 0 ? [0, 0] : [start, sequences.lastIndexOf(sequence) + 1];
}

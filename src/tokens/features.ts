// What the model eats: rows of tokens of different lengths, stored end to end in typed arrays.

/** Where an answer sits that its row does not contain: on `[CLS]`, the first token. */
export const NO_ANSWER = 0;

/**
 * `count` rows (windows) of tokens. Row `i` is `[rowStart[i], rowStart[i + 1])` of every flat array, unpadded.
 *
 * @example features.inputIds.subarray(features.rowStart[i], features.rowStart[i + 1])
 */
export interface Features {
  count: number;
  rowStart: Int32Array; // [count + 1]
  inputIds: Int32Array; // [tokens]
  tokenTypeIds: Uint8Array; // [tokens]
  /** UTF-16 start and end of each token in the text it came from (question or context); 0, 0 for special tokens. */
  offsets: Int32Array; // [tokens * 2]
  /** Tokens of the row that belong to the context: `[contextStart[i], contextEnd[i])`, counted from the row's start. */
  contextStart: Int32Array; // [count]
  contextEnd: Int32Array; // [count]
  /** Labels, counted from the row's start; `NO_ANSWER` where the row does not hold the answer. */
  startPositions: Int32Array; // [count]
  endPositions: Int32Array; // [count], inclusive
  /** Index of the record that the row came from, and the number of the window within it, from 0. */
  record: Int32Array; // [count]
  overflow: Int32Array; // [count]
}

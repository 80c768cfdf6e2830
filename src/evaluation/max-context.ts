// In which of the overlapping windows a token has the most text around it.
import type { Features } from '../tokens/features';

/**
 * For each row, the token of its record's context that the row begins with, counted from the context's first.
 *
 * @returns one number a row; 0 for each record's first window
 */
export function contextOffsets(features: Features): Int32Array {
  const first = new Int32Array(features.count);
  for (let row = 1; row < features.count; row++) {
    if (features.record[row] === features.record[row - 1]) first[row] = first[row - 1] + advance(features, row);
  }
  return first;
}

/** How many tokens of the context `row` begins after the row before it. */
function advance({ rowStart, contextStart, contextEnd, offsets }: Features, row: number): number {
  const begin = rowStart[row] + contextStart[row];
  const [from, to] = [rowStart[row - 1] + contextStart[row - 1], rowStart[row - 1] + contextEnd[row - 1]];
  for (let token = from; token < to; token++) {
    if (offsets[2 * token] === offsets[2 * begin] && offsets[2 * token + 1] === offsets[2 * begin + 1]) {
      return token - from;
    }
  }
  return to - from; // windows that do not overlap
}

/**
 * Whether `token` of the record's context has its maximum context in `row`, one of the rows [from, to): the most tokens on its
 * scarcer side, longer windows and then earlier ones first among equals.
 *
 * Source: `_new_check_is_max_context` of transformers' `data/processors/squad.py`, after BERT's `run_squad.py`.
 */
export function isMaxContext(
  { contextStart, contextEnd }: Features,
  firstTokens: Int32Array,
  [from, to]: readonly [from: number, to: number],
  row: number,
  token: number,
): boolean {
  let [best, bestRow] = [-Infinity, -1];
  for (let other = from; other < to; other++) {
    const length = contextEnd[other] - contextStart[other];
    const left = token - firstTokens[other];
    const right = length - 1 - left;
    if (left < 0 || right < 0) continue;
    const score = Math.min(left, right) + 0.01 * length;
    if (score > best) [best, bestRow] = [score, other];
  }
  return bestRow === row;
}

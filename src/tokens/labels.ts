// The label of a window: the first and last token of the answer, or [CLS] where the window does not hold all of it.
import { NO_ANSWER } from './features';

/** A row's tokens of the context, and where the row begins in `offsets`. */
export interface ContextTokens {
  offsets: Int32Array; // [tokens * 2]
  rowStart: number;
  /** Counted from the row's start, the end exclusive. */
  contextStart: number;
  contextEnd: number;
}

/**
 * Tokens `[start, end]` (both inclusive, counted from the row's start) that cover characters `[startChar, endChar)` of
 * the context. A character without a token of its own belongs to the token before it (start) or after it (end).
 *
 * Source: `prepare_train_features` in transformers' `run_qa.py`, kept inside the context.
 */
export function labelSpan(row: ContextTokens, startChar: number, endChar: number): [start: number, end: number] {
  const { contextStart, contextEnd } = row;
  const startOf = (token: number) => row.offsets[2 * (row.rowStart + token)];
  const endOf = (token: number) => row.offsets[2 * (row.rowStart + token) + 1];
  const isEmpty = contextStart === contextEnd;
  if (isEmpty || startOf(contextStart) > startChar || endOf(contextEnd - 1) < endChar) return [NO_ANSWER, NO_ANSWER];
  let start = contextStart;
  while (start + 1 < contextEnd && startOf(start + 1) <= startChar) start++;
  let end = contextEnd - 1;
  while (end > contextStart && endOf(end - 1) >= endChar) end--;
  return [start, end];
}

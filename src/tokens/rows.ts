// Rows of tokens as the model will see them: the parts of the texts between special tokens, end to end in typed arrays.
import type { LayoutPiece } from './layout';
import type { TextTokens } from './text-tokens';
import type { RowParts } from './truncation';

/** `count` rows, unpadded. Row `i` is `[rowStart[i], rowStart[i + 1])` of every array of tokens. */
export interface TokenRows {
  count: number;
  rowStart: Int32Array; // [count + 1]
  inputIds: Int32Array; // [tokens]
  tokenTypeIds: Uint8Array; // [tokens]
  /** UTF-16 positions in the text that the token came from; 0, 0 for special tokens. */
  offsets: Int32Array; // [tokens * 2]
  /** 0 for tokens of the first text, 1 of the second, -1 for special tokens. */
  sequences: Int8Array; // [tokens]
  /** Number of the word in its text, -1 for special tokens; empty unless words were asked for. */
  words: Int32Array; // [tokens] or [0]
  /** Index of the text (or pair) that the row came from, and the number of the row within it, from 0. */
  sample: Int32Array; // [count]
  overflow: Int32Array; // [count]
}

/** What goes into one row. */
export interface RowPlan {
  layout: LayoutPiece[];
  texts: readonly [first: TextTokens, second?: TextTokens];
  parts: RowParts;
  sample: number;
  overflow: number;
}

/** Lays out `plans` one after the other. */
export function buildRows(plans: RowPlan[], withWords: boolean): TokenRows {
  const rows = emptyRows(plans, withWords);
  plans.forEach((plan, row) => {
    let at = rows.rowStart[row];
    for (const piece of plan.layout) at = writePiece(rows, at, piece, plan, withWords);
  });
  return rows;
}

function emptyRows(plans: RowPlan[], withWords: boolean): TokenRows {
  const rowStart = new Int32Array(plans.length + 1);
  plans.forEach((plan, row) => (rowStart[row + 1] = rowStart[row] + rowLength(plan)));
  const tokens = rowStart[plans.length];
  return {
    count: plans.length,
    rowStart,
    inputIds: new Int32Array(tokens),
    tokenTypeIds: new Uint8Array(tokens),
    offsets: new Int32Array(tokens * 2),
    sequences: new Int8Array(tokens).fill(-1),
    words: new Int32Array(withWords ? tokens : 0).fill(-1),
    sample: Int32Array.from(plans, (plan) => plan.sample),
    overflow: Int32Array.from(plans, (plan) => plan.overflow),
  };
}

function rowLength({ layout, parts }: RowPlan): number {
  return layout.reduce((sum, { sequence }) => sum + (sequence === -1 ? 1 : parts[sequence][1] - parts[sequence][0]), 0);
}

/** Writes a special token, or the part of a text that the row holds, from token `at` on; returns where it ends. */
function writePiece(rows: TokenRows, at: number, piece: LayoutPiece, plan: RowPlan, withWords: boolean): number {
  const { sequence, typeId } = piece;
  if (sequence === -1) {
    rows.inputIds[at] = piece.id;
    rows.tokenTypeIds[at] = typeId;
    return at + 1;
  }
  const text = plan.texts[sequence]!;
  const [start, end] = plan.parts[sequence];
  const stop = at + end - start;
  rows.inputIds.set(text.ids.subarray(start, end), at);
  rows.offsets.set(text.offsets.subarray(2 * start, 2 * end), 2 * at);
  rows.tokenTypeIds.fill(typeId, at, stop);
  rows.sequences.fill(sequence, at, stop);
  if (withWords) rows.words.set(text.words().subarray(start, end), at);
  return stop;
}

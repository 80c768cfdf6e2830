// Rows of a data set as the tensors of one training step.
import * as tf from '@tensorflow/tfjs';
import type { LabelledInputs } from '../model/inputs';
import type { Features } from '../tokens/features';

/**
 * The tensors of some rows, padded to the longest of them. Its `lengths` tell the model that padding does not exist; rows that
 * are padded to a fixed length, as the lesson does it, have none, and their padding is scored as in the reference. Whoever made
 * it calls `dispose`.
 */
export interface Batch extends LabelledInputs {
  /** The rows' numbers in the data set. */
  rows: number[];
  /** Tokens without the padding. */
  tokens: number;
  dispose(): void;
}

/** The number of tokens in a row. */
export function rowLength({ rowStart }: Features, row: number): number {
  return rowStart[row + 1] - rowStart[row];
}

/** The batch that needs the most memory: its rows, and the tokens of its longest one. */
export function largestBatch(features: Features, batches: number[][]): { rows: number; longest: number } {
  const longest = (rows: number[]) => Math.max(...rows.map((row) => rowLength(features, row)));
  const sizes = batches.map((rows) => ({ rows: rows.length, longest: longest(rows) }));
  return sizes.reduce((a, b) => (a.rows * a.longest > b.rows * b.longest ? a : b));
}

/**
 * Builds the tensors of `rows`; `padTo` pads every row to one fixed length, as the lesson does. `length` makes the longest
 * row's length one of a few.
 *
 * @example const batch = makeBatch(features, [0, 1, 2]); model.loss(batch); batch.dispose()
 */
export function makeBatch(features: Features, rows: number[], padTo = 0, length = (longest: number) => longest): Batch {
  const lengths = rows.map((row) => rowLength(features, row));
  const sequence = length(Math.max(padTo, ...lengths));
  const shape: [number, number] = [rows.length, sequence];
  const [ids, types, mask] = [0, 1, 2].map(() => new Int32Array(rows.length * sequence));
  rows.forEach((row, i) => {
    const [from, to] = [features.rowStart[row], features.rowStart[row + 1]];
    ids.set(features.inputIds.subarray(from, to), i * sequence);
    types.set(features.tokenTypeIds.subarray(from, to), i * sequence);
    mask.fill(1, i * sequence, i * sequence + to - from);
  });
  const tensors = {
    inputIds: tf.tensor2d(ids, shape, 'int32'),
    tokenTypeIds: tf.tensor2d(types, shape, 'int32'),
    ...(lengths.some((length) => length < sequence) && { attentionMask: tf.tensor2d(mask, shape, 'int32') }),
    startPositions: tf.tensor1d(
      Int32Array.from(rows, (row) => features.startPositions[row]),
      'int32',
    ),
    endPositions: tf.tensor1d(
      Int32Array.from(rows, (row) => features.endPositions[row]),
      'int32',
    ),
  };
  const tokens = lengths.reduce((a, b) => a + b, 0);
  return {
    ...tensors,
    ...(padTo === 0 && { lengths }),
    rows,
    tokens,
    dispose: () => tf.dispose(Object.values(tensors)),
  };
}

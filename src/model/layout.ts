// Which tokens go through the encoder: all of a padded batch, or only the real ones where the operations take them packed.
import * as tf from '@tensorflow/tfjs';
import { withGradient } from '../engine/gradient';
import type { Ids } from '../engine/ops';
import type { Padding, Rows } from '../engine/pass';
import { ModelError } from './errors';
import type { ModelInputs } from './inputs';

/** Added to the score of padding: its weight is exactly 0 after the softmax, and sums with it stay finite. */
export const PADDING_SCORE = -1e30;

/** A batch as the encoder sees it. */
export interface Layout {
  batch: number;
  sequence: number;
  /** Of each token: its id, its type or its position. */
  ids(of: Ids, paddingId?: number): tf.Tensor1D; // [tokens] int32
  /** Back: [tokens, width] → [batch, sequence, width]; padding that was left out gets `PADDING_SCORE`. */
  spread(scores: tf.Tensor2D): tf.Tensor3D;
  /** Values of the tokens that go through the encoder: [batch, sequence, width] → [tokens, width], and back with zeros for padding. */
  pack(values: tf.Tensor3D): tf.Tensor2D;
  unpack(values: tf.Tensor2D): tf.Tensor3D;
  rows?: Rows;
  mask?: tf.Tensor4D; // [batch, 1, 1, sequence], added to attention scores
  /** Where the tokens lie packed. */
  padding?: Padding;
}

/**
 * The layout of `inputs` for operations that pack or do not. Its tensors belong to the tidy around the call.
 *
 * @throws ModelError `E_MODEL_INPUT` when `lengths` do not fit the rows.
 */
export function layoutOf(inputs: ModelInputs, packs: boolean): Layout {
  const { lengths } = inputs;
  if (lengths instanceof tf.Tensor) return hidingPadding(inputs, lengths);
  if (packs) {
    const rows = rowNumbers(inputs);
    return lengths ? packed(inputs, rows!) : padded(inputs, rows && toTensors(rows));
  }
  if (!lengths) return padded(inputs);
  checkLengths(lengths, inputs.inputIds.shape);
  return hidingPadding(inputs, lengths);
}

/** Where the rows' tokens are, as numbers. */
interface RowNumbers {
  offsets: Int32Array; // [batch + 1]
  keys: Int32Array; // [batch]
}

/**
 * The rows for operations that look at real tokens only; nothing where padding is not at the end.
 *
 * @throws ModelError `E_MODEL_INPUT` when `lengths` do not fit the rows.
 */
export function rowNumbers({ inputIds, attentionMask, lengths }: ModelInputs): RowNumbers | undefined {
  const [batch, sequence] = inputIds.shape;
  if (lengths instanceof tf.Tensor) return undefined;
  if (lengths) {
    checkLengths(lengths, inputIds.shape);
    const offsets = new Int32Array(batch + 1);
    for (let row = 0; row < batch; row++) offsets[row + 1] = offsets[row] + lengths[row];
    return { offsets, keys: Int32Array.from(lengths) };
  }
  const offsets = Int32Array.from({ length: batch + 1 }, (_, row) => row * sequence);
  const keys = attentionMask ? keysOf(attentionMask) : new Int32Array(batch).fill(sequence);
  return keys && { offsets, keys };
}

/** How many tokens each row of a mask has before its padding; nothing where there is padding elsewhere. */
function keysOf(attentionMask: tf.Tensor2D): Int32Array | undefined {
  const [batch, sequence] = attentionMask.shape;
  const mask = attentionMask.dataSync();
  const keys = Int32Array.from({ length: batch }, (_, row) => {
    const tokens = mask.subarray(row * sequence, (row + 1) * sequence);
    const length = tokens.lastIndexOf(1) + 1;
    return tokens.subarray(0, length).every((value) => value === 1) ? length : 0;
  });
  return keys.every((length) => length > 0) ? keys : undefined;
}

function checkLengths(lengths: ArrayLike<number>, [batch, sequence]: [number, number]): void {
  const fits = lengths.length === batch && Array.from(lengths).every((length) => length >= 1 && length <= sequence);
  if (fits) return;
  const problem = `lengths ${String(lengths)} do not fit ${batch} rows of ${sequence} tokens`;
  throw new ModelError('E_MODEL_INPUT', `${problem}: give each row's number of tokens`);
}

/**
 * The ids of a batch, types and positions included: [batch, sequence].
 *
 * @param pick Takes those of the tokens that go through the encoder: [batch, sequence] → [tokens].
 */
function idsOf({ inputIds, tokenTypeIds }: ModelInputs, pick: (ids: tf.Tensor2D) => tf.Tensor1D): Layout['ids'] {
  const [batch, sequence] = inputIds.shape;
  return (of, paddingId) => {
    if (of === 'tokens') return pick(inputIds);
    if (of === 'types') return pick(tokenTypeIds ?? tf.zerosLike(inputIds));
    if (paddingId !== undefined) return pick(positionsBehind(inputIds, paddingId));
    return pick(tf.tile(tf.reshape(tf.range(0, sequence, 1, 'int32'), [1, sequence]), [batch, 1]));
  };
}

/** RoBERTa's positions: tokens are counted from the padding's id on, and padding has that id itself (`create_position_ids_from_input_ids`). */
function positionsBehind(inputIds: tf.Tensor2D, paddingId: number): tf.Tensor2D {
  const isToken = tf.cast(tf.notEqual(inputIds, paddingId), 'int32') as tf.Tensor2D;
  return tf.add(tf.mul(tf.cumsum(isToken, 1), isToken), tf.scalar(paddingId, 'int32'));
}

/** Every token of the batch, padding included, as the reference does it. */
function padded(inputs: ModelInputs, rows?: Rows): Layout {
  const [batch, sequence] = inputs.inputIds.shape;
  return {
    batch,
    sequence,
    rows,
    ids: idsOf(inputs, (ids) => tf.reshape(ids, [batch * sequence])),
    spread: (scores) => tf.reshape(scores, [batch, sequence, scores.shape[1]]),
    pack: (values) => tf.reshape(values, [batch * sequence, values.shape[2]]),
    unpack: (values) => tf.reshape(values, [batch, sequence, values.shape[1]]),
    mask: inputs.attentionMask && scoreMask(inputs.attentionMask),
  };
}

/** 1 for tokens → 0, 0 for padding → `PADDING_SCORE`: [batch, sequence] → [batch, 1, 1, sequence]. */
function scoreMask(mask: tf.Tensor2D): tf.Tensor4D {
  const [batch, sequence] = mask.shape;
  const padding = tf.sub(1, tf.cast(mask, 'float32'));
  return tf.reshape(tf.mul(padding, PADDING_SCORE), [batch, 1, 1, sequence]);
}

/** 1 for the tokens of rows of these lengths: [batch, sequence] int32. */
function maskOf(lengths: ArrayLike<number> | tf.Tensor1D, [batch, sequence]: [number, number]): tf.Tensor2D {
  const list = lengths instanceof tf.Tensor ? lengths : tf.tensor1d(Int32Array.from(lengths), 'int32');
  const limits = tf.reshape(list, [batch, 1]);
  return tf.cast(tf.less(tf.range(0, sequence, 1, 'int32'), limits), 'int32');
}

/** Padding takes part in the computation, but nobody sees it. */
function hidingPadding(inputs: ModelInputs, lengths: ArrayLike<number> | tf.Tensor1D): Layout {
  const mask = maskOf(lengths, inputs.inputIds.shape);
  const layout = padded({ ...inputs, attentionMask: mask });
  const hide = (scores: tf.Tensor3D) => tf.where(tf.expandDims(tf.cast(mask, 'bool'), 2), scores, PADDING_SCORE);
  return { ...layout, spread: (scores) => hide(layout.spread(scores)) as tf.Tensor3D };
}

const integers = (values: Int32Array) => tf.tensor1d(values, 'int32');

const toTensors = ({ offsets, keys }: RowNumbers): Rows => ({ offsets: integers(offsets), keys: integers(keys) });

/** Real tokens alone, row after row. */
function packed(inputs: ModelInputs, rows: RowNumbers): Layout {
  const [batch, sequence] = inputs.inputIds.shape;
  const { offsets, keys: lengths } = rows;
  const tokens = new Int32Array(offsets[batch]);
  const slots = new Int32Array(batch * sequence).fill(offsets[batch]); // one past the last token: the padding's
  for (let row = 0; row < batch; row++) {
    for (let place = 0; place < lengths[row]; place++) {
      const token = offsets[row] + place;
      tokens[token] = row * sequence + place;
      slots[tokens[token]] = token;
    }
  }
  const [index, inverse] = [integers(tokens), integers(slots)];
  return {
    batch,
    sequence,
    rows: toTensors(rows),
    ids: idsOf(inputs, (ids) => tf.gather(tf.reshape(ids, [batch * sequence]), index)),
    spread: (scores) => {
      const withPadding = tf.concat([scores, tf.fill([1, scores.shape[1]], PADDING_SCORE)]);
      return tf.reshape(tf.gather(withPadding, inverse), [batch, sequence, scores.shape[1]]);
    },
    pack: (values) => tf.gather(tf.reshape(values, [batch * sequence, values.shape[2]]) as tf.Tensor2D, index),
    unpack: (values) => tf.reshape(chosenRows(values, inverse, index), [batch, sequence, values.shape[1]]),
    padding: {
      pad: (x) => chosenRows(x, inverse, index),
      unpad: (x) => chosenRows(x, index, inverse),
      mask: scoreMask(maskOf(lengths, inputs.inputIds.shape)),
    },
  };
}

/** Rows of x, and zeros where an index lies past its last; `inverse` chooses them back, and so gives the gradient. */
function chosenRows(x: tf.Tensor2D, index: tf.Tensor1D, inverse: tf.Tensor1D): tf.Tensor2D {
  return withGradient([x], ([x], save) => {
    save([index, inverse]);
    const choose = (rows: tf.Tensor, by: tf.Tensor) =>
      tf.tidy(() => tf.gather(tf.concat([rows, tf.zeros([1, rows.shape[1]!])]), by as tf.Tensor1D) as tf.Tensor2D);
    return { value: choose(x, index), gradient: (dy, [, inverse]) => choose(dy, inverse) };
  });
}

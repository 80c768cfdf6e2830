// Attention in plain TensorFlow.js, in every form that a family asks for: what any backend runs, with TensorFlow.js's own gradients.
import * as tf from '@tensorflow/tfjs';
import type { AttentionSpec, Relative } from './ops';
import { dropoutOf, type Pass } from './pass';
import { plainDropout } from './plain-parts';

/** Added to the score of what must not be looked at: its weight is exactly 0 after the softmax, and sums with it stay finite. */
const NEVER = -1e30;

/** What attention must know besides its spec: how the tokens lie, the mask, and the pass's dropout. */
export type AttentionPass = Pick<Pass, 'batch' | 'sequence' | 'mask' | 'seed' | 'drop'>;

/** Queries, keys and values of every head: [batch, heads, sequence, size] each. */
interface Heads {
  q: tf.Tensor4D;
  k: tf.Tensor4D;
  v: tf.Tensor4D;
}

/**
 * [tokens, 3 * hidden] → [tokens, hidden], before the product that brings the heads together.
 *
 * @param positions The product of the table of relative positions with `qkv`, where they are disentangled: [buckets, 3 * hidden].
 * @param tap Is given the weights, [batch, heads, sequence, sequence], before dropout.
 */
export function plainAttention(
  qkv: tf.Tensor2D,
  spec: AttentionSpec<tf.Tensor2D>,
  pass: AttentionPass,
  positions?: tf.Tensor2D,
  tap?: (weights: tf.Tensor4D) => void,
): tf.Tensor2D {
  const { batch, sequence, mask } = pass;
  const { q, k, v } = splitHeads(qkv, spec, pass);
  const size = q.shape[3];
  const scale = 1 / Math.sqrt(positions ? 3 * size : size);
  const scaled = tf.mul(q, scale) as tf.Tensor4D;
  let scores = tf.matMul(scaled, k, false, true) as tf.Tensor4D; // [batch, heads, sequence, sequence]
  if (positions) {
    const keys = tf.mul(k, scale) as tf.Tensor4D;
    scores = tf.add(scores, disentangled({ q: scaled, k: keys, v }, positions, spec, sequence));
  } else if (spec.relative) scores = tf.add(scores, biasByDistance(spec.relative, sequence));
  if (spec.window !== undefined) scores = tf.add(scores, windowMask(sequence, spec.window));
  if (mask) scores = tf.add(scores, mask);
  let weights = tf.softmax(scores);
  tap?.(weights);
  const { rate, seed } = dropoutOf(pass, spec.dropout);
  weights = (pass.drop ?? plainDropout)(weights, rate, seed);
  const mixed = tf.transpose(tf.matMul(weights, v), [0, 2, 1, 3]);
  return tf.reshape(mixed, [batch * sequence, spec.heads * size]);
}

function splitHeads(
  qkv: tf.Tensor2D,
  { heads, rope }: AttentionSpec<tf.Tensor2D>,
  { batch, sequence }: AttentionPass,
): Heads {
  const hidden = qkv.shape[1] / 3;
  const size = hidden / heads;
  const split = tf.reshape(qkv, [batch, sequence, 3, hidden]);
  const [q, k, v] = [0, 1, 2].map((part) => {
    const slice = tf.slice(split, [0, 0, part, 0], [batch, sequence, 1, hidden]);
    return tf.transpose(tf.reshape(slice, [batch, sequence, heads, size]), [0, 2, 1, 3]) as tf.Tensor4D;
  });
  return rope === undefined ? { q, k, v } : { q: rotate(q, rope), k: rotate(k, rope), v };
}

/** Turns pairs of numbers, half a head apart, by angles that grow with the position (Su et al. 2021, as GPT-NeoX lays them out). */
function rotate(x: tf.Tensor4D, base: number): tf.Tensor4D {
  const [batch, heads, sequence, size] = x.shape;
  const { cosines, sines } = rotaryAngles(sequence, size, base);
  const [cos, sin] = [cosines, sines].map((values) => tf.tensor2d(values, [sequence, size / 2]));
  const part = (from: number) => tf.slice(x, [0, 0, 0, from], [batch, heads, sequence, size / 2]);
  const [first, second] = [part(0), part(size / 2)];
  const turned = [
    tf.sub(tf.mul(first, cos), tf.mul(second, sin)),
    tf.add(tf.mul(second, cos), tf.mul(first, sin)),
  ] as tf.Tensor4D[];
  return tf.concat(turned, 3);
}

/**
 * Cosines and sines of the angles of each position, [sequence, size / 2] each, rounded to single precision at every step as the
 * reference does it (`default_rope_parameters` of transformers).
 *
 * @example rotaryAngles(512, 64, 10000).cosines[0] // 1
 */
export function rotaryAngles(sequence: number, size: number, base: number): Record<'cosines' | 'sines', Float32Array> {
  const half = size / 2;
  const speeds = Float32Array.from({ length: half }, (_, i) =>
    Math.fround(1 / Math.fround(base ** Math.fround((2 * i) / size))),
  );
  const angles = Float32Array.from({ length: sequence * half }, (_, i) => Math.floor(i / half) * speeds[i % half]);
  return { cosines: angles.map(Math.cos), sines: angles.map(Math.sin) };
}

/** 0 for tokens at most `window` apart, else never: [sequence, sequence]. */
function windowMask(sequence: number, window: number): tf.Tensor2D {
  const values = new Float32Array(sequence * sequence);
  for (let i = 0; i < sequence; i++) {
    for (let j = 0; j < sequence; j++) if (Math.abs(i - j) > window) values[i * sequence + j] = NEVER;
  }
  return tf.tensor2d(values, [sequence, sequence]);
}

/** Rows of `values` for the distances from sequence - 1 down to 1 - sequence, or up. */
function byDistance(
  values: tf.Tensor2D,
  bucket: Relative<unknown>['bucket'],
  sequence: number,
  rises: boolean,
): tf.Tensor2D {
  const rows = Int32Array.from({ length: 2 * sequence - 1 }, (_, i) =>
    bucket(rises ? i - (sequence - 1) : sequence - 1 - i),
  );
  return tf.gather(values, tf.tensor1d(rows, 'int32'));
}

/** [batch, heads, sequence, 2 * sequence - 1] → [batch, heads, sequence, sequence]: the element i, j is that of i, sequence - 1 - i + j. */
function shift(x: tf.Tensor4D): tf.Tensor4D {
  const [batch, heads, sequence, width] = x.shape;
  const wide = tf.reshape(tf.pad(x, [[0, 0], [0, 0], [0, 0], [0, 1]]), [batch, heads, sequence * (width + 1)]); // prettier-ignore
  const tail = tf.slice(wide, [0, 0, sequence - 1], [batch, heads, sequence * width]);
  const rows = tf.reshape(tail, [batch, heads, sequence, width]) as tf.Tensor4D;
  return tf.slice(rows, [0, 0, 0, 0], [batch, heads, sequence, sequence]);
}

/** [1, heads, sequence, sequence]. */
function biasByDistance({ values, bucket }: Relative<tf.Tensor2D>, sequence: number): tf.Tensor4D {
  const heads = values.shape[1];
  const biases = tf.transpose(byDistance(values, bucket, sequence, false)); // [heads, 2 * sequence - 1]
  const rows = tf.tile(tf.reshape(biases, [1, heads, 1, 2 * sequence - 1]), [1, 1, sequence, 1]) as tf.Tensor4D;
  return shift(rows);
}

/** What the keys of positions give for the queries of tokens, and the queries of positions for the keys of tokens; q and k are scaled. */
function disentangled(
  { q, k }: Heads,
  positions: tf.Tensor2D,
  { heads, relative }: AttentionSpec<tf.Tensor2D>,
  sequence: number,
): tf.Tensor4D {
  const hidden = positions.shape[1] / 3;
  const { bucket } = relative!;
  const product = (x: tf.Tensor4D, part: number, rises: boolean) => {
    const rows = tf.slice(positions, [0, part * hidden], [positions.shape[0], hidden]);
    const table = tf.reshape(byDistance(rows, bucket, sequence, rises), [2 * sequence - 1, heads, hidden / heads]);
    const shared = tf.expandDims(tf.transpose(table, [1, 2, 0]), 0) as tf.Tensor4D; // [1, heads, size, distances]
    return shift(tf.matMul(x, tf.tile(shared, [x.shape[0], 1, 1, 1])) as tf.Tensor4D);
  };
  const ofKeys = tf.transpose(product(k, 0, true), [0, 1, 3, 2]) as tf.Tensor4D;
  return tf.add(product(q, 1, false), ofKeys);
}

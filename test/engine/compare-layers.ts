// Two ways to compute a layer beside each other: its value and every gradient.
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { relativeDifference } from './backend';
import { type LayerRun, LAYER_WEIGHTS, runLayer } from './layer';

export type Layer = (x: tf.Tensor, weights: tf.Tensor[]) => tf.Tensor;

/** Value and gradients of x and all weights, each output weighed differently so that no error cancels out. */
export function valueAndGradients(f: Layer, x: tf.Tensor, weights: tf.Tensor[]) {
  return tf.tidy(() => {
    // no weight is near zero, so that sums of them do not cancel out
    const weigh = (y: tf.Tensor) => tf.sum(tf.mul(y, tf.reshape(tf.add(tf.sin(tf.range(1, y.size + 1)), 2), y.shape)));
    const gradients = tf.grads((x: tf.Tensor, ...list: tf.Tensor[]) => weigh(f(x, list)))([x, ...weights]);
    return [f(x, weights), ...gradients].map((tensor) => tensor.dataSync());
  });
}

/** Each row alone, [its tokens, width] at a time. */
export function eachRow(lengths: number[], one: (row: tf.Tensor, weights: tf.Tensor[]) => tf.Tensor): Layer {
  return (x, weights) => {
    let from = 0;
    const parts = lengths.map((sequence) => {
      const part = tf.slice(x, [from, 0], [sequence, x.shape[1]!]);
      from += sequence;
      return one(part, weights);
    });
    return tf.concat(parts);
  };
}

/** Each row alone through the plain operations. */
export function plainRows(lengths: number[], run: LayerRun): Layer {
  return eachRow(lengths, (row, weights) =>
    runLayer('plain', row, weights, { ...run, rows: undefined, batch: 1, sequence: row.shape[0] }),
  );
}

const names = ['value', 'x', ...LAYER_WEIGHTS, 'distances'];
const QKV_BIAS = 'attention.qkv.bias';

/**
 * What is added to all keys is not seen by a softmax: the middle third of this gradient is zero by construction, unless keys meet
 * the queries of distances.
 */
export function assertSame(
  actual: ArrayLike<number>[],
  expected: ArrayLike<number>[],
  limit: number,
  keysMeetDistances = false,
): void {
  actual.forEach((values, i) => {
    if (names[i] === QKV_BIAS && !keysMeetDistances) return assertSameBias(values, expected[i], limit);
    const difference = relativeDifference(values, expected[i]);
    assert.ok(difference < limit, `${names[i]}: ${difference}`);
  });
}

function assertSameBias(actual: ArrayLike<number>, expected: ArrayLike<number>, limit: number): void {
  const third = actual.length / 3;
  const parts = [actual, expected].map((list) =>
    [0, 1, 2].map((i) => Array.from(list).slice(i * third, (i + 1) * third)),
  );
  const size = Math.hypot(...parts[1][2]);
  const values = relativeDifference(parts[0][2], parts[1][2]);
  assert.ok(values < limit, `${QKV_BIAS} of the values: ${values}`);
  // a row of one token looks nowhere else: its queries have no gradient either
  const queries = Math.hypot(...parts[0][0].map((value, i) => value - parts[1][0][i]));
  assert.ok(queries < limit * (Math.hypot(...parts[1][0]) + 0.1 * size), `${QKV_BIAS} of the queries: ${queries}`);
  assert.ok(Math.hypot(...parts[0][1]) < limit * size, `${QKV_BIAS} of the keys: ${Math.hypot(...parts[0][1])}`);
}

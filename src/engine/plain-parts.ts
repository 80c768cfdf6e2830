// The parts of a layer in plain TensorFlow.js, with TensorFlow.js's own gradients.
import * as tf from '@tensorflow/tfjs';
import { withGradient } from './gradient';
import type { Activation, Linear, Norm } from './ops';
import { type SiteSeed, seedNumbers } from './pass';
import { Random } from './random';

/** Rows of a table; the row `paddingId` gets no gradient. */
export function plainRows(table: tf.Tensor2D, ids: tf.Tensor1D, paddingId = -1): tf.Tensor2D {
  const rows = tf.gather(table, ids); // [tokens, width]
  if (paddingId < 0) return rows;
  return withGradient([rows], ([rows], save) => {
    save([ids]);
    return {
      value: rows.clone() as tf.Tensor2D,
      gradient: (dy, [ids]) => tf.mul(dy, tf.expandDims(tf.cast(tf.notEqual(ids, paddingId), 'float32'), 1)),
    };
  });
}

export function plainLinear(x: tf.Tensor2D, { weight, bias }: Linear<tf.Tensor>): tf.Tensor2D {
  const product = tf.matMul(x, weight as tf.Tensor2D, false, true) as tf.Tensor2D;
  return bias ? tf.add(product, bias) : product;
}

export function plainNorm(x: tf.Tensor2D, { weight, bias }: Norm<tf.Tensor>, epsilon: number): tf.Tensor2D {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true); // [tokens, 1]
  const scaled = tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), weight) as tf.Tensor2D;
  return bias ? tf.add(scaled, bias) : scaled;
}

export function plainDropout<T extends tf.Tensor>(x: T, rate: number, seed: SiteSeed): T {
  if (rate === 0) return x;
  // the mask is made here: the generators of the backends differ, and are slower
  const random = new Random(...seedNumbers(seed));
  const limit = Math.round(rate * 65536);
  const keep = Float32Array.from({ length: x.size }, () => (random.next() >>> 16 >= limit ? 1 / (1 - rate) : 0));
  return tf.mul(x, tf.tensor(keep, x.shape)) as T;
}

/** x · Φ(x), with the exact normal distribution (Hendrycks and Gimpel 2016). */
function gelu(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}

/** Its approximation by tanh, from the same paper. */
function geluTanh(x: tf.Tensor2D): tf.Tensor2D {
  const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
}

const ACTIVATIONS: Record<Activation, (x: tf.Tensor2D) => tf.Tensor2D> = {
  gelu,
  gelu_tanh: geluTanh,
  relu: (x) => tf.relu(x),
  silu: (x) => tf.mul(x, tf.sigmoid(x)),
};

export function plainActivation(x: tf.Tensor2D, activation: Activation): tf.Tensor2D {
  return ACTIVATIONS[activation](x);
}

/** Mean of -log softmax(logits)[label] over rows whose label is below `sequence`; others are ignored. */
export function plainCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar {
  const sequence = logits.shape[1];
  // a label outside the row has no one-hot position, and so no loss
  const losses = tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(labels, sequence)), -1)); // [batch]
  const counted = tf.sum(tf.cast(tf.less(labels, sequence), 'float32'));
  return tf.div(tf.sum(losses), tf.maximum(counted, 1));
}

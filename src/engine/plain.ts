// The model's operations in plain TensorFlow.js: what any backend runs, and the reference for the fast ones.
import * as tf from '@tensorflow/tfjs';
import { withGradient } from './gradient';
import type { LayerContext, LayerWeights, Operations, Shape } from './layer';
import { Random } from './random';

function embedding(table: tf.Tensor2D, ids: tf.Tensor1D, paddingId = -1): tf.Tensor2D {
  const rows = tf.gather(table, ids); // [tokens, hidden]
  if (paddingId < 0) return rows;
  return withGradient([rows], ([rows], save) => {
    save([ids]);
    return {
      value: rows.clone() as tf.Tensor2D,
      gradient: (dy, [ids]) => tf.mul(dy, tf.expandDims(tf.cast(tf.notEqual(ids, paddingId), 'float32'), 1)),
    };
  });
}

function linear(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  return tf.add(tf.matMul(x, weight, false, true), bias);
}

/** x · Φ(x), with the exact normal distribution (Hendrycks and Gimpel 2016). */
function gelu(x: tf.Tensor2D): tf.Tensor2D {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}

function layerNorm(x: tf.Tensor2D, gain: tf.Tensor1D, bias: tf.Tensor1D, epsilon: number): tf.Tensor2D {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true); // [tokens, 1]
  return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), gain), bias);
}

function dropout<T extends tf.Tensor>(x: T, rate: number, [high, low]: [number, number]): T {
  if (rate === 0) return x;
  // the mask is made here: the generators of the backends differ, and are slower
  const random = new Random(high, low);
  const limit = Math.round(rate * 65536);
  const keep = Float32Array.from({ length: x.size }, () => (random.next() >>> 16 >= limit ? 1 / (1 - rate) : 0));
  return tf.mul(x, tf.tensor(keep, x.shape)) as T;
}

function attention(qkv: tf.Tensor2D, context: LayerContext): tf.Tensor2D {
  const { batch, sequence, heads, mask, dropout: rates, index } = context;
  const size = qkv.shape[1] / 3 / heads;
  const [q, k, v] = splitHeads(qkv, context, size); // [batch, heads, sequence, size] each
  let scores = tf.matMul(tf.mul(q, 1 / Math.sqrt(size)), k, false, true); // [batch, heads, sequence, sequence]
  if (mask) scores = tf.add(scores, mask);
  let weights = tf.softmax(scores);
  if (rates) weights = dropout(weights, rates.attention, [rates.seed, 4 * index]);
  const mixed = tf.transpose(tf.matMul(weights, v), [0, 2, 1, 3]);
  return tf.reshape(mixed, [batch * sequence, heads * size]);
}

function splitHeads(qkv: tf.Tensor2D, { batch, sequence, heads }: Shape, size: number): tf.Tensor4D[] {
  const split = tf.reshape(qkv, [batch, sequence, 3, heads * size]);
  return [0, 1, 2].map((part) => {
    const slice = tf.slice(split, [0, 0, part, 0], [batch, sequence, 1, heads * size]);
    return tf.transpose(tf.reshape(slice, [batch, sequence, heads, size]), [0, 2, 1, 3]) as tf.Tensor4D;
  });
}

/** Tidied by itself, so that without gradients only one layer's intermediate results exist at a time. */
function layer(x: tf.Tensor2D, w: LayerWeights, context: LayerContext): tf.Tensor2D {
  return tf.tidy(() => encoderLayer(x, w, context));
}

function encoderLayer(x: tf.Tensor2D, w: LayerWeights, context: LayerContext): tf.Tensor2D {
  const { dropout: rates, index, epsilon } = context;
  const drop = (y: tf.Tensor2D, site: number) => (rates ? dropout(y, rates.hidden, [rates.seed, 4 * index + site]) : y);
  const attended = attention(linear(x, w.qkvWeight, w.qkvBias), context);
  const mixed = drop(linear(attended, w.outWeight, w.outBias), 1);
  const middle = layerNorm(tf.add(mixed, x), w.attentionNormGain, w.attentionNormBias, epsilon);
  const hidden = gelu(linear(middle, w.upWeight, w.upBias)); // [tokens, intermediate]
  const output = drop(linear(hidden, w.downWeight, w.downBias), 2);
  return layerNorm(tf.add(output, middle), w.outputNormGain, w.outputNormBias, epsilon);
}

function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar {
  const sequence = logits.shape[1];
  // a label outside the row has no one-hot position, and so no loss
  const losses = tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(labels, sequence)), -1)); // [batch]
  const counted = tf.sum(tf.cast(tf.less(labels, sequence), 'float32'));
  return tf.div(tf.sum(losses), tf.maximum(counted, 1));
}

export const plainOperations: Operations = {
  packs: false,
  narrows: false,
  embedding,
  linear,
  layerNorm,
  dropout,
  layer,
  crossEntropy,
};

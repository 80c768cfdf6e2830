// What a model is computed with: one interface, which the plain and the fast operations both have.
import type * as tf from '@tensorflow/tfjs';

/** The size of a batch of rows and of the heads that read it. */
export interface Shape {
  batch: number;
  sequence: number;
  heads: number;
}

/** Dropout rates and the seed of this pass; every site of the model draws from its own stream of that seed. */
export interface Dropout {
  hidden: number;
  attention: number;
  seed: number;
}

/** The weights of one encoder layer; matrices are [out, in], as PyTorch stores them. */
export interface LayerWeights {
  qkvWeight: tf.Tensor2D; // [3 * hidden, hidden]
  qkvBias: tf.Tensor1D;
  outWeight: tf.Tensor2D; // [hidden, hidden]
  outBias: tf.Tensor1D;
  attentionNormGain: tf.Tensor1D; // [hidden]
  attentionNormBias: tf.Tensor1D;
  upWeight: tf.Tensor2D; // [intermediate, hidden]
  upBias: tf.Tensor1D;
  downWeight: tf.Tensor2D; // [hidden, intermediate]
  downBias: tf.Tensor1D;
  outputNormGain: tf.Tensor1D; // [hidden]
  outputNormBias: tf.Tensor1D;
}
export const LAYER_WEIGHTS: (keyof LayerWeights)[] = [
  'qkvWeight',
  'qkvBias',
  'outWeight',
  'outBias',
  'attentionNormGain',
  'attentionNormBias',
  'upWeight',
  'upBias',
  'downWeight',
  'downBias',
  'outputNormGain',
  'outputNormBias',
];

/** Where the tokens of each row are in the flat list of tokens. */
export interface Rows {
  offsets: tf.Tensor1D; // [batch + 1] int32
  /** How many tokens of each row may be looked at; those behind them are padding. */
  keys: tf.Tensor1D; // [batch] int32
}

/** The type of the matrix products; everything else, the weights included, is in float32. */
export type Precision = 'fp32' | 'bf16';

/** Everything an encoder layer must know beside its input and weights. */
export interface LayerContext extends Shape {
  /** For operations that pack: rows may differ in length, and lie one behind another without padding. */
  rows?: Rows;
  precision?: Precision;
  /** Keeps only the layer's input for its gradient, and computes the rest again: less memory for a third more time. */
  recompute?: boolean;
  /** Added to the attention scores: 0 for tokens, very negative for padding; absent when no row is padded. */
  mask?: tf.Tensor4D; // [batch, 1, 1, sequence]
  epsilon: number;
  /** Absent outside training. */
  dropout?: Dropout;
  /** The layer's number, which sets its dropout streams apart. */
  index: number;
}

export interface Operations {
  /** Whether `layer` takes rows of different lengths without padding. */
  packs: boolean;
  /** Whether `layer` knows bfloat16. */
  narrows: boolean;
  /** Rows of a table: [tokens] → [tokens, hidden]. `paddingId` gets no gradient (`torch.nn.Embedding(padding_idx)`). */
  embedding(table: tf.Tensor2D, ids: tf.Tensor1D, paddingId?: number): tf.Tensor2D;
  /** x · weightᵀ + bias: [tokens, in] → [tokens, out]. */
  linear(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D;
  /** Normalizes each row (Ba, Kiros and Hinton 2016). */
  layerNorm(x: tf.Tensor2D, gain: tf.Tensor1D, bias: tf.Tensor1D, epsilon: number): tf.Tensor2D;
  /** Zeroes elements with probability `rate` and scales the others by 1 / (1 - rate). */
  dropout<T extends tf.Tensor>(x: T, rate: number, seed: [number, number]): T;
  /** One post-norm encoder layer (Vaswani et al. 2017, as BERT has it): [batch * sequence, hidden] → the same. */
  layer(x: tf.Tensor2D, weights: LayerWeights, context: LayerContext): tf.Tensor2D;
  /** Mean of -log softmax(logits)[label] over rows whose label is below `sequence`; others are ignored. */
  crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar;
}

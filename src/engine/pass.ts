// One pass through a model: what an interpreter of its operations must know of the batch.
import type * as tf from '@tensorflow/tfjs';
import { EngineError } from './errors';
import type { Dropout, Ids } from './ops';

/**
 * The type of the matrix products; everything else, the weights included, is in float32. `tf32` rounds the factors of float32 products
 * to ten bits after the point, which NVIDIA's GPUs from 2020 on multiply several times as fast.
 */
export type Precision = 'fp32' | 'tf32' | 'bf16';

/** The type of the products of answers, where a whole model is one operation. */
export type AnswerPrecision = 'fp32' | 'int8';

/** Of dropout: a number, or a tensor of one, [] int32, where a step is written down to be compiled. */
export type Seed = number | tf.Scalar;

/** The seed of a pass, and the number of the place in the model. */
export type SiteSeed = [Seed, number];

/** Zeroes elements with probability `rate` and enlarges the others. */
export type Drop = <T extends tf.Tensor>(x: T, rate: number, seed: SiteSeed) => T;

/** Where the tokens of each row are in the flat list of tokens. */
export interface Rows {
  offsets: tf.Tensor1D; // [batch + 1] int32
  /** How many tokens of each row may be looked at; those after them are padding. */
  keys: tf.Tensor1D; // [batch] int32
}

/** A batch as the operations see it; its tensors belong to whoever made it. */
export interface Pass {
  batch: number;
  /** Of the longest row. */
  sequence: number;
  /** Of each token: its id, its type or its position. [tokens] int32 */
  ids(of: Ids, paddingId?: number): tf.Tensor1D;
  /** For operations that pack: rows may differ in length, and lie one after another without padding. */
  rows?: Rows;
  /** Added to the attention scores: 0 for tokens, very negative for padding; absent when no row is padded. */
  mask?: tf.Tensor4D; // [batch, 1, 1, sequence]
  /** Packed tokens to rows of one length and back, for operations that want it so; absent where they lie so already. */
  padding?: Padding;
  /** Seed of dropout; absent outside training. */
  seed?: Seed;
  /** Dropout where the plain operations' own, which counts in JavaScript, does not do: it takes seeds that are tensors. */
  drop?: Drop;
  precision: Precision;
  /** Keeps only what goes into a layer for its gradient, and computes the rest again: less memory for a third more time. */
  recompute: boolean;
}

/** [tokens, width] → [batch * sequence, width], and back. */
export interface Padding {
  pad(x: tf.Tensor2D): tf.Tensor2D;
  unpad(x: tf.Tensor2D): tf.Tensor2D;
  /** As `Pass` has it where rows are padded. */
  mask: tf.Tensor4D;
}

/** The rate and the seed of a site; nothing is dropped outside training. */
export function dropoutOf(pass: Pick<Pass, 'seed'>, dropout?: Dropout): { rate: number; seed: SiteSeed } {
  const rate = pass.seed === undefined ? 0 : (dropout?.rate ?? 0);
  return { rate, seed: [pass.seed ?? 0, dropout?.site ?? 0] };
}

/** @throws EngineError `E_TRACE` where the seed is a tensor: not every interpreter takes one. */
export function seedNumbers([seed, site]: SiteSeed): [number, number] {
  if (typeof seed === 'number') return [seed, site];
  throw new EngineError('E_TRACE', 'dropout of this kind cannot be compiled; take SPANLAB_OPERATIONS=kernels');
}

// One post-norm layer with random weights, computed by any of the interpreters: what the tests of the engine compare.
import * as tf from '@tensorflow/tfjs';
import type { Activation, Relative } from '../../src/engine/ops';
import { FusedOps } from '../../src/engine/native/fused';
import { TensorflowOps } from '../../src/engine/native/tensorflow';
import type { OperationsKind } from '../../src/engine/operations';
import type { Pass, Rows } from '../../src/engine/pass';
import { PlainOps } from '../../src/engine/plain';
import { Random } from '../../src/engine/random';
import type { ModelConfig } from '../../src/model/config';
import { type PostNormLayer, postNormLayer } from '../../src/model/families/post-norm';

export type LayerTensors = PostNormLayer<tf.Tensor>;

export interface LayerSize {
  heads: number;
  /** Of a head. */
  size: number;
  inner: number;
  seed: number;
}

/** The weights in their order, by their paths in the tree. */
export const LAYER_WEIGHTS = [
  'attention.qkv.weight',
  'attention.qkv.bias',
  'attention.out.weight',
  'attention.out.bias',
  'attentionNorm.weight',
  'attentionNorm.bias',
  'feedForward.up.weight',
  'feedForward.up.bias',
  'feedForward.down.weight',
  'feedForward.down.bias',
  'outputNorm.weight',
  'outputNorm.bias',
];

/** Numbers of a normal distribution, matrices scaled so that products keep their size. */
export function normal(random: Random, shape: number[], scale = shape.length > 1 ? 1 / Math.sqrt(shape[1]) : 0.5) {
  const count = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: count }, () => scale * random.normal()),
    shape,
  );
}

/** The tree of a layer from its weights in their order. */
export function toLayer(list: tf.Tensor[]): LayerTensors {
  const pair = (at: number) => ({ weight: list[at], bias: list[at + 1] });
  return {
    attention: { qkv: pair(0), out: pair(2) },
    attentionNorm: pair(4),
    feedForward: { up: pair(6), down: pair(8) },
    outputNorm: pair(10),
  };
}

export function randomLayer({ heads, size, inner, seed }: LayerSize) {
  const random = new Random(seed);
  const hidden = heads * size;
  const shapes = [
    [3 * hidden, hidden],
    [3 * hidden],
    [hidden, hidden],
    [hidden],
    [hidden],
    [hidden],
    [inner, hidden],
    [inner],
    [hidden, inner],
    [hidden],
    [hidden],
    [hidden],
  ];
  const weights = shapes.map((shape) => normal(random, shape));
  return { weights, input: (tokens: number) => tf.mul(normal(random, [tokens, hidden]), 3) as tf.Tensor2D };
}

/** How a layer is computed. */
export interface LayerRun extends Partial<Pass> {
  heads: number;
  index?: number;
  activation?: Activation;
  dropout?: { hidden: number; attention: number; seed: number };
  /** How scores depend on distances; the table follows the weights of the layer. */
  relative?: Omit<Relative<tf.Tensor2D>, 'values'>;
}

export function runLayer(kind: OperationsKind, x: tf.Tensor, weights: tf.Tensor[], run: LayerRun): tf.Tensor2D {
  const { heads, index = 3, dropout, activation = 'gelu', relative, ...rest } = run;
  const pass: Pass = {
    batch: 0,
    sequence: 0,
    ids: () => tf.tensor1d([], 'int32'),
    precision: 'fp32',
    recompute: false,
    seed: dropout?.seed,
    ...rest,
  };
  const config = {
    heads,
    activation,
    layerNormEpsilon: 1e-12,
    hiddenDropout: dropout?.hidden ?? 0,
    attentionDropout: dropout?.attention ?? 0,
  } as ModelConfig;
  const [values] = weights.slice(LAYER_WEIGHTS.length) as tf.Tensor2D[];
  if (kind === 'plain') {
    const variation = { relative: relative && { ...relative, values } };
    return postNormLayer(new PlainOps(pass), index, x as tf.Tensor2D, toLayer(weights), config, variation);
  }
  const ops = kind === 'fused' ? new FusedOps(pass) : new TensorflowOps(pass);
  const variation = { relative: relative && { ...relative, values: { tensor: values } } };
  return ops.tensor(postNormLayer(ops, index, { tensor: x as tf.Tensor2D }, toLayer(weights), config, variation));
}

export function rowsOf(lengths: number[], keys = lengths): Rows {
  const offsets = [0];
  for (const length of lengths) offsets.push(offsets.at(-1)! + length);
  return { offsets: tf.tensor1d(offsets, 'int32'), keys: tf.tensor1d(keys, 'int32') };
}

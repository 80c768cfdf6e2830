// From a model's named weights to what its family computes with them, whoever interprets the operations.
import type * as tf from '@tensorflow/tfjs';
import type { Ops } from '../engine/ops';
import type { Parameters } from '../engine/parameter-store';
import type { ModelConfig } from './config';
import { familyOf } from './families';
import { type Answer, type TreeOf, answerDropout } from './family';
import { weightTree } from './names';

/** What is needed of a model. */
interface Weighted {
  config: ModelConfig;
  parameters: Parameters;
}

/** A model's weights in the tree of its family. */
export function tensorTree({ config, parameters }: Weighted): TreeOf<Answer, tf.Tensor> {
  return weightTree(config, (name) => parameters.get(name));
}

/** The last hidden states: [tokens, hidden]. */
export function encode<V, W>(ops: Ops<V, W>, weights: TreeOf<Answer, W>, config: ModelConfig): V {
  return encodeUpper(ops, weights, config, 0, encodeLower(ops, weights, config, 0));
}

/** What layer `layers` is given, counted from 0: the embeddings' values, sent through so many layers; [tokens, hidden]. */
export function encodeLower<V, W>(ops: Ops<V, W>, weights: TreeOf<Answer, W>, config: ModelConfig, layers: number): V {
  const family = familyOf(config.architecture)!;
  const x = family.embed(ops, weights, config);
  return layers === 0 ? x : throughLayers(ops, weights, config, x, [0, layers]);
}

/** The last hidden states from what layer `from` is given. */
export function encodeUpper<V, W>(
  ops: Ops<V, W>,
  weights: TreeOf<Answer, W>,
  config: ModelConfig,
  from: number,
  x: V,
): V {
  const last = throughLayers(ops, weights, config, x, [from, config.layers]);
  return familyOf(config.architecture)!.finish?.(ops, weights, config, last) ?? last;
}

function throughLayers<V, W>(
  ops: Ops<V, W>,
  weights: TreeOf<Answer, W>,
  config: ModelConfig,
  x: V,
  [from, to]: [number, number],
): V {
  const layer = familyOf(config.architecture)!.layers(ops, weights, config);
  return Array.from({ length: to - from }, (_, i) => from + i).reduce(layer, x);
}

/** The head on any hidden states, [tokens, hidden] → [tokens, 2]: start and end. */
export function score<V, W>(ops: Ops<V, W>, weights: TreeOf<Answer, W>, config: ModelConfig, hidden: V): V {
  const { head } = familyOf(config.architecture)!;
  if (head) return head(ops, weights, config, hidden);
  return ops.linear(ops.dropout(hidden, answerDropout(config.answerDropout)), weights.answer);
}

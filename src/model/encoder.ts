// From a model's named weights to what its family computes with them, whoever interprets the operations.
import type * as tf from '@tensorflow/tfjs';
import type { Ops } from '../engine/ops';
import type { Parameters } from '../engine/parameter-store';
import type { ModelConfig } from './config';
import { familyOf } from './families';
import type { Answer, TreeOf } from './family';
import { answerDropout } from './family';
import { weightTree } from './names';

/** What is needed of a model. */
interface Weighted {
  config: ModelConfig;
  parameters: Parameters;
}

/** The last hidden states: [tokens, hidden]. */
export function encode<V>(ops: Ops<V, tf.Tensor>, { config, parameters }: Weighted): V {
  return familyOf(config.architecture)!.encode(ops, tensors(config, parameters), config);
}

/** The head on any hidden states, [tokens, hidden] → [tokens, 2]: start and end. */
export function score<V>(ops: Ops<V, tf.Tensor>, { config, parameters }: Weighted, hidden: V): V {
  return scoreWith(ops, tensors(config, parameters), config, hidden);
}

/** The same for any kind of weights. */
export function scoreWith<V, W>(ops: Ops<V, W>, weights: TreeOf<Answer, W>, config: ModelConfig, hidden: V): V {
  const { head } = familyOf(config.architecture)!;
  if (head) return head(ops, weights, config, hidden);
  return ops.linear(ops.dropout(hidden, answerDropout(config.answerDropout)), weights.answer);
}

function tensors(config: ModelConfig, parameters: Parameters): TreeOf<Answer, tf.Tensor> {
  return weightTree(config, (name) => parameters.get(name));
}

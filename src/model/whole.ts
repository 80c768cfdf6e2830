// Scores for answers by one operation that computes the whole model, where the engine has it.
import * as tf from '@tensorflow/tfjs';
import { wholeModel } from '../engine/operations';
import type { Parameters } from '../engine/parameter-store';
import type { AnswerPrecision, Precision } from '../engine/pass';
import type { ModelConfig } from './config';
import { encode, score, tensorTree } from './encoder';
import type { ModelInputs, ModelOutputs } from './inputs';
import { rowNumbers } from './layout';

/** What is needed of a model. */
interface Computed {
  config: ModelConfig;
  parameters: Parameters;
  compute: { precision: Precision; answers: AnswerPrecision };
}

/** Scores without dropout; nothing where layers must go one by one: somebody wants gradients, or the engine is not able to. */
export function scoreWhole(model: Computed, inputs: ModelInputs): ModelOutputs | undefined {
  if (tf.engine().isTapeOn() || model.compute.precision === 'bf16') return undefined;
  const rows = rowNumbers(inputs);
  if (!rows) return undefined;
  const { config, parameters, compute } = model;
  const whole = wholeModel(parameters, compute.answers, config.maxPositions, (ops) => {
    const tree = tensorTree(model);
    return score(ops, tree, config, encode(ops, tree, config));
  });
  if (!whole) return undefined;
  const [startLogits, endLogits] = whole.run({ ...inputs, ...rows });
  return { startLogits, endLogits };
}

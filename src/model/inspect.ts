// Inside a forward pass: the vectors between the layers, and the attention weights that the fast kernels never form.
import * as tf from '@tensorflow/tfjs';
import type { LayerContext, LayerWeights } from '../engine/layer';
import { LAYER_WEIGHTS } from '../engine/layer';
import { plainOperations } from '../engine/plain';
import { ModelError } from './errors';
import type { Layout } from './layout';
import { layoutOf } from './layout';
import type { QuestionAnsweringModel } from './question-answering';
import type { ModelInputs, ModelOutputs } from './inputs';

/** What a forward pass computes on its way; `tf.dispose` frees all of it. */
export interface Inspection extends ModelOutputs {
  /** The embeddings, then the output of each layer: [layers + 1] of [batch, sequence, hidden]. */
  hiddenStates: tf.Tensor3D[];
  /** How much each token (third axis) takes from each other (fourth, which sums to 1): [layers] of [batch, heads, sequence, sequence]. */
  attentions: tf.Tensor4D[];
}

/**
 * A forward pass without dropout that keeps everything, in plain operations on any backend; the caller owns the result. Source:
 * `output_hidden_states` and `output_attentions` of transformers.
 *
 * @throws ModelError `E_MODEL_INPUT` when the rows are longer than the model's positions.
 * @example const { attentions } = inspect(model, batch) // attentions[0]: [batch, heads, sequence, sequence]
 */
export function inspect(model: QuestionAnsweringModel, inputs: ModelInputs): Inspection {
  checkLength(model, inputs.inputIds.shape[1]);
  return tf.tidy(() => {
    const layout = layoutOf(inputs, false);
    const { batch, sequence, mask } = layout;
    const { heads, layers, layerNormEpsilon: epsilon } = model.config;
    const unflatten = (x: tf.Tensor2D) => tf.reshape(x, [batch, sequence, x.shape[1]]) as tf.Tensor3D;
    let hidden = embed(model, inputs, layout); // [batch * sequence, hidden]
    const hiddenStates = [unflatten(hidden)];
    const attentions: tf.Tensor4D[] = [];
    for (let index = 0; index < layers; index++) {
      const weights = layerWeights(model, index);
      const context = { batch, sequence, heads, mask, epsilon, index };
      attentions.push(attentionWeights(hidden, weights, context));
      hidden = plainOperations.layer(hidden, weights, context);
      hiddenStates.push(unflatten(hidden));
    }
    const logits = layout.spread(answerScores(model, hidden));
    const [startLogits, endLogits] = tf.unstack(logits, 2) as tf.Tensor2D[];
    return { hiddenStates, attentions, startLogits, endLogits };
  });
}

/** The head on any vectors of the model's width: [tokens, hidden] → [tokens, 2], start and end. */
export function answerScores(model: QuestionAnsweringModel, hidden: tf.Tensor2D): tf.Tensor2D {
  const { parameters } = model;
  const weight = parameters.get('answer.weight') as tf.Tensor2D;
  return plainOperations.linear(hidden, weight, parameters.get('answer.bias') as tf.Tensor1D);
}

/** softmax(q · kᵀ / √size), the rule by which a layer mixes tokens (Vaswani et al. 2017): [batch, heads, sequence, sequence]. */
function attentionWeights(
  hidden: tf.Tensor2D,
  { qkvWeight, qkvBias }: LayerWeights,
  context: LayerContext,
): tf.Tensor4D {
  return tf.tidy(() => {
    const { batch, sequence, heads, mask } = context;
    const size = hidden.shape[1] / heads;
    const qkv = plainOperations.linear(hidden, qkvWeight, qkvBias);
    const [q, k] = tf.unstack(tf.reshape(qkv, [batch, sequence, 3, heads, size]), 2);
    const [queries, keys] = [q, k].map((x) => tf.transpose(x, [0, 2, 1, 3])); // [batch, heads, sequence, size]
    const scores = tf.div(tf.matMul(queries, keys, false, true), Math.sqrt(size));
    return tf.softmax(mask ? tf.add(scores, mask) : scores) as tf.Tensor4D;
  });
}

function embed(model: QuestionAnsweringModel, { inputIds, tokenTypeIds }: ModelInputs, layout: Layout): tf.Tensor2D {
  const { typeVocabularySize, layerNormEpsilon } = model.config;
  const weight = (name: string) => model.parameters.get(`embeddings.${name}`);
  const rows = (name: string, ids: tf.Tensor1D) => plainOperations.embedding(weight(name) as tf.Tensor2D, ids);
  let sum = tf.add(rows('word', layout.pick(inputIds)), rows('position', layout.positions));
  if (typeVocabularySize > 0) sum = tf.add(sum, rows('type', layout.pick(tokenTypeIds ?? tf.zerosLike(inputIds))));
  const [gain, bias] = [weight('normGain'), weight('normBias')] as tf.Tensor1D[];
  return plainOperations.layerNorm(sum as tf.Tensor2D, gain, bias, layerNormEpsilon);
}

function layerWeights({ parameters }: QuestionAnsweringModel, index: number): LayerWeights {
  const entries = LAYER_WEIGHTS.map((name) => [name, parameters.get(`layer.${index}.${name}`)]);
  return Object.fromEntries(entries) as unknown as LayerWeights;
}

function checkLength({ config }: QuestionAnsweringModel, sequence: number): void {
  const { maxPositions } = config;
  if (sequence <= maxPositions) return;
  const problem = `rows of ${sequence} tokens; this model takes ${maxPositions}`;
  throw new ModelError('E_MODEL_INPUT', `${problem}: lower maxLength`);
}

// Inside a forward pass: the vectors between the layers, and the attention weights that the fast kernels never form.
import * as tf from '@tensorflow/tfjs';
import type { Pass } from '../engine/pass';
import { PlainOps } from '../engine/plain';
import { encode, score, tensorTree } from './encoder';
import type { ModelInputs, ModelOutputs } from './inputs';
import { layoutOf } from './layout';
import { type QuestionAnsweringModel, checkLength, inputsFor } from './question-answering';

/** What a forward pass computes on its way; `tf.dispose` frees all of it. */
export interface Inspection extends ModelOutputs {
  /** The embeddings, then the output of each layer: [layers + 1] of [batch, sequence, hidden]. */
  hiddenStates: tf.Tensor3D[];
  /** How much each token (third axis) takes from each other (fourth, which sums to 1): [layers] of [batch, heads, sequence, sequence]. */
  attentions: tf.Tensor4D[];
}

/** The plain operations, which keep what the others forget. */
class InspectOps extends PlainOps {
  readonly hiddenStates: tf.Tensor2D[] = [];
  readonly attentions: tf.Tensor4D[] = [];

  override tap(x: tf.Tensor2D): tf.Tensor2D {
    this.hiddenStates.push(x);
    return x;
  }

  protected override tapWeights(weights: tf.Tensor4D): void {
    this.attentions.push(tf.keep(weights.clone())); // past the layer's own tidy
  }
}

/**
 * A forward pass without dropout that keeps everything, in plain operations on any backend; the caller owns the result. Source:
 * `output_hidden_states` and `output_attentions` of transformers.
 *
 * @throws ModelError `E_MODEL_INPUT` when the rows are longer than the model's positions.
 * @example const { attentions } = inspect(model, batch) // attentions[0]: [batch, heads, sequence, sequence]
 */
export function inspect(model: QuestionAnsweringModel, inputs: ModelInputs): Inspection {
  checkLength(model.config, inputs.inputIds.shape[1]);
  return tf.tidy(() => {
    const layout = layoutOf(inputsFor(model.config, inputs), false);
    const ops = new InspectOps({ ...layout, precision: 'fp32', recompute: false });
    const { config } = model;
    const weights = tensorTree(model);
    const logits = layout.spread(score(ops, weights, config, encode(ops, weights, config)));
    const [startLogits, endLogits] = tf.unstack(logits, 2) as tf.Tensor2D[];
    const { batch, sequence } = layout;
    const unflatten = (x: tf.Tensor2D) => tf.reshape(x, [batch, sequence, x.shape[1]]) as tf.Tensor3D;
    return { hiddenStates: ops.hiddenStates.map(unflatten), attentions: ops.attentions, startLogits, endLogits };
  });
}

/** The head on any vectors of the model's width: [tokens, hidden] → [tokens, 2], start and end. */
export function answerScores(model: QuestionAnsweringModel, hidden: tf.Tensor2D): tf.Tensor2D {
  const pass: Pass = {
    batch: 1,
    sequence: hidden.shape[0],
    ids: () => tf.zeros([hidden.shape[0]], 'int32'),
    precision: 'fp32',
    recompute: false,
  };
  return score(new PlainOps(pass), tensorTree(model), model.config, hidden);
}

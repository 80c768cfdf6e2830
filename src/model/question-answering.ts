// BERT and DistilBERT with a head that finds answers: embeddings, encoder layers, and two scores a token.
import * as tf from '@tensorflow/tfjs';
import type { LayerContext, LayerWeights, Precision } from '../engine/layer';
import { LAYER_WEIGHTS } from '../engine/layer';
import { operations, tokensPerPass } from '../engine/operations';
import type { Parameters } from '../engine/parameter-store';
import { createParameters } from '../engine/parameters';
import type { ModelConfig } from './config';
import { readConfig } from './config';
import { ModelError } from './errors';
import type { LabelledInputs, ModelInputs, ModelOutputs } from './inputs';
import type { Layout } from './layout';
import { layoutOf } from './layout';
import type { LoadReport } from './weights';
import { initialWeights, loadWeights } from './weights';

/** How a model is computed. */
export interface ComputeOptions {
  /** The type of the matrix products where the operations know it; weights stay in float32 (Micikevicius et al. 2018). */
  precision: Precision;
  /** Keeps one tensor a layer for the gradient and computes the others again (Chen et al. 2016). */
  recompute: boolean;
}

/** What a step of training needs. */
export interface LossAndGradients {
  loss: tf.Scalar;
  /** By the names of the parameters. */
  gradients: Record<string, tf.Tensor>;
}

/** Dropout streams beside those of the layers, which take 4 each from 0 on. */
const EMBEDDING_SITE = -1;
const ANSWER_SITE = -2;

/**
 * A question-answering encoder: Devlin et al. 2019 (BERT), Sanh et al. 2019 (DistilBERT); the reference is Hugging Face's
 * `BertForQuestionAnswering` and `DistilBertForQuestionAnswering`.
 */
export class QuestionAnsweringModel {
  readonly report: LoadReport = { missing: [], unexpected: [] };
  /** How the model is computed; may be changed at any time. */
  readonly compute: ComputeOptions = { precision: 'fp32', recompute: false };

  private constructor(
    readonly config: ModelConfig,
    readonly parameters: Parameters,
  ) {}

  /**
   * Loads a folder in Hugging Face's layout; what it lacks (as a rule the answer head) is drawn from `seed`.
   *
   * @throws ModelError `E_MODEL_CONFIG`, `E_MODEL_WEIGHTS`; SafetensorsError; FileError.
   * @example const model = QuestionAnsweringModel.fromPretrained('models/minilm')
   */
  static fromPretrained(folder: string, options: { seed?: number } = {}): QuestionAnsweringModel {
    const config = readConfig(folder);
    const [weights, report] = loadWeights(folder, config, options.seed);
    const model = new QuestionAnsweringModel(config, createParameters(weights));
    return Object.assign(model, { report });
  }

  /** A model with random weights. */
  static fromConfig(config: ModelConfig, options: { seed?: number } = {}): QuestionAnsweringModel {
    return new QuestionAnsweringModel(config, createParameters(initialWeights(config, options.seed)));
  }

  /**
   * Scores of every token. `dropoutSeed` turns dropout on: the same seed drops the same.
   *
   * @throws ModelError `E_MODEL_INPUT` when the rows are longer than the model's positions.
   */
  forward(inputs: ModelInputs, dropoutSeed?: number): ModelOutputs {
    return tf.tidy(() => {
      const layout = this.layout(inputs);
      const hidden = this.encodeTokens(inputs, layout, dropoutSeed); // [tokens, hidden]
      const dropped = this.drop(hidden, this.config.answerDropout, ANSWER_SITE, dropoutSeed);
      const logits = operations().linear(dropped, this.weight('answer.weight'), this.weight('answer.bias'));
      const [startLogits, endLogits] = tf.unstack(layout.spread(logits), 2) as tf.Tensor2D[];
      return { startLogits, endLogits };
    });
  }

  /** Mean of the start's and the end's cross entropy, as in the reference. */
  loss(inputs: LabelledInputs, dropoutSeed?: number): tf.Scalar {
    return tf.tidy(() => {
      const { startLogits, endLogits } = this.forward(inputs, dropoutSeed);
      const start = operations().crossEntropy(startLogits, inputs.startPositions);
      const end = operations().crossEntropy(endLogits, inputs.endPositions);
      return tf.div(tf.add(start, end), 2) as tf.Scalar;
    });
  }

  /**
   * The loss and its gradient for every weight; the caller owns all of them. Where the backend's memory is small the rows go
   * through in parts and the gradients are averaged, which is the same when every label counts.
   *
   * @example const { loss, gradients } = model.lossAndGradients(batch, step)
   */
  lossAndGradients(inputs: LabelledInputs, dropoutSeed?: number): LossAndGradients {
    const [batch, sequence] = inputs.inputIds.shape;
    const rows = Math.max(1, Math.floor(tokensPerPass() / sequence));
    if (rows >= batch) return this.gradientsOf(inputs, dropoutSeed);
    let sum: LossAndGradients | undefined;
    for (let from = 0; from < batch; from += rows) {
      const part = sliceRows(inputs, from, Math.min(rows, batch - from));
      const seed = dropoutSeed === undefined ? undefined : (Math.imul(dropoutSeed, 0x85ebca6b) + from) | 0;
      const share = part.inputIds.shape[0] / batch;
      sum = addWeighted(sum, this.gradientsOf(part, seed), share);
      tf.dispose(part as unknown as tf.TensorContainer);
    }
    return sum!;
  }

  private gradientsOf(inputs: LabelledInputs, dropoutSeed?: number): LossAndGradients {
    const { names } = this.parameters;
    const tensors = names.map((name) => this.parameters.get(name));
    const { value, grads } = tf.engine().gradients(() => this.loss(inputs, dropoutSeed), tensors, undefined, true);
    return { loss: value as tf.Scalar, gradients: Object.fromEntries(names.map((name, i) => [name, grads[i]])) };
  }

  /** The encoder's last hidden states: [batch, sequence, hidden]; those of padding mean nothing. */
  encode(inputs: ModelInputs, dropoutSeed?: number): tf.Tensor3D {
    return tf.tidy(() => {
      const layout = this.layout(inputs);
      return layout.spread(this.encodeTokens(inputs, layout, dropoutSeed));
    });
  }

  dispose(): void {
    this.parameters.dispose();
  }

  private layout(inputs: ModelInputs): Layout {
    this.checkLength(inputs.inputIds.shape[1]);
    return layoutOf(inputs, operations().packs);
  }

  private encodeTokens(inputs: ModelInputs, layout: Layout, dropoutSeed?: number): tf.Tensor2D {
    const { batch, sequence, mask, rows } = layout;
    const { heads, layerNormEpsilon: epsilon, layers } = this.config;
    const base = { ...{ batch, sequence, heads, epsilon, mask, rows }, ...this.compute };
    const context = { ...base, dropout: this.rates(dropoutSeed) };
    let hidden = this.embed(inputs, layout, dropoutSeed);
    for (let index = 0; index < layers; index++) {
      hidden = operations().layer(hidden, this.layerWeights(index), { ...context, index });
    }
    return hidden;
  }

  private embed({ inputIds, tokenTypeIds }: ModelInputs, layout: Layout, dropoutSeed?: number): tf.Tensor2D {
    const { paddingId, typeVocabularySize, layerNormEpsilon, hiddenDropout } = this.config;
    const { embedding, layerNorm } = operations();
    const words = embedding(this.weight('embeddings.word'), layout.pick(inputIds), paddingId);
    let sum = tf.add(words, embedding(this.weight('embeddings.position'), layout.positions)) as tf.Tensor2D;
    if (typeVocabularySize > 0) {
      const types = tokenTypeIds ?? tf.zerosLike(inputIds);
      sum = tf.add(sum, embedding(this.weight('embeddings.type'), layout.pick(types)));
    }
    const [gain, bias] = ['embeddings.normGain', 'embeddings.normBias'].map((name) => this.weight<tf.Tensor1D>(name));
    return this.drop(layerNorm(sum, gain, bias, layerNormEpsilon), hiddenDropout, EMBEDDING_SITE, dropoutSeed);
  }

  private rates(seed?: number): LayerContext['dropout'] {
    if (seed === undefined) return undefined;
    return { hidden: this.config.hiddenDropout, attention: this.config.attentionDropout, seed };
  }

  private drop(x: tf.Tensor2D, rate: number, site: number, seed?: number): tf.Tensor2D {
    return seed === undefined ? x : operations().dropout(x, rate, [seed, site]);
  }

  private layerWeights(index: number): LayerWeights {
    const entries = LAYER_WEIGHTS.map((name) => [name, this.weight(`layer.${index}.${name}`)]);
    return Object.fromEntries(entries) as unknown as LayerWeights;
  }

  private weight<T extends tf.Tensor = tf.Tensor2D & tf.Tensor1D>(name: string): T {
    return this.parameters.get(name) as T;
  }

  private checkLength(sequence: number): void {
    const { maxPositions } = this.config;
    if (sequence <= maxPositions) return;
    throw new ModelError(
      'E_MODEL_INPUT',
      `rows of ${sequence} tokens; this model takes ${maxPositions}: lower maxLength`,
    );
  }
}

/** Some rows of every tensor; the caller disposes them. */
function sliceRows(inputs: LabelledInputs, from: number, count: number): LabelledInputs {
  const entries = Object.entries(inputs).filter(([, value]) => value instanceof tf.Tensor) as [string, tf.Tensor][];
  const slices = Object.fromEntries(entries.map(([name, tensor]) => [name, tf.slice(tensor, from, count)]));
  const lengths = inputs.lengths && Array.from(inputs.lengths).slice(from, from + count);
  return { ...slices, ...(lengths && { lengths }) } as unknown as LabelledInputs;
}

/** sum + share · part; takes both over. */
function addWeighted(sum: LossAndGradients | undefined, part: LossAndGradients, share: number): LossAndGradients {
  const add = (before: tf.Tensor | undefined, tensor: tf.Tensor) => {
    const result = tf.tidy(() => (before ? tf.add(before, tf.mul(tensor, share)) : tf.mul(tensor, share)));
    tf.dispose(before ? [before, tensor] : [tensor]);
    return result;
  };
  const names = Object.keys(part.gradients);
  const gradients = names.map((name) => [name, add(sum?.gradients[name], part.gradients[name])]);
  return { loss: add(sum?.loss, part.loss) as tf.Scalar, gradients: Object.fromEntries(gradients) };
}

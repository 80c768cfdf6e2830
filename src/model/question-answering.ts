// An encoder of any family with a head that finds answers: two scores a token.
import * as tf from '@tensorflow/tfjs';
import { crossEntropy, operations, tokensPerPass, withOps } from '../engine/operations';
import type { AnswerPrecision, Pass, Precision, Seed } from '../engine/pass';
import type { Parameters } from '../engine/parameter-store';
import { chooseAnswers } from '../engine/precision';
import { createParameters } from '../engine/parameters';
import { type ModelConfig, readConfig } from './config';
import { ModelError } from './errors';
import { encode, encodeLower, encodeUpper, score, tensorTree } from './encoder';
import { trainableNames } from './frozen';
import type { LabelledInputs, ModelInputs, ModelOutputs } from './inputs';
import { type Layout, layoutOf } from './layout';
import { teacherLoss } from './teacher-loss';
import { type LoadReport, initialWeights, loadWeights } from './weights';
import { scoreWhole } from './whole';

/** How a model is computed. */
export interface ComputeOptions {
  /** The type of the matrix products where the operations know it; weights stay in float32 (Micikevicius et al. 2018). */
  precision: Precision;
  /**
   * The type of the products where only answers are wanted, and the engine computes the whole model in one operation: `int8` rounds
   * weights and what they are multiplied with to 8 bits, see `chooseAnswers`.
   */
  answers: AnswerPrecision;
  /** Keeps one tensor a layer for the gradient and computes the others again (Chen et al. 2016). */
  recompute: boolean;
  /**
   * The embeddings and so many of the lowest layers have no gradient, and nothing is dropped in them while others train; 0 freezes
   * nothing.
   */
  frozen: number;
  /** Where a batch has a teacher's shares: how much of the loss they are, 0 to 1, and at which temperature. */
  teacher: { weight: number; temperature: number };
  /** What is dropped in training instead of the rates in config.json, in attention and after it: from 0 to below 1. */
  dropout?: number;
}

/** What a step of training needs. */
export interface LossAndGradients {
  loss: tf.Scalar;
  /** By the names of the parameters. */
  gradients: Record<string, tf.Tensor>;
}

/**
 * A question-answering encoder; the reference is Hugging Face's `…ForQuestionAnswering` of the same family. The families that are
 * known are in ./families.
 */
export class QuestionAnsweringModel {
  readonly report: LoadReport = { missing: [], unexpected: [] };
  /** How the model is computed; may be changed at any time. */
  readonly compute: ComputeOptions = {
    precision: 'fp32',
    answers: chooseAnswers(),
    recompute: false,
    frozen: 0,
    teacher: { weight: 0.5, temperature: 2 },
  };

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
      checkLength(this.config, inputs.inputIds.shape[1]);
      const whole = dropoutSeed === undefined ? scoreWhole(this, inputsFor(this.config, inputs)) : undefined;
      const { startLogits, endLogits } = whole ?? this.scores(this.layout(inputs), undefined, dropoutSeed);
      return { startLogits, endLogits };
    });
  }

  /** Mean of the start's and the end's cross entropy, as in the reference. */
  loss(inputs: LabelledInputs, dropoutSeed?: number): tf.Scalar {
    return tf.tidy(() => {
      const layout = this.layout(inputs);
      return this.lossOf(inputs, layout, this.lowerOf(inputs, layout), dropoutSeed);
    });
  }

  /** @param lower What the first layer that is not frozen is given; absent: all layers are computed. */
  private scores(layout: Layout, lower?: tf.Tensor3D, seed?: Seed, recompute = false): ModelOutputs {
    const { compute } = this;
    const config = withDropout(this.config, compute.dropout);
    const pass: Pass = { ...layout, precision: compute.precision, recompute, seed };
    const weights = tensorTree(this);
    const logits = withOps(pass, (ops) => {
      const hidden = lower
        ? encodeUpper(ops, weights, config, compute.frozen, ops.rows(layout.pack(lower)))
        : encode(ops, weights, config);
      return ops.tensor(score(ops, weights, config, hidden));
    }); // [tokens, 2]
    const [startLogits, endLogits] = tf.unstack(layout.spread(logits), 2) as tf.Tensor2D[];
    return { startLogits, endLogits };
  }

  private lossOf(
    labels: LabelledInputs,
    layout: Layout,
    lower?: tf.Tensor3D,
    seed?: Seed,
    recompute?: boolean,
  ): tf.Scalar {
    const { startLogits, endLogits } = this.scores(layout, lower, seed, recompute);
    const start = crossEntropy(startLogits, labels.startPositions);
    const end = crossEntropy(endLogits, labels.endPositions);
    const loss: tf.Scalar = tf.div(tf.add(start, end), 2);
    const { teacherStart, teacherEnd } = labels;
    if (!teacherStart || !teacherEnd) return loss;
    const { weight, temperature } = this.compute.teacher;
    const parts = [
      teacherLoss(startLogits, teacherStart, temperature),
      teacherLoss(endLogits, teacherEnd, temperature),
    ];
    return tf.add(tf.mul(loss, 1 - weight), tf.mul(tf.div(tf.add(parts[0], parts[1]), 2), weight));
  }

  /**
   * The loss and its gradient for every weight that is not frozen; the caller owns all of them. Where the backend's memory is small the rows go
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

  /** As `lossAndGradients`, of all rows at once. */
  gradientsOf(inputs: LabelledInputs, dropoutSeed?: Seed): LossAndGradients {
    const names = trainableNames(this.config, this.compute.frozen);
    const tensors = names.map((name) => this.parameters.get(name));
    return tf.tidy(() => {
      const layout = this.layout(inputs); // made here, so that it is still there when a layer is computed again
      const lower = this.lowerOf(inputs, layout); // outside the tape: nothing of it is kept
      const loss = () => this.lossOf(inputs, layout, lower, dropoutSeed, this.compute.recompute);
      const { value, grads } = tf.engine().gradients(loss, tensors, undefined, true);
      const gradients = Object.fromEntries(names.map((name, i) => [name, grads[i]]));
      return { loss: value, gradients } as unknown as tf.TensorContainer;
    }) as unknown as LossAndGradients;
  }

  /**
   * What the frozen part gives: the input of the first layer that is not frozen, without dropout, zeros or nothing of meaning for
   * padding. It may be computed once and given to `lossAndGradients` as `lower`.
   *
   * @returns [batch, sequence, hidden]
   */
  lowerStates(inputs: ModelInputs): tf.Tensor3D {
    return tf.tidy(() => this.lowerThrough(this.layout(inputs)));
  }

  private lowerOf(inputs: ModelInputs, layout: Layout): tf.Tensor3D | undefined {
    if (this.compute.frozen === 0) return undefined;
    return inputs.lower ?? this.lowerThrough(layout);
  }

  private lowerThrough(layout: Layout): tf.Tensor3D {
    const { config, compute } = this;
    const pass: Pass = { ...layout, precision: compute.precision, recompute: false };
    const weights = tensorTree(this);
    return layout.unpack(withOps(pass, (ops) => ops.tensor(encodeLower(ops, weights, config, compute.frozen))));
  }

  /** The encoder's last hidden states: [batch, sequence, hidden]; those of padding mean nothing. */
  encode(inputs: ModelInputs, dropoutSeed?: number): tf.Tensor3D {
    return tf.tidy(() => {
      const layout = this.layout(inputs);
      const pass: Pass = { ...layout, precision: this.compute.precision, recompute: false, seed: dropoutSeed };
      return layout.spread(withOps(pass, (ops) => ops.tensor(encode(ops, tensorTree(this), this.config))));
    });
  }

  dispose(): void {
    this.parameters.dispose();
  }

  private layout(inputs: ModelInputs): Layout {
    checkLength(this.config, inputs.inputIds.shape[1]);
    return layoutOf(inputsFor(this.config, inputs), operations().packs);
  }
}

/** Without types where the model tells none apart, whatever a tokenizer gives: RoBERTa's table of types has one row. */
export function inputsFor({ typeVocabularySize }: ModelConfig, inputs: ModelInputs): ModelInputs {
  return typeVocabularySize > 1 ? inputs : { ...inputs, tokenTypeIds: undefined };
}

/** @throws ModelError `E_MODEL_INPUT` when rows are longer than the model's positions. */
export function checkLength({ maxPositions }: ModelConfig, sequence: number): void {
  if (sequence <= maxPositions) return;
  throw new ModelError(
    'E_MODEL_INPUT',
    `rows of ${sequence} tokens; this model takes ${maxPositions}: lower maxLength`,
  );
}

/** Some rows of every tensor; the caller disposes them. */
function sliceRows(inputs: LabelledInputs, from: number, count: number): LabelledInputs {
  const entries = Object.entries(inputs).filter(([, value]) => value instanceof tf.Tensor) as [string, tf.Tensor][];
  const slices = Object.fromEntries(entries.map(([name, tensor]) => [name, tf.slice(tensor, from, count)]));
  const lengths = inputs.lengths && Array.from(inputs.lengths as ArrayLike<number>).slice(from, from + count);
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

/** The same with other rates; the head's is the family's own affair. */
function withDropout(config: ModelConfig, rate: number | undefined): ModelConfig {
  return rate === undefined ? config : { ...config, hiddenDropout: rate, attentionDropout: rate };
}

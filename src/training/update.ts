// One update of the weights: forward and backward over one or more batches, then the optimizer.
import * as tf from '@tensorflow/tfjs';
import type { AdamW } from '../engine/adamw';
import type { Gradients } from '../engine/moments';
import { operationsKind } from '../engine/operations';
import { CompiledStep } from '../model/compiled-step';
import type { QuestionAnsweringModel } from '../model/question-answering';
import { makeBatch } from './batch';
import { checkFinite, describeRows } from './guards';
import type { LowerStates } from './lower-states';
import type { TrainerOptions } from './options';
import type { TrainingRows } from './rows';
import { teacherShares } from './teacher';

/** What an update works on. */
export interface Work {
  /** The rows of each batch. */
  batches: number[][];
  /** Batches done before. */
  firstBatch: number;
  /** The number of the update, from 1. */
  step: number;
  learningRate: number;
}

export interface Outcome {
  loss: number;
  gradientNorm: number;
  examples: number;
  tokens: number;
}

export type UpdaterOptions = Pick<TrainerOptions, 'seed' | 'padTo' | 'batchSize' | 'teacherTemperature'>;

/** Where steps are compiled, rows are padded to a multiple of it: a handful of shapes, each compiled once. */
const BUCKET = 64;

/** Carries out updates. Gradients of several batches are averaged over their rows, as if they were one batch. */
export class Updater {
  /** True while weights change: an error then leaves them half updated. */
  isChanging = false;
  /** Where steps are compiled; nothing once the model turned out to have what cannot be. */
  private compiled?: CompiledStep;

  constructor(
    private readonly model: QuestionAnsweringModel,
    private readonly optimizer: AdamW,
    private readonly data: TrainingRows,
    private readonly options: UpdaterOptions,
    private readonly lower?: LowerStates,
  ) {
    // what is given from outside the model changes from batch to batch: a teacher's shares, and the frozen layers' values
    const isWhole = model.compute.frozen === 0 && !data.teacher;
    if (isWhole && operationsKind() === 'compiled') this.compiled = new CompiledStep(model, optimizer);
  }

  /**
   * One update.
   *
   * @throws TrainingError `E_TRAIN_LOSS`; the weights are then as before.
   */
  async update(work: Work): Promise<Outcome> {
    const { batches, firstBatch, step, learningRate } = work;
    // a last batch that is smaller would be compiled for one step
    const isUsual = batches.length === 1 && batches[0].length === this.options.batchSize;
    const whole = isUsual ? this.compiledUpdate(work) : undefined;
    if (whole) return whole;
    const examples = batches.reduce((sum, rows) => sum + rows.length, 0);
    const rows = (of: number[]) => () => describeRows(this.data.features, of, this.data.ids);
    let gradients: Gradients = {};
    let [loss, tokens] = [0, 0];
    try {
      for (const [i, batch] of batches.entries()) {
        const share = batch.length / examples;
        const part = await this.pass(batch, dropoutSeed(this.options.seed, firstBatch + i), gradients, share);
        gradients = part.gradients;
        checkFinite('the loss', part.loss, step, rows(batch));
        loss += share * part.loss;
        tokens += part.tokens;
      }
      this.isChanging = true;
      const gradientNorm = await this.optimizer.step(gradients, learningRate);
      this.isChanging = false;
      checkFinite('the gradient norm', gradientNorm, step, rows(batches.flat()));
      return { loss, gradientNorm, examples, tokens };
    } finally {
      tf.dispose(gradients);
    }
  }

  /** The update as one function; nothing where steps are not compiled. */
  private compiledUpdate({ batches: [rows], firstBatch, step, learningRate }: Work): Outcome | undefined {
    const { compiled, model, options } = this;
    const { features, ids } = this.data;
    if (!compiled) return undefined;
    const { maxPositions } = model.config;
    const padded = (longest: number) => Math.min(Math.ceil(longest / BUCKET) * BUCKET, Math.max(longest, maxPositions));
    const batch = makeBatch(features, rows, options.padTo, padded);
    try {
      this.isChanging = true;
      const { loss, gradientNorm } = compiled.run(batch, dropoutSeed(options.seed, firstBatch), learningRate);
      this.isChanging = false;
      const described = () => describeRows(features, rows, ids);
      checkFinite('the loss', loss, step, described);
      checkFinite('the gradient norm', gradientNorm, step, described);
      return { loss, gradientNorm, examples: rows.length, tokens: batch.tokens };
    } catch (error) {
      if ((error as { code?: string }).code !== 'E_TRACE') throw error;
      this.isChanging = false;
      compiled.dispose();
      this.compiled = undefined;
      return undefined;
    } finally {
      batch.dispose();
    }
  }

  dispose(): void {
    this.compiled?.dispose();
  }

  /** Forward and backward over some rows; `before` is taken over. */
  private async pass(rows: number[], seed: number, before: Gradients, share: number) {
    const { features, teacher } = this.data;
    const batch = makeBatch(features, rows, this.options.padTo);
    const sequence = batch.inputIds.shape[1];
    const soft =
      teacher && teacherShares(teacher, features, { rows, sequence, temperature: this.options.teacherTemperature });
    let lower: tf.Tensor3D | undefined;
    try {
      lower = await this.lower?.of(rows, sequence);
      const { loss, gradients } = this.model.lossAndGradients({ ...batch, ...soft, lower }, seed);
      const [value] = await loss.data();
      loss.dispose();
      return {
        loss: value,
        tokens: batch.tokens,
        gradients: share === 1 ? gradients : addScaled(before, gradients, share),
      };
    } finally {
      batch.dispose();
      lower?.dispose();
      if (soft) tf.dispose([soft.teacherStart, soft.teacherEnd]);
    }
  }
}

/** sum + share · part; takes both over. */
function addScaled(sum: Gradients, part: Gradients, share: number): Gradients {
  const entries = Object.entries(part).map(([name, gradient]) => {
    const total = tf.tidy(() => {
      const scaled = tf.mul(gradient, share);
      return sum[name] ? tf.add(sum[name], scaled) : scaled;
    });
    gradient.dispose();
    sum[name]?.dispose();
    return [name, total] as const;
  });
  return Object.fromEntries(entries);
}

/** The seed of a batch's dropout: batches of one run never share one, nor do those of runs with other seeds. */
export function dropoutSeed(seed: number, batch: number): number {
  return (Math.imul(seed + 1, 0x9e3779b1) + batch) | 0;
}

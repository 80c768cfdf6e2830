// The lesson's training loop, for those who do not want to write it in a cell.
import * as tf from '@tensorflow/tfjs';
import type { AdamWOptions } from '../engine/adamw';
import { AdamW } from '../engine/adamw';
import type { QuestionAnsweringModel } from '../model/question-answering';
import type { Features } from '../tokens/features';
import type { Batch } from './batch';
import { TrainingError } from './errors';
import { DataLoader } from './loader';
import type { Schedule, ScheduleName } from './schedule';
import { schedule } from './schedule';

export interface TrainOptions extends Partial<AdamWOptions> {
  epochs: number;
  batchSize: number;
  seed: number;
  schedule: ScheduleName;
  /** Share of the steps over which the learning rate rises from 0. */
  warmup: number;
  bucket: boolean;
  /** Stops after the step in progress. */
  signal?: AbortSignal;
  onStep?: (step: StepReport) => void | Promise<void>;
}
export const TRAIN_DEFAULTS: TrainOptions = {
  epochs: 3,
  batchSize: 16,
  seed: 0,
  schedule: 'linear',
  warmup: 0.1,
  bucket: true,
};

/** What one step did. */
export interface StepReport {
  /** Counted from 1, over all epochs. */
  step: number;
  totalSteps: number;
  /** Counted from 0. */
  epoch: number;
  loss: number;
  learningRate: number;
  gradientNorm: number;
  /** Rows and tokens trained on so far. */
  examples: number;
  tokens: number;
  /** Since the first step began. */
  seconds: number;
}

export interface TrainResult {
  steps: number;
  /** Mean loss of each epoch. */
  epochLosses: number[];
  examplesPerSecond: number;
  seconds: number;
  /** Whether the signal ended it early. */
  stopped: boolean;
}

/**
 * Fine-tunes `model` in place. Between steps the event loop runs, so that progress shows and the signal is seen.
 *
 * @throws TrainingError `E_TRAIN_DATA` without rows; `E_TRAIN_LOSS` when the loss is not a number, with the step and rows.
 * @example await train(model, features, { epochs: 3, learningRate: 5e-5, onStep: (s) => bar.update(s.step) })
 */
export async function train(
  model: QuestionAnsweringModel,
  features: Features,
  options: Partial<TrainOptions> = {},
): Promise<TrainResult> {
  const settings = { ...TRAIN_DEFAULTS, ...options };
  if (features.count === 0)
    throw new TrainingError('E_TRAIN_DATA', 'the training data has no questions; check the file');
  const loader = new DataLoader(features, { ...settings, shuffle: true });
  const run = new Run(model, settings, loader.length * settings.epochs);
  try {
    for (let epoch = 0; epoch < settings.epochs && !settings.signal?.aborted; epoch++) await run.epoch(loader, epoch);
    return run.result();
  } finally {
    run.dispose();
  }
}

/** A run in progress: the optimizer and what has happened so far. */
class Run {
  private readonly optimizer: AdamW;
  private readonly rate: Schedule;
  private readonly began = performance.now();
  private readonly epochLosses: number[] = [];
  private steps = 0;
  private examples = 0;
  private tokens = 0;

  constructor(
    private readonly model: QuestionAnsweringModel,
    private readonly settings: TrainOptions,
    private readonly totalSteps: number,
  ) {
    this.optimizer = new AdamW(model.parameters, settings);
    this.rate = schedule(settings.schedule, totalSteps, Math.floor(settings.warmup * totalSteps));
  }

  async epoch(loader: DataLoader, epoch: number): Promise<void> {
    let sum = 0;
    let count = 0;
    for (const batch of loader.epoch(epoch)) {
      const report = this.step(batch, epoch);
      sum += report.loss;
      count++;
      await this.settings.onStep?.(report);
      await new Promise(setImmediate);
      if (this.settings.signal?.aborted) break;
    }
    this.epochLosses.push(sum / count);
  }

  /** Forward, loss, backward, update; disposes the batch. */
  private step(batch: Batch, epoch: number): StepReport {
    const learningRate = this.optimizer.options.learningRate * this.rate(this.steps);
    const { loss, gradients } = this.model.lossAndGradients(batch, dropoutSeed(this.settings.seed, this.steps));
    try {
      const value = loss.dataSync()[0];
      if (!Number.isFinite(value)) throw lossError(value, this.steps + 1, batch.rows);
      const gradientNorm = this.optimizer.step(gradients, learningRate);
      this.steps++;
      this.examples += batch.rows.length;
      this.tokens += batch.tokens;
      return { ...this.progress(), epoch, loss: value, learningRate, gradientNorm };
    } finally {
      tf.dispose([loss, gradients]);
      batch.dispose();
    }
  }

  private progress() {
    const { steps: step, totalSteps, examples, tokens } = this;
    return { step, totalSteps, examples, tokens, seconds: (performance.now() - this.began) / 1000 };
  }

  result(): TrainResult {
    const { seconds } = this.progress();
    const { steps, epochLosses, examples, settings } = this;
    const stopped = settings.signal?.aborted ?? false;
    return { steps, epochLosses, examplesPerSecond: examples / seconds, seconds, stopped };
  }

  dispose(): void {
    this.optimizer.dispose();
  }
}

/** The seed of a step's dropout: steps of one run never share one, nor do the same steps of runs with other seeds. */
export function dropoutSeed(seed: number, step: number): number {
  return (Math.imul(seed + 1, 0x9e3779b1) + step) | 0;
}

function lossError(value: number, step: number, rows: number[]): TrainingError {
  const where = `loss is ${value} at step ${step} (rows ${rows.join(', ')})`;
  return new TrainingError('E_TRAIN_LOSS', `${where}; lower the learning rate or check these rows`);
}

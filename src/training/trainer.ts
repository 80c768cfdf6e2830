// The lesson's training loop with all that a run of hours needs: evaluation, checkpoints, going on, a record.
import { ensureWritable } from '../publish/save';
import type { QuestionAnsweringModel } from '../model/question-answering';
import type { Features } from '../tokens/features';
import type { Tokenizer } from '../tokens/tokenizer';
import { TrainingError } from './errors';
import { checkFeatures } from './guards';
import type { TrainerOptions } from './options';
import { parseOptions } from './options';
import { Run } from './run';
import type { StepReport } from './state';

/** Marks of an evaluation by name, in the words of the official scripts: `exact`, `f1`, … */
export type Marks = Record<string, number>;

/** What a trainer works with. */
export interface TrainerSetup {
  model: QuestionAnsweringModel;
  features: Features;
  options?: Partial<TrainerOptions>;
  /** The run's folder: record, checkpoints and the trained model. Without it nothing is written. */
  output?: string;
  /** Saved with the model; needed with `output`. */
  tokenizer?: Tokenizer;
  /** Marks the model as it is; it should reject with the signal's reason when the signal is aborted. */
  evaluate?: (signal?: AbortSignal) => Promise<Marks>;
  /** Names of the records that the rows come from, for messages: `records.map(({ id }) => id)`. */
  ids?: string[];
  /** What `options.json` should hold beside the options, so that the run can be repeated: model, files, lengths. */
  inputs?: Record<string, unknown>;
  /** What `run.json` should say of the data, such as the hashes of its files. */
  data?: Record<string, unknown>;
  onStep?: (report: StepReport) => void | Promise<void>;
  onEvaluation?: (step: number, marks: Marks) => void | Promise<void>;
  onCheckpoint?: (folder: string) => void | Promise<void>;
}

export interface RunOptions {
  /** Stops after the step in progress and leaves a checkpoint. */
  signal?: AbortSignal;
  /** Goes on with a checkpoint: `latest` of the output folder (from the beginning when it has none), or a folder. */
  resume?: string;
}

export interface TrainResult {
  steps: number;
  /** Mean loss of each epoch; the last may be unfinished. */
  epochLosses: number[];
  examplesPerSecond: number;
  /** Spent in training steps. */
  seconds: number;
  /** Whether the signal ended it early. */
  stopped: boolean;
  /** The step whose weights the model has now, when evaluations chose it. */
  bestStep?: number;
  /** That step's value of `bestMetric`. */
  bestValue?: number;
}

/**
 * Fine-tunes a model in place, after the loop of the lesson. Randomness depends on the seed and the position alone, so a run
 * that was stopped at any step and resumed ends with the same weights, bit for bit, as one that was not.
 *
 * @throws TrainingError from the constructor: `E_TRAIN_OPTION`, `E_TRAIN_DATA`, `E_TRAIN_LABEL`.
 * @example
 * const trainer = new Trainer({ model, tokenizer, features, output: 'runs/one', options: { epochs: 3, learningRate: 2e-4 } });
 * await trainer.run({ signal: interruptSignal, resume: 'latest' });
 */
export class Trainer {
  readonly options: TrainerOptions;

  constructor(readonly setup: TrainerSetup) {
    this.options = parseOptions(setup.options ?? {});
    const { output, tokenizer, evaluate } = setup;
    if (output && !tokenizer)
      throw new TrainingError('E_TRAIN_OPTION', 'output needs a tokenizer to save with the model');
    if (this.options.evaluateEvery > 0 && !evaluate) {
      throw new TrainingError('E_TRAIN_OPTION', 'evaluateEvery needs evaluate: give data to evaluate on');
    }
    checkFeatures(setup.features, setup.ids);
  }

  /**
   * Trains to the end, to the signal, or until evaluations stop getting better. The model then has its best weights, where
   * evaluations and an output folder let it choose.
   *
   * @throws TrainingError, FileError; a checkpoint in the output folder stays good whatever happens.
   */
  async run({ signal, resume }: RunOptions = {}): Promise<TrainResult> {
    if (this.setup.output) ensureWritable(this.setup.output);
    const run = new Run(this.setup, this.options, signal);
    try {
      await run.begin(resume);
      return await run.toEnd();
    } finally {
      run.dispose();
    }
  }

  /** Writes the run's folder with a checkpoint of the beginning, and trains nothing: for another program to take over. */
  async prepare(): Promise<string> {
    const { output } = this.setup;
    if (!output) throw new TrainingError('E_TRAIN_OPTION', 'prepare needs an output folder');
    ensureWritable(output);
    const run = new Run(this.setup, this.options);
    try {
      await run.begin();
      return await run.save();
    } finally {
      run.dispose();
    }
  }
}

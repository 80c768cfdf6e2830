// The lesson's training loop with all that a run of hours needs: evaluation, checkpoints, going on, a record.
import { ensureWritable } from '../model/save';
import { TrainingError } from './errors';
import { checkFeatures } from './guards';
import { type TrainerOptions, parseOptions } from './options';
import { type TrainingRows, rowsOf } from './rows';
import { Run } from './run';
import type { RunOptions, TrainerSetup, TrainResult } from './setup';

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
  private readonly rows: TrainingRows;

  constructor(readonly setup: TrainerSetup) {
    this.options = parseOptions(setup.options ?? {});
    const { output, tokenizer, evaluate } = setup;
    if (output && !tokenizer)
      throw new TrainingError('E_TRAIN_OPTION', 'output needs a tokenizer to save with the model');
    if (this.options.evaluateEvery > 0 && !evaluate) {
      throw new TrainingError('E_TRAIN_OPTION', 'evaluateEvery needs evaluate: give data to evaluate on');
    }
    this.rows = rowsOf(setup);
    checkFeatures(setup.features, setup.ids); // general rows alone are none of one's own
    checkFeatures(this.rows.features, this.rows.ids);
  }

  /**
   * Trains to the end, to the signal, or until evaluations stop getting better. The model then has its best weights, where
   * evaluations and an output folder let it choose.
   *
   * @throws TrainingError, FileError; a checkpoint in the output folder stays good whatever happens.
   */
  async run({ signal, ...resuming }: RunOptions = {}): Promise<TrainResult> {
    if (this.setup.output) ensureWritable(this.setup.output);
    const run = new Run(this.setup, this.rows, this.options, signal);
    try {
      await run.begin(resuming);
      return await run.toEnd();
    } finally {
      run.dispose();
    }
  }

  /** Writes the run's folder with a checkpoint of the beginning, and trains nothing: for another program to take over. */
  async prepare(): Promise<string> {
    const { output } = this.setup;
    if (!output) throw new TrainingError('E_TRAIN_OPTION', 'prepare needs an output folder');
    this.refuseToHandOver();
    ensureWritable(output);
    const run = new Run(this.setup, this.rows, this.options);
    try {
      await run.begin();
      return await run.handOver();
    } finally {
      run.dispose();
    }
  }

  /** `scale/train_torch.py` trains all weights on all rows alike. */
  private refuseToHandOver(): void {
    const { own, features, teacher } = this.rows;
    const { freeze, dropout } = this.options;
    const kinds = {
      freeze: freeze > 0,
      mix: own < features.count,
      teacher: teacher !== undefined,
      dropout: dropout !== undefined,
    };
    const what = Object.entries(kinds).find(([, isUsed]) => isUsed)?.[0];
    if (what === undefined) return;
    throw new TrainingError(
      'E_TRAIN_OPTION',
      `a run with ${what} cannot be handed over; leave out ${what}, or train here without prepare`,
    );
  }
}

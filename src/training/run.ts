// A run in progress: one update after the other, with evaluations and checkpoints between them.
import { AdamW } from '../engine/adamw';
import { choosePrecision } from '../engine/precision';
import { largestBatch } from './batch';
import { type Identity, restoreWeights, verifyCheckpoint } from './checkpoint';
import { FileError, SpanlabError } from '../errors';
import { TrainingError } from './errors';
import { RunFolder } from './run-folder';
import { checkIds } from '../tokens/id-checks';
import { forgetTemperature } from '../model/config';
import { trainableNames } from '../model/frozen';
import { backendError, checkTrained } from './guards';
import { DataLoader } from './loader';
import { LowerStates } from './lower-states';
import { type TrainerOptions, resultOptions } from './options';
import { type TrainingRows, hashRows } from './rows';
import { type Schedule, schedule } from './schedule';
import {
  type StepReport,
  type TrainingState,
  advance,
  epochLosses,
  initialState,
  logSteps,
  noteEvaluation,
} from './state';
import { epochsDone } from './hugging-face';
import type { Metrics, RunOptions, TrainResult, TrainerSetup } from './setup';
import { Updater } from './update';

/** The parts of a run and its position. */
export class Run {
  private readonly optimizer: AdamW;
  private readonly loader: DataLoader;
  private readonly updater: Updater;
  private readonly rate: Schedule;
  private readonly totalSteps: number;
  private readonly folder?: RunFolder;
  private state: TrainingState = initialState();
  private plan: { epoch: number; batches: number[][] } = { epoch: -1, batches: [] };

  constructor(
    private readonly setup: TrainerSetup,
    private readonly rows: TrainingRows,
    private readonly options: TrainerOptions,
    private readonly signal?: AbortSignal,
  ) {
    const { model } = setup;
    const { features, own } = rows;
    checkIds(features, model.config);
    const { recompute, freeze: frozen, padTo, teacherWeight: weight, teacherTemperature: temperature } = options;
    trainableNames(model.config, frozen); // before hours of work
    Object.assign(model.compute, {
      precision: choosePrecision(options.precision),
      recompute,
      frozen,
      teacher: { weight, temperature },
      dropout: options.dropout,
    });
    forgetTemperature(model.config);
    const lower = frozen > 0 ? new LowerStates(model, features, padTo) : undefined;
    this.optimizer = new AdamW(model.parameters, options);
    this.loader = new DataLoader(features, { ...options, own });
    this.updater = new Updater(model, this.optimizer, rows, options, lower);
    const inEpochs = options.epochs * Math.ceil(this.loader.length / options.accumulate);
    this.totalSteps = options.steps || Math.max(options.leastSteps, inEpochs);
    this.rate = schedule(options.schedule, this.totalSteps, Math.floor(options.warmup * this.totalSteps));
    if (setup.output) this.folder = this.openFolder(setup.output);
  }

  private openFolder(output: string): RunFolder {
    const { evaluateEvery } = this.options;
    const dev = this.setup.data?.dev; // the hash of the file
    const identity: Identity = {
      dataHash: hashRows(this.rows),
      options: resultOptions(this.options),
      ...(evaluateEvery > 0 && typeof dev === 'string' && { devHash: dev }),
    };
    const size = { totalSteps: this.totalSteps, batchesPerEpoch: this.loader.length, output };
    return new RunFolder(output, this.setup, this.rows, this.options, this.optimizer, identity, size);
  }

  /** Takes up a checkpoint, or starts at the beginning, and opens the record. */
  async begin({ resume, acceptChanges }: Pick<RunOptions, 'resume' | 'acceptChanges'> = {}): Promise<void> {
    if (resume !== undefined && !this.folder) {
      throw new TrainingError('E_TRAIN_OPTION', 'resume needs the output folder of the run');
    }
    this.state = (await this.folder?.begin(resume, acceptChanges)) ?? this.state;
  }

  /** Trains until something ends it. */
  async toEnd(): Promise<TrainResult> {
    try {
      while (await this.isToGoOn()) await this.step();
      if (this.isStopped()) await this.save();
      else this.end();
      await this.folder?.finish(this.isStopped(), this.state, { ...this.result() });
      return this.result();
    } catch (error) {
      throw await this.leave(error);
    }
  }

  /** Saves the beginning for another program to take over. @returns the checkpoint */
  async handOver(): Promise<string> {
    try {
      const checkpoint = await this.save();
      this.folder?.handOver();
      return checkpoint;
    } catch (error) {
      throw await this.leave(error);
    }
  }

  /** The best weights, where they were looked for, else the last; a model that is no good is none. */
  private end(): void {
    this.takeBest();
    checkTrained(this.setup.model.parameters, this.state.step);
  }

  /** Saves what an error leaves, where it is good, and closes the record. @returns the error, with where to go on */
  private async leave(error: unknown): Promise<unknown> {
    const isLoss = error instanceof TrainingError && error.code === 'E_TRAIN_LOSS'; // what led to it is not worth keeping
    const isGood = !this.updater.isChanging && !isLoss && !(error instanceof FileError);
    if (isGood && this.state.step > 0) await this.save().catch(() => '');
    const advised = error instanceof TrainingError && this.folder ? this.folder.withAdvice(error) : error;
    this.folder?.fail(advised as Error, { ...this.result() });
    return advised;
  }

  /** What is due between two steps is done; a run that goes on after an interruption finds it due again. */
  private async isToGoOn(): Promise<boolean> {
    const { evaluateEvery, checkpointEvery, patience } = this.options;
    const { state, totalSteps } = this;
    const isEnd = state.step >= totalSteps;
    const isDue = (every: number) => every > 0 && state.step > 0 && state.step % every === 0;
    const isEvaluationDue = this.setup.evaluate !== undefined && (isDue(evaluateEvery) || isEnd);
    if (isEvaluationDue && state.evaluated < state.step) await this.evaluate();
    if (isDue(checkpointEvery)) await this.save();
    return !this.isStopped() && !isEnd && !(patience > 0 && state.sinceBest >= patience);
  }

  private isStopped(): boolean {
    return (this.signal?.aborted ?? false) && this.state.step < this.totalSteps;
  }

  private async evaluate(): Promise<void> {
    if (this.isStopped()) return;
    const { setup, options, state, signal } = this;
    let metrics;
    try {
      metrics = await setup.evaluate!(signal);
    } catch (error) {
      if (this.isStopped()) return; // it is due again when the run goes on
      if (error instanceof SpanlabError) throw error;
      const problem = `the evaluation after step ${state.step} failed: ${(error as Error).message}; correct it and resume`;
      throw new TrainingError('E_TRAIN_EVALUATION', problem, { cause: error });
    }
    const isBest = options.evaluateEvery > 0 && (await this.compare(metrics));
    state.evaluated = state.step;
    this.folder?.evaluation(state, metrics);
    if (isBest) await this.save();
    await setup.onEvaluation?.(state.step, metrics);
  }

  /** Whether the model is the best so far. */
  private async compare(metrics: Metrics): Promise<boolean> {
    const { bestMetric } = this.options;
    if (metrics[bestMetric] !== undefined) return noteEvaluation(this.state, bestMetric, metrics[bestMetric]);
    const names = Object.keys(metrics).join(', ');
    throw new TrainingError('E_TRAIN_OPTION', `bestMetric is "${bestMetric}"; the evaluation gives ${names}`);
  }

  /** A checkpoint of the position, unless there is one. @returns its folder */
  private async save(): Promise<string> {
    checkTrained(this.setup.model.parameters, this.state.step);
    const folder = (await this.folder?.save(this.state)) ?? '';
    if (folder) await this.setup.onCheckpoint?.(folder);
    return folder;
  }

  /** One update and what is said about it. */
  private async step(): Promise<void> {
    const { state, options, setup } = this;
    const { epoch, step } = { epoch: state.epoch, step: state.step + 1 };
    const batches = this.batchesOf(epoch).slice(state.batch, state.batch + options.accumulate);
    const learningRate = options.learningRate * this.rate(state.step);
    const began = performance.now();
    const outcome = await this.update(batches, step, learningRate);
    const seconds = (performance.now() - began) / 1000;
    advance(state, { ...outcome, seconds, batches: batches.length }, this.loader.length);
    const report: StepReport = {
      step,
      totalSteps: this.totalSteps,
      epoch,
      learningRate,
      loss: outcome.loss,
      gradientNorm: outcome.gradientNorm,
      tokensPerSecond: outcome.tokens / seconds,
      examples: state.examples,
      tokens: state.tokens,
      seconds: state.seconds,
      memory: process.memoryUsage.rss(),
    };
    if (step % options.logEvery === 0) logSteps(state, epochsDone(state, this.loader.length), report);
    this.folder?.step(state, report);
    await setup.onStep?.(report);
    await new Promise(setImmediate); // signals and displays have their turn
  }

  private batchesOf(epoch: number): number[][] {
    if (this.plan.epoch !== epoch) this.plan = { epoch, batches: this.loader.plan(epoch) };
    return this.plan.batches;
  }

  private async update(batches: number[][], step: number, learningRate: number) {
    try {
      return await this.updater.update({ batches, firstBatch: this.state.batches, step, learningRate });
    } catch (error) {
      throw backendError(error, step, largestBatch(this.rows.features, batches));
    }
  }

  /** The best weights, where they are not the last ones. */
  private takeBest(): void {
    const { best, step } = this.state;
    if (!best || best.step === step || !this.folder) return;
    const folder = this.folder.checkpoint(best.step);
    try {
      verifyCheckpoint(folder);
    } catch (error) {
      return this.folder.warn(`the last weights are kept, not the best ones: ${(error as Error).message}`);
    }
    restoreWeights(folder, this.setup.model);
  }

  private result(): TrainResult {
    const { step, examples, seconds, best } = this.state;
    const sums = { steps: step, epochLosses: epochLosses(this.state), seconds, stopped: this.isStopped() };
    const speed = seconds > 0 ? examples / seconds : 0;
    return { ...sums, examplesPerSecond: speed, ...(best && { bestStep: best.step, bestValue: best.value }) };
  }

  dispose(): void {
    this.updater.dispose();
    this.optimizer.dispose();
    this.folder?.release();
  }
}

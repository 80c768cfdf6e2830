// The folder of a run in progress: its checkpoints, its record, and at the end the trained model.
import fs from 'node:fs';
import path from 'node:path';
import type { AdamW } from '../engine/adamw';
import { FileError, SpanlabError } from '../errors';
import { type FolderLock, lockFolder } from '../folder-lock';
import { writeAtomically } from '../staged-file';
import { ensureRoom, saveOrRescue } from '../model/save';
import {
  type CheckpointHead,
  type Identity,
  isWhole,
  readHead,
  restoreMoments,
  restoreWeights,
  verifyCheckpoint,
  writeCheckpoint,
} from './checkpoint';
import {
  checkBelongs,
  checkPosition,
  checkpointFolder,
  checkpointSteps,
  latestCheckpoint,
  recoverCheckpoints,
  rotateCheckpoints,
} from './checkpoints';
import { TrainingError } from './errors';
import { type RunSize, epochsDone, trainerState } from './hugging-face';
import type { TrainerOptions } from './options';
import { prefixed, RunRecord } from './record';
import type { TrainingRows } from './rows';
import { isRun, readRunFile } from './run-file';
import { refuseInSweep } from './sweep-folder';
import type { StepReport, TrainingState } from './state';
import type { Metrics, TrainerSetup } from './setup';
import { say } from '../terminal';

/** Written with each checkpoint, and at the end: a run that has it had something to go on from. */
const STATE = 'trainer_state.json';

export class RunFolder {
  private readonly record: RunRecord;
  /** The step of the checkpoint that this run wrote or took up last. */
  private saved = -1;
  private lock?: FolderLock;

  constructor(
    private readonly output: string,
    private readonly setup: TrainerSetup,
    private readonly rows: TrainingRows,
    private readonly options: TrainerOptions,
    private readonly optimizer: AdamW,
    private readonly identity: Identity,
    private readonly size: RunSize,
  ) {
    this.record = new RunRecord(output, (message) => this.warn(message));
  }

  checkpoint(step: number): string {
    return checkpointFolder(this.output, step);
  }

  /**
   * Opens the folder.
   *
   * @returns the position of the checkpoint that the run goes on from
   * @throws TrainingError `E_TRAIN_OUTPUT` when another process trains into it, or when a new run would write over another;
   * `E_CHECKPOINT` and its kind.
   */
  async begin(resume?: string, acceptChanges = false): Promise<TrainingState | undefined> {
    this.take();
    recoverCheckpoints(this.output);
    ensureRoom(this.setup.model, this.output, this.copies());
    const head = this.find(resume);
    if (head) this.restore(head, acceptChanges);
    else fs.rmSync(path.join(this.output, STATE), { force: true }); // that of the run before
    const { setup, rows, options, identity } = this;
    const { inputs = {}, data = {} } = setup;
    const { features, own } = rows;
    const facts = {
      options,
      inputs,
      data: { ...data, ...(own < features.count && { own }) },
      features,
      dataHash: identity.dataHash,
      config: setup.model.config,
    };
    this.record.begin(facts, head?.state.step ?? 0);
    return head?.state;
  }

  /** How many times the weights will be on the disk at once, moments included: less what is there already. */
  private copies(): number {
    const { checkpointEvery, keepCheckpoints, evaluateEvery } = this.options;
    const steps = checkpointEvery > 0 ? Math.floor(this.size.totalSteps / checkpointEvery) : 0;
    const checkpoints = Math.min(steps, keepCheckpoints + 1) + (evaluateEvery > 0 ? 2 : 0);
    return 1 + 3 * Math.max(0, checkpoints - checkpointSteps(this.output).length);
  }

  /** Makes this process the only one that writes into the folder. */
  private take(): void {
    refuseInSweep(this.output);
    try {
      this.lock = lockFolder(this.output, 'training');
    } catch (error) {
      if (!(error instanceof FileError) || error.code !== 'E_FOLDER_BUSY') throw error;
      throw new TrainingError('E_TRAIN_OUTPUT', error.message, { cause: error });
    }
  }

  /** Before anything is written: the lock may have been deleted, and another run may have begun. */
  private checkOwner(): void {
    if (this.lock?.isHeld()) return;
    const advice =
      'this run ends without a word to the folder; its last checkpoint is good if no other run replaced it';
    throw new TrainingError('E_TRAIN_OUTPUT', `${this.output}: another process has taken the folder over; ${advice}`);
  }

  /** The folder is free for others. */
  release(): void {
    this.record.close();
    this.lock?.release();
    this.lock = undefined;
  }

  warn(message: string): void {
    const { onWarning = (text: string) => say(`warning: ${text}`) } = this.setup;
    onWarning(message);
  }

  private find(resume?: string): CheckpointHead | undefined {
    if (resume === 'latest') {
      const latest = latestCheckpoint(this.output);
      for (const problem of latest?.passedOver ?? []) this.warn(`passed over: ${problem}`);
      if (latest?.passedOver.length) this.warn(`going on with ${latest.head.folder}`);
      if (!latest) this.checkNothingLost();
      return latest?.head;
    }
    if (resume !== undefined) return verifyCheckpoint(resume);
    if (checkpointSteps(this.output).length === 0) return undefined;
    const advice = 'resume it (resume latest), or choose another folder';
    throw new TrainingError('E_TRAIN_OUTPUT', `${this.output}: has checkpoints of a run already; ${advice}`);
  }

  /** Without a checkpoint a run begins anew; where it had some, or has ended, that would write over what is there. */
  private checkNothingLost(): void {
    if (!isRun(this.output)) return;
    const { status } = readRunFile(this.output);
    const hadSome = fs.existsSync(path.join(this.output, STATE));
    if (status === 'finished' || hadSome) {
      const problem =
        status === 'finished'
          ? 'the run has finished, and there is no checkpoint to go on from'
          : 'its checkpoints are gone';
      const advice = 'bring one back from a copy, choose another folder, or begin anew (without resume)';
      throw new TrainingError('E_CHECKPOINT', `${this.output}: ${problem}; ${advice}`);
    }
    if (status !== 'prepared') this.warn(`${this.output}: the run ended before its first checkpoint; it begins anew`);
  }

  private restore(head: CheckpointHead, acceptChanges: boolean): void {
    const { model } = this.setup;
    checkBelongs(head, model.config, this.identity, acceptChanges);
    checkPosition(head, this.size.batchesPerEpoch, this.options.accumulate, this.identity.dataHash);
    restoreWeights(head.folder, model);
    restoreMoments(head, model, this.optimizer);
    if (path.resolve(path.dirname(head.folder)) === path.resolve(this.output)) this.saved = head.state.step;
  }

  step(state: TrainingState, report: StepReport): void {
    this.record.step(report, epochsDone(state, this.size.batchesPerEpoch));
  }

  evaluation(state: TrainingState, metrics: Metrics): void {
    const epoch = epochsDone(state, this.size.batchesPerEpoch);
    state.history.push({ epoch, ...prefixed('eval_', metrics), step: state.step });
    this.record.evaluation(state.step, epoch, metrics);
  }

  /** Writes the checkpoint of a position and lets old ones go. @returns its folder, or nothing when it was there already */
  async save(state: TrainingState): Promise<string | undefined> {
    this.checkOwner();
    const folder = this.checkpoint(state.step);
    if (this.saved === state.step && isWhole(folder) && readHead(folder).state.evaluated === state.evaluated) return;
    const { setup, optimizer, identity } = this;
    const text = trainerState(this.options, state, this.size);
    const content = { model: setup.model, tokenizer: setup.tokenizer!, optimizer, state, identity };
    await writeCheckpoint(folder, { ...content, files: { [STATE]: text } });
    this.saved = state.step;
    writeAtomically(path.join(this.output, STATE), text);
    rotateCheckpoints(this.output, state.step, this.options.keepCheckpoints, state.best?.step);
    return folder;
  }

  /** Saves the model as it is now and closes the record. */
  async finish(stopped: boolean, state: TrainingState, result: Record<string, unknown>): Promise<void> {
    this.checkOwner();
    const text = trainerState(this.options, state, this.size);
    writeAtomically(path.join(this.output, STATE), text);
    await saveOrRescue(this.setup.model, this.setup.tokenizer!, this.output);
    this.record.end(stopped ? 'stopped' : 'finished', result);
  }

  /** Closes the record of a run that another program trains. */
  handOver(): void {
    this.checkOwner();
    this.record.end('prepared', {});
  }

  /** Closes the record after an error; where even that fails, the error itself matters more. */
  fail(error: Error, result: Record<string, unknown>): void {
    if (!this.lock?.isHeld()) return; // it is another's by now
    try {
      this.record.end('failed', result, error.message);
    } catch {
      // the disk is full, as a rule
    }
  }

  /** The error with the checkpoint that is left. */
  withAdvice(error: SpanlabError): SpanlabError {
    const step = checkpointSteps(this.output).find((step) => isWhole(this.checkpoint(step)));
    const left =
      step === undefined ? 'no checkpoint was written yet' : `${this.checkpoint(step)} is good: resume latest`;
    return Object.assign(error, { message: `${error.message}; ${left}` });
  }
}

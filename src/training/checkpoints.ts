// The checkpoints of a run: which is the newest that is whole, which may go, and whether one belongs to this run.
import fs from 'node:fs';
import path from 'node:path';
import { toFileError } from '../errors';
import type { ModelConfig } from '../model/config';
import { type CheckpointHead, type Identity, DamagedCheckpoint, isWhole, verifyCheckpoint } from './checkpoint';
import { ORDER_OPTIONS, parseOptions } from './options';
import { TrainingError } from './errors';

/** The folder of the checkpoint after `step` updates, as Hugging Face's trainer names it. */
export function checkpointFolder(output: string, step: number): string {
  return path.join(output, `checkpoint-${step}`);
}

/** The steps that have a checkpoint, the last first. */
export function checkpointSteps(output: string): number[] {
  if (!fs.existsSync(output)) return [];
  const steps = fs.readdirSync(output).map((name) => /^checkpoint-(\d+)$/.exec(name)?.[1]);
  return steps
    .filter((step) => step !== undefined)
    .map(Number)
    .sort((a, b) => b - a);
}

/** The newest checkpoint that is whole, and why newer ones are not. */
export interface Latest {
  head: CheckpointHead;
  passedOver: string[];
}

/**
 * The newest checkpoint whose bytes are all as they were written; nothing when there is none of any kind.
 *
 * @throws TrainingError `E_CHECKPOINT` when there are some, and none is whole: nobody starts anew over them.
 * @example latestCheckpoint('runs/one')?.head.state.step
 */
export function latestCheckpoint(output: string): Latest | undefined {
  const passedOver: string[] = [];
  for (const step of checkpointSteps(output)) {
    try {
      return { head: verifyCheckpoint(checkpointFolder(output, step)), passedOver };
    } catch (error) {
      passedOver.push(error instanceof DamagedCheckpoint ? error.problem : (error as Error).message);
    }
  }
  if (passedOver.length === 0) return undefined;
  const advice = 'bring one back from a copy, or choose another folder; these are left as they are';
  throw new TrainingError('E_CHECKPOINT', `${output}: no checkpoint can be used: ${passedOver.join('; ')}; ${advice}`);
}

/**
 * Cleans up after a run that was killed while it saved: half-written folders go, a replaced one that lost its place returns.
 *
 * @throws FileError
 */
export function recoverCheckpoints(output: string): void {
  try {
    recoverFrom(output);
  } catch (error) {
    throw toFileError(error, output);
  }
}

function recoverFrom(output: string): void {
  for (const name of fs.readdirSync(output)) {
    if (/\.\d+\.part$/.test(name)) fs.rmSync(path.join(output, name), { force: true }); // half a file
    const [, checkpoint, suffix] = /^\.(checkpoint-\d+)\.(part|old|gone)$/.exec(name) ?? [];
    if (!checkpoint) continue;
    const place = path.join(output, checkpoint);
    if (suffix === 'old' && !fs.existsSync(place)) fs.renameSync(path.join(output, name), place);
    else fs.rmSync(path.join(output, name), { recursive: true, force: true });
  }
}

/**
 * Deletes old checkpoints after one of step `current` was written: of those up to it the newest `keep` stay, and that of step
 * `best`. Nothing is deleted while the current one is not whole, since an older one may then be the only good one.
 *
 * @throws FileError
 */
export function rotateCheckpoints(output: string, current: number, keep: number, best?: number): void {
  const steps = checkpointSteps(output).filter((step) => step <= current);
  if (steps.length === 0 || !isWhole(checkpointFolder(output, steps[0]))) return;
  for (const step of steps.slice(keep).filter((step) => step !== best)) {
    const folder = checkpointFolder(output, step);
    try {
      removeCheckpoint(folder, path.join(output, `.checkpoint-${step}.gone`));
    } catch (error) {
      throw toFileError(error, folder);
    }
  }
}

/** A folder that is half deleted must not bear a checkpoint's name. */
function removeCheckpoint(folder: string, gone: string): void {
  fs.renameSync(folder, gone);
  fs.rmSync(gone, { recursive: true, force: true });
}

const SIZES = [
  ...['architecture', 'vocabularySize', 'hiddenSize', 'layers', 'heads', 'intermediateSize', 'maxPositions'],
  'typeVocabularySize',
] as (keyof ModelConfig)[];

/**
 * Refuses the checkpoint of another run. Data that has changed, and options that change the result and not the order of the rows,
 * are taken where the person insists (`acceptChanges`).
 *
 * @throws TrainingError `E_CHECKPOINT_MODEL`, `E_CHECKPOINT_DATA`, `E_CHECKPOINT_OPTIONS`
 */
export function checkBelongs(
  head: CheckpointHead,
  config: ModelConfig,
  identity: Identity,
  acceptChanges = false,
): void {
  const sizes = differences(SIZES, head.config as unknown as Values, config as unknown as Values);
  if (sizes) throw new TrainingError('E_CHECKPOINT_MODEL', `${head.folder}: of another model (${sizes}); load its own`);
  if (!acceptChanges) checkSameData(head, identity);
  // options that a checkpoint does not know yet had their defaults
  const there = { ...parseOptions({}), ...head.identity.options };
  const refuse = (names: readonly string[], advice: string) => {
    const differing = differences(names, there, identity.options);
    if (!differing) return;
    const problem = `${head.folder}: was made with other options (${differing})`;
    throw new TrainingError('E_CHECKPOINT_OPTIONS', `${problem}; ${advice}`);
  };
  refuse(ORDER_OPTIONS, 'these fix which rows come next; keep them, or start a new run');
  if (acceptChanges) return;
  const advice = 'they change the result; keep them, or insist (--accept-changes, acceptChanges: true)';
  refuse(Object.keys(identity.options), advice);
}

/** @throws TrainingError `E_CHECKPOINT_DATA` */
function checkSameData({ folder, identity: there }: CheckpointHead, here: Identity): void {
  const insist =
    'or insist (--accept-changes, acceptChanges: true): the result is then of neither the old data nor the new';
  if (there.dataHash !== here.dataHash) {
    const advice = `train on the same file with the same lengths, start a new run, ${insist}`;
    throw new TrainingError('E_CHECKPOINT_DATA', `${folder}: of other training data; ${advice}`);
  }
  // an older checkpoint does not know it
  if (there.devHash === undefined || there.devHash === here.devHash) return;
  const problem = 'the questions to evaluate on, which choose the best weights, have changed since';
  throw new TrainingError(
    'E_CHECKPOINT_DATA',
    `${folder}: ${problem}; evaluate on the same file, start a new run, ${insist}`,
  );
}

/**
 * Refuses a position that no run of these rows and options can have.
 *
 * @throws TrainingError `E_CHECKPOINT`; `E_CHECKPOINT_DATA` where it is the changed data that has no such position
 */
export function checkPosition(
  { folder, state, identity }: CheckpointHead,
  batchesPerEpoch: number,
  accumulate: number,
  dataHash: string,
): void {
  const { step, epoch, batch, batches, best, evaluated } = state;
  const updates = epoch * Math.ceil(batchesPerEpoch / accumulate) + Math.ceil(batch / accumulate);
  const isPossible =
    batch < batchesPerEpoch && batches === epoch * batchesPerEpoch + batch && step === updates && evaluated <= step;
  if (isPossible && (best === undefined || best.step <= step)) return;
  const where = `step ${step}, epoch ${epoch}, batch ${batch} of ${batchesPerEpoch}`;
  if (identity.dataHash !== dataHash) {
    const problem = `the changed training data has no such position (${where})`;
    throw new TrainingError('E_CHECKPOINT_DATA', `${folder}: ${problem}; bring the old data back, or start a new run`);
  }
  throw new TrainingError('E_CHECKPOINT', `${folder}: its position is impossible (${where}); name another one`);
}

type Values = Record<string, unknown>;

function differences(names: readonly string[], there: Values, here: Values): string {
  const differing = names.filter((name) => there[name] !== here[name]);
  return differing.map((name) => `${name} ${String(there[name])} there, ${String(here[name])} here`).join('; ');
}

// The checkpoints of a run: which is the newest that is whole, which may go, and whether one belongs to this run.
import fs from 'node:fs';
import path from 'node:path';
import type { ModelConfig } from '../model/config';
import type { CheckpointHead, Identity } from './checkpoint';
import { isWhole, readHead } from './checkpoint';
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

/**
 * The newest checkpoint that is whole; nothing when there is none.
 *
 * @example latestCheckpoint('runs/one')?.state.step
 */
export function latestCheckpoint(output: string): CheckpointHead | undefined {
  const folder = checkpointSteps(output)
    .map((step) => checkpointFolder(output, step))
    .find(isWhole);
  return folder === undefined ? undefined : readHead(folder);
}

/** Cleans up after a run that was killed while it saved: half-written folders go, a replaced one that lost its place returns. */
export function recoverCheckpoints(output: string): void {
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
 */
export function rotateCheckpoints(output: string, current: number, keep: number, best?: number): void {
  const steps = checkpointSteps(output).filter((step) => step <= current);
  if (steps.length === 0 || !isWhole(checkpointFolder(output, steps[0]))) return;
  for (const step of steps.slice(keep).filter((step) => step !== best)) {
    const folder = checkpointFolder(output, step);
    // a folder that is half deleted must not bear a checkpoint's name
    const gone = path.join(output, `.checkpoint-${step}.gone`);
    fs.renameSync(folder, gone);
    fs.rmSync(gone, { recursive: true, force: true });
  }
}

const SIZES = [
  ...['architecture', 'vocabularySize', 'hiddenSize', 'layers', 'heads', 'intermediateSize', 'maxPositions'],
  'typeVocabularySize',
] as (keyof ModelConfig)[];

/**
 * Refuses the checkpoint of another run.
 *
 * @throws TrainingError `E_CHECKPOINT_MODEL`, `E_CHECKPOINT_DATA`, `E_CHECKPOINT_OPTIONS`
 */
export function checkBelongs(head: CheckpointHead, config: ModelConfig, identity: Identity): void {
  const sizes = differences(SIZES, head.config as unknown as Values, config as unknown as Values);
  if (sizes) throw new TrainingError('E_CHECKPOINT_MODEL', `${head.folder}: of another model (${sizes}); load its own`);
  if (head.identity.dataHash !== identity.dataHash) {
    const advice = 'train on the same file with the same lengths, or start a new run';
    throw new TrainingError('E_CHECKPOINT_DATA', `${head.folder}: of other training data; ${advice}`);
  }
  const order = differences(Object.keys(identity.order), head.identity.order, identity.order);
  if (!order) return;
  const advice = 'these fix which rows come next; keep them, or start a new run';
  throw new TrainingError('E_CHECKPOINT_OPTIONS', `${head.folder}: was made with other options (${order}); ${advice}`);
}

type Values = Record<string, unknown>;

function differences(names: string[], there: Values, here: Values): string {
  const differing = names.filter((name) => there[name] !== here[name]);
  return differing.map((name) => `${name} ${String(there[name])} there, ${String(here[name])} here`).join('; ');
}

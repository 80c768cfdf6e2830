// The folder of a sweep: `sweep.json` with its trials, the options of each in a file, and one run folder for each.
import fs from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { toFileError } from '../errors';
import { type FolderLock, lockFolder, refuseHeld } from '../folder-lock';
import { hashInput } from '../input-file';
import { readRecord } from '../record-file';
import { writeAtomically } from '../staged-file';
import { TrainingError } from './errors';
import { parseOptions, resultOptions } from './options';
import { isRun, readRunFile } from './run-file';
import { type RunSummary, summarizeAnyRun } from './runs';
import type { Trial } from './sweep';
import { makeFolder } from '../make-folder';

/** The lock of a sweep, in the environment of the trainings that it starts. */
export const SWEEP_VARIABLE = 'SPANLAB_SWEEP';
const SWEEPING = 'a sweep';

/** Takes the folder of a sweep. @throws FileError `E_FOLDER_BUSY` */
export function lockSweep(out: string): FolderLock {
  return lockFolder(out, SWEEPING);
}

/** Refuses a run in the folder of a sweep in progress that did not start it. @throws FileError `E_FOLDER_BUSY` */
export function refuseInSweep(output: string): void {
  refuseHeld(path.dirname(path.resolve(output)), SWEEPING, process.env[SWEEP_VARIABLE]);
}

/** What is read of it. */
const sweepSchema = v.looseObject({
  trials: v.array(v.looseObject({ name: v.string(), options: v.record(v.string(), v.unknown()) })),
});

/** A trial in its place: what `spanlab train` is called with. */
export interface PlacedTrial extends Trial {
  /** Its run folder. */
  folder: string;
  /** The arguments of the program that carries it out; a trial that was interrupted goes on. */
  args: string[];
}

/** Gives each trial its run folder and its command. */
export function placeTrials(out: string, trials: Trial[]): PlacedTrial[] {
  return trials.map((trial) => {
    const folder = path.resolve(out, trial.name);
    return { ...trial, folder, args: ['train', '--options', `${folder}.json`, '--out', folder, '--resume', 'latest'] };
  });
}

/**
 * Writes `sweep.json`, which programs that carry out the trials elsewhere read too, and the options of each trial.
 *
 * @throws TrainingError `E_SWEEP` when the folder holds a sweep with other trials, or runs that are not its trials.
 */
export function writeSweep(out: string, trials: PlacedTrial[]): void {
  const file = path.join(out, 'sweep.json');
  if (fs.existsSync(file)) {
    const { trials: known } = readRecord(file, sweepSchema, (problem) => new TrainingError('E_SWEEP', `${file}: not the trials of a sweep (${problem}); delete it, or choose another folder: the trials in it stay as they are`)); // prettier-ignore
    const plain = (list: Trial[]) => JSON.stringify(list.map(({ name, options }) => [name, options]));
    // more trials may join; those that are there must stay what they were
    if (plain(trials.slice(0, known.length)) !== plain(known)) {
      throw new TrainingError('E_SWEEP', `${out}: holds a sweep with other trials; choose another folder`);
    }
  }
  checkOwnRuns(trials);
  writeJson(file, { format: 'spanlab-sweep-1', trials });
  for (const { folder, options } of trials) writeJson(`${folder}.json`, options);
}

/**
 * Refuses runs in the folders of trials that are not those trials: made with other options, or on files that have changed since.
 *
 * @throws TrainingError `E_SWEEP` that names the folder and what differs
 */
function checkOwnRuns(trials: PlacedTrial[]): void {
  const hashes = new Map<string, string>();
  for (const trial of trials) {
    const { folder } = trial;
    // that of a damaged record is said when its turn comes
    if (!isRun(folder) || summarizeAnyRun(folder).status === 'damaged') continue;
    const differing = differences(trial, hashes);
    if (differing.length === 0) continue;
    const problem = `${folder}: the run in it is not this trial (${differing.join('; ')})`;
    throw new TrainingError('E_SWEEP', `${problem}; move that folder away, or choose another folder for the sweep`);
  }
}

const shown = (value: unknown) => (value === undefined ? 'not given' : String(value));

function differences({ folder, options }: PlacedTrial, hashes: Map<string, string>): string[] {
  const run = readRunFile(folder);
  // options that a run does not know yet had their defaults
  const [there, here] = [run.options, options].map((some) => resultOptions({ ...parseOptions({}), ...some }));
  const names = [...new Set([...Object.keys(there), ...Object.keys(here)])].filter(
    (name) => there[name] !== here[name],
  );
  const said = names.map((name) => `${name} ${shown(there[name])} there, ${shown(here[name])} in the sweep`);
  const changed = ['train', 'dev', 'mix'].filter((name) => {
    const [before, file] = [run.data[name], options[name]];
    if (names.includes(name) || before === undefined || typeof file !== 'string' || !fs.existsSync(file)) return false;
    if (!hashes.has(file)) hashes.set(file, hashInput(file));
    return before !== hashes.get(file);
  });
  return [...said, ...changed.map((name) => `${String(options[name])} has changed since`)];
}

/** What became of a trial; nothing when it has not begun. One whose record is damaged hides no other. */
export function trialSummary({ folder }: PlacedTrial): RunSummary | undefined {
  return isRun(folder) ? summarizeAnyRun(folder) : undefined;
}

function writeJson(file: string, value: unknown): void {
  try {
    makeFolder(path.dirname(file));
    writeAtomically(file, `${JSON.stringify(value, null, 2)}\n`);
  } catch (error) {
    throw toFileError(error, file);
  }
}

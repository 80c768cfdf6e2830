// The folder of a sweep: `sweep.json` with its trials, the options of each in a file, and one run folder for each.
import fs from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { toFileError } from '../errors';
import { readRecord } from '../record-file';
import { writeAtomically } from '../staged-file';
import { TrainingError } from './errors';
import { isRun } from './run-file';
import type { RunSummary } from './runs';
import { summarizeAnyRun } from './runs';
import type { Trial } from './sweep';
import { makeFolder } from '../make-folder';

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
 * @throws TrainingError `E_SWEEP` when the folder holds a sweep with other trials.
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
  writeJson(file, { format: 'spanlab-sweep-1', trials });
  for (const { folder, options } of trials) writeJson(`${folder}.json`, options);
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

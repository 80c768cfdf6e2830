// What a model was made from, where a loop of one's own trained it: for its card. A `Trainer` says the same in `run.json`.
import fs from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { hashInput } from '../input-file';
import { readRecord } from '../record-file';
import { writeAtomically } from '../staged-file';
import { TrainingError } from './errors';
import { isRun, readRunFile } from './run-file';

/** Settings by name, those of the files and of the encoder among them, and the files' hashes. */
export interface Origin {
  options: Record<string, unknown> & { model?: unknown; train?: unknown; dev?: unknown };
  /** SHA-256 of the files, and of the rows of tokens. */
  data: { train?: unknown; dev?: unknown; sha256?: unknown };
  /** When it was written, and how the training went. */
  ended?: string;
  losses?: number[];
}

const NAME = 'origin.json';

/**
 * Writes `origin.json` next to a model.
 *
 * @param options The encoder as `model`, the files as `train` and `dev`, and whatever else was set.
 * @param losses Of each step; `spanlab runs` then lists the training among those of a `Trainer`.
 * @throws FileError
 * @example writeOrigin('models/mine', { model: 'workshop', train: 'train.json', epochs: 3, learningRate: 2e-4 }, losses)
 */
export function writeOrigin(
  folder: string,
  options: { train?: string; dev?: string } & Record<string, unknown>,
  losses: number[] = [],
): void {
  const hash = (file?: string) => (file === undefined ? undefined : hashInput(file));
  const data = { train: hash(options.train), dev: hash(options.dev) };
  const rounded = losses.map((loss) => Number(loss.toFixed(4)));
  const origin: Origin = { options, data, ended: new Date().toISOString(), losses: rounded };
  writeAtomically(path.join(folder, NAME), `${JSON.stringify(origin)}\n`);
}

/** Whether a folder holds a model that a loop of one's own trained. */
export function hasOrigin(folder: string): boolean {
  return fs.existsSync(path.join(folder, NAME));
}

/** What a folder says of its model's making: `run.json`, or else `origin.json`. @throws TrainingError `E_RUN`, FileError */
export function readOrigin(folder: string): Origin | undefined {
  if (isRun(folder)) return readRunFile(folder);
  const file = path.join(folder, NAME);
  if (!fs.existsSync(file)) return undefined;
  const fail = (problem: string) =>
    new TrainingError('E_RUN', `${file}: not the origin of a model (${problem}); delete it, or save the model again`);
  return readRecord(file, originSchema, fail);
}

const object = v.record(v.string(), v.unknown());
const originSchema = v.object({
  options: v.optional(object, {}),
  data: v.optional(object, {}),
  ended: v.optional(v.string()),
  losses: v.optional(v.array(v.number())),
});

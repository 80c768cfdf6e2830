// The run that `spanlab train --resume` goes on with: the options that it left, and what cannot be gone on with.
import fs from 'node:fs';
import path from 'node:path';
import { checkpointSteps } from '../training/checkpoints';
import { TrainingError } from '../training/errors';
import { readOptionsFile } from '../training/options';

/** Flags of `train`. */
export type Args = Record<string, unknown> & { out: string };

/** Those of the run that goes on; none where it left none. */
export function resumedOptions(args: Args): Record<string, unknown> {
  const file = resumedFile(args);
  return file === undefined ? {} : readOptionsFile(file);
}

/** The options of the run that goes on, where it has left them. */
export function resumedFile({ resume, out }: Args): string | undefined {
  if (typeof resume !== 'string') return undefined;
  const file = path.join(resumedFolder(resume, out), 'options.json');
  return fs.existsSync(file) ? file : undefined;
}

const resumedFolder = (resume: string, out: string) => (resume === 'latest' ? out : path.dirname(path.resolve(resume)));

/**
 * What is really missing where a run should go on and nobody knows with what.
 *
 * @throws TrainingError `E_CHECKPOINT`
 */
export function refuseNothingToResume({ resume, out }: Args): void {
  if (typeof resume !== 'string' || resumedFile({ resume, out }) !== undefined) return;
  const folder = resumedFolder(resume, out);
  const isFolder = (place: string) => fs.statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
  const nothing = (problem: string) => {
    const advice = 'check the name, or begin a run: --model and --train, without --resume';
    return new TrainingError('E_CHECKPOINT', `${problem}, so there is nothing to resume; ${advice}`);
  };
  for (const place of [folder, resume === 'latest' ? folder : resume]) {
    if (!isFolder(place)) throw nothing(`${place}: no such folder`);
  }
  if (checkpointSteps(folder).length === 0) throw nothing(`${folder}: no run in it (no checkpoint, no options.json)`);
  const advice = 'bring it back from a copy, or give --model, --train and all other flags as they were';
  throw new TrainingError(
    'E_CHECKPOINT',
    `${folder}: options.json is gone, in which the run had its options; ${advice}`,
  );
}

/**
 * A run that goes on has the weights of its checkpoint, whatever model is named: nobody should take them for another's.
 *
 * @throws TrainingError `E_CHECKPOINT_MODEL`
 */
export function refuseOtherModel(args: Args, named: unknown): void {
  const { model: began } = resumedOptions(args);
  const place = (model: unknown) => (fs.existsSync(String(model)) ? path.resolve(String(model)) : model);
  if (began === undefined || args['accept-changes'] === true || place(named) === place(began)) return;
  const folder = resumedFolder(args.resume as string, args.out);
  if (args.resume === 'latest' && checkpointSteps(folder).length === 0) return; // it begins anew
  const problem = `${folder}: the run began with ${String(began)}, and goes on with the weights of its checkpoint, not with those of ${String(named)}`;
  const advice =
    'leave out --model, begin a run in another folder, or insist (--accept-changes) where the model has moved';
  throw new TrainingError('E_CHECKPOINT_MODEL', `${problem}; ${advice}`);
}

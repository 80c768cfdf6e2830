// `spanlab train --choose`: a few ways are tried on parts of one's own questions, and the training takes the one that helps.
import path from 'node:path';
import { chooseBackend } from '../engine/backend';
import { type Choice, bestWay, choicesOf, tryWays } from '../evaluation/choose';
import type { CurvePoint } from '../evaluation/curve';
import type { CurveWay } from '../evaluation/learning-curve';
import { hashInput } from '../input-file';
import { ensureWritable } from '../model/save';
import { hashWeights } from '../model/weights-hash';
import { choicesTable } from '../show/curve';
import { textTable } from '../show/text-table';
import { sourceOptions } from './columns';
import { changedOptions, keepPoints } from './curve-points';
import { readLabelled, readLabelledBeside } from './data-files';
import { modelFolder } from './model';
import { type CommandOptions, splitOptions } from './train-options';
import { UsageError } from './usage';
import { say } from '../terminal';

/** The first way: the options as they are, without what is only tried. */
const PLAIN = 'trained';

/** What a way changes in the options of the command. */
type Change = Partial<CommandOptions>;

export interface Chosen {
  options: CommandOptions;
  way: string;
  choices: Choice[];
}

/**
 * The options to train with: those given, or what one of these changes makes of them where its gain is beyond doubt. Half and
 * double the learning rate are tried always, `--mix`, `--freeze` and `--augment` where they are given.
 *
 * @param out The run's folder; what was tried stays in `choose` below it, and the same command goes on with it.
 * @throws UsageError; EvaluationError `E_CHOOSE`; the signal's reason when it is interrupted
 */
export async function chooseOptions(options: CommandOptions, out: string, folds: number): Promise<Chosen> {
  if (options.teacher !== undefined) {
    throw new UsageError('--choose tries no teacher; leave --teacher out, or train with it without --choose');
  }
  const { plain, changes } = changesOf(options);
  const points = await tryChanges(plain, changes, path.join(out, 'choose'), folds);
  const choices = choicesOf(points, PLAIN);
  const way = bestWay(choices);
  say(`${textTable(choicesTable(choices))}\n${verdict(way)}`);
  return { options: { ...plain, ...changes[way] }, way, choices };
}

function changesOf({ mix, freeze, augment, ...rest }: CommandOptions) {
  const plain: CommandOptions = { ...rest, freeze: 0, augment: 0 };
  const changes: Record<string, Change> = {
    [PLAIN]: {},
    'half the rate': { learningRate: rest.learningRate / 2 },
    'double the rate': { learningRate: rest.learningRate * 2 },
    ...(mix !== undefined && { mix: { mix } }),
    ...(freeze > 0 && { freeze: { freeze } }),
    ...(augment > 0 && { augment: { augment } }),
  };
  return { plain, changes };
}

function verdict(way: string): string {
  if (way === PLAIN) return 'None of these is better beyond doubt: training as the options say, without them.';
  return `Training with what helped most: ${way}.`;
}

async function tryChanges(plain: CommandOptions, changes: Record<string, Change>, out: string, folds: number) {
  const records = readLabelled(plain.train, sourceOptions(plain));
  const model = await modelFolder(plain.model);
  await chooseBackend(plain.backend);
  const ways = Object.entries(changes).map(([name, change]) => wayOf(name, { ...plain, ...change }, model));
  const settings = settingsOf(ways, { ...plain, model }, changes, folds);
  const { maxLength, docStride, seed } = plain;
  ensureWritable(out);
  const name = ({ way, seed: fold }: CurvePoint) => `${way}, part ${fold + 1}`;
  return keepPoints({ folder: out, owner: 'a choice of options', settings, name }, (hooks) =>
    tryWays({ records, ways, folds, seed, lengths: { maxLength, docStride } }, hooks),
  );
}

function wayOf(name: string, options: CommandOptions, model: string): CurveWay {
  const { trainer } = splitOptions(options);
  // each training is short, and keeps nothing but its metrics
  const short = { ...trainer, evaluateEvery: 0, patience: 0 };
  const mix = options.mix === undefined ? undefined : readLabelledBeside(options.mix, sourceOptions(options));
  return { name, model, options: short, augment: options.augment, ...(mix && { mix }) };
}

/** What fixes the points of each way. */
function settingsOf(
  ways: CurveWay[],
  { model, train, maxLength, docStride }: CommandOptions,
  changes: Record<string, Change>,
  folds: number,
): Record<string, unknown> {
  const shared = { model: hashWeights(model), maxLength, docStride, folds };
  const own = hashInput(train);
  const entries = ways.map(({ name, options = {}, augment }) => {
    const { mix } = changes[name];
    const data = { train: own, ...(mix !== undefined && { mix: hashInput(mix) }) };
    return [name, { ...shared, data, options: changedOptions(options), augment }] as const;
  });
  return Object.fromEntries(entries);
}

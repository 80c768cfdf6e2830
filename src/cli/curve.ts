// `spanlab curve`: what 16, 64 or 256 examples bring, in several ways of training, with the scatter over draws. Again: goes on.
import path from 'node:path';
import { type ArgsDef, defineCommand } from 'citty';
import { chooseBackend } from '../engine/backend';
import { type CurvePoint, curveRows } from '../evaluation/curve';
import { curveFile } from '../evaluation/curve-file';
import { type CurvePlan, type CurveWay, learningCurve } from '../evaluation/learning-curve';
import { refuseBusy } from '../folder-lock';
import { hashInput } from '../input-file';
import { readConfig } from '../model/config';
import { ensureWritable } from '../model/save';
import { hashWeights } from '../model/weights-hash';
import { curvePlot, curveTable } from '../show/curve';
import { textTable } from '../show/text-table';
import { writeAtomically } from '../staged-file';
import { sourceOptions } from './columns';
import { changedOptions, keepPoints } from './curve-points';
import { readLabelled, readLabelledBeside } from './data-files';
import { modelFolder } from './model';
import { sayIfCut } from './model-notes';
import { jsonOption, number } from './options';
import { printResult } from './result';
import { type CommandOptions, commandOptions, splitOptions, trainFlags } from './train-options';
import { UsageError } from './usage';
import { counted } from '../counted';

/** Ways of training, and what each needs. */
const WAYS = ['bare', 'trained', 'mix', 'freeze'] as const;
type WayName = (typeof WAYS)[number];

/** Flags of `train` that have no place here: each training is done in one go, and leaves nothing but its metrics. */
const NOT_HERE = ['resume', 'accept-changes', 'prepare', 'choose', 'folds', 'seed', 'evaluate-every', 'patience', 'checkpoint-every', 'keep', 'best-metric', 'teacher', 'teacher-weight', 'teacher-temperature', 'augment']; // prettier-ignore
const shared = Object.fromEntries(Object.entries(trainFlags).filter(([name]) => !NOT_HERE.includes(name))) as ArgsDef;

interface Args extends Record<string, unknown> {
  out: string;
  sizes: string;
  seeds: string;
  bare: string;
  ways?: string;
  json?: boolean;
}

export default defineCommand({
  args: {
    ...shared,
    model: {
      type: 'string',
      description: 'trained model to start from: a folder, a name from spanlab model, or one on the hub',
    },
    dev: { type: 'string', description: 'questions to measure on; no training sees them', required: true },
    out: { type: 'string', description: 'folder for the curve: curve.json and figure.json', required: true },
    sizes: {
      type: 'string',
      description: 'numbers of your own examples to train on: all is every one, 0 leaves the model as it is',
      default: '0,16,32,64,128,256,512,all',
    },
    seeds: { type: 'string', description: 'number of random draws of examples for each size', default: '5' },
    ways: { type: 'string', description: 'bare, trained, mix, freeze; by default all those whose options are given' },
    bare: { type: 'string', description: 'encoder that the way bare starts from', default: 'workshop' },
    json: jsonOption,
  },
  run: async ({ args }) => {
    const points = await runCurve(args as unknown as Args);
    const { out, json } = args as unknown as Args;
    const rows = curveTable(points).map((row) => ({ ...row, exact: `${row.exact} %`, F1: `${row.F1} %` }));
    const text = `${textTable(rows)}\nNumbers: ${curveFile(out)}\n`;
    printResult({ points, rows: curveRows(points) }, json, text);
  },
});

async function runCurve(args: Args): Promise<CurvePoint[]> {
  const options = commandOptions(args);
  if (options.teacher !== undefined || options.augment > 0) {
    throw new UsageError('a curve is drawn without --teacher and --augment; leave them out of the options');
  }
  const names = wayNames(args, options);
  refuseBusy(args.out);
  const source = sourceOptions(options);
  const [train, heldOut] = [readLabelled(options.train, source), readLabelledBeside(options.dev!, source)];
  const mix = options.mix === undefined ? undefined : readLabelledBeside(options.mix, source);
  const sizes = sizesOf(args.sizes, train.length);
  const seeds = Array.from({ length: number(args, 'seeds', { min: 1, max: 1000, integer: true }) }, (_, seed) => seed);
  ensureWritable(args.out);
  await chooseBackend(options.backend);
  const { trainer, inputs } = splitOptions(options);
  const lengths = { maxLength: inputs.maxLength, docStride: inputs.docStride };
  const ways: CurveWay[] = [];
  for (const name of names) {
    const model = await modelFolder(name === 'bare' ? args.bare : options.model);
    const own = { ...trainer, freeze: name === 'freeze' ? trainer.freeze : 0 };
    ways.push({ name, model, options: own, ...(name === 'mix' && { mix }) });
  }
  for (const folder of new Set(ways.map(({ model }) => model)))
    sayIfCut({ config: readConfig(folder) }, lengths.maxLength);
  const plan: CurvePlan = { train, heldOut, ways, sizes, seeds, lengths };
  return drawCurve(args.out, plan, settingsOf(plan, options));
}

/** Trains what is missing, and draws the curve. */
function drawCurve(out: string, plan: CurvePlan, settings: Record<string, unknown>): Promise<CurvePoint[]> {
  const name = ({ way, size, seed }: CurvePoint) => `${way}, ${counted(size, 'example')}, draw ${seed}`;
  return keepPoints({ folder: out, owner: 'a learning curve', settings, name }, async (hooks) => {
    const all = await learningCurve(plan, hooks);
    writeAtomically(path.join(out, 'figure.json'), `${JSON.stringify(curvePlot(all))}\n`);
    return all;
  });
}

function wayNames({ ways }: Args, { mix, freeze }: CommandOptions): WayName[] {
  const possible = WAYS.filter((way) => (way !== 'mix' || mix !== undefined) && (way !== 'freeze' || freeze > 0));
  if (ways === undefined) return possible;
  return ways.split(',').map((text) => {
    const name = WAYS.find((way) => way === text.trim());
    if (!name) throw new UsageError(`--ways is "${ways}"; it takes some of ${WAYS.join(', ')}`);
    if (!possible.includes(name)) throw new UsageError(`--ways has ${name}, which needs --${name}`);
    return name;
  });
}

/** Sizes beyond the data are left out. */
function sizesOf(text: string, available: number): number[] {
  const sizes = text.split(',').map((size) => {
    if (size.trim() === 'all') return available;
    return number({ sizes: size }, 'sizes', { min: 0, integer: true });
  });
  return [...new Set(sizes.filter((size) => size <= available))].sort((a, b) => a - b);
}

/** What fixes the points of each way: only points of the same settings are comparable. */
function settingsOf({ ways, lengths }: CurvePlan, { train, dev, mix }: CommandOptions): Record<string, unknown> {
  const entries = ways.map(({ name, model, options }) => {
    const result = changedOptions({ ...options, seed: undefined }); // the seed is the point's own
    const data = { train: hashInput(train), dev: hashInput(dev!), ...(name === 'mix' && { mix: hashInput(mix!) }) };
    return [
      name,
      { model: hashWeights(model), data, options: result, ...lengths, docStride: lengths?.docStride ?? 128 },
    ];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

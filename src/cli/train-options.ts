// What `spanlab train` can be told: flags, the same options from a JSON file, and those of a run that goes on.
import type { ArgsDef } from 'citty';
import fs from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { BACKENDS } from '../engine/backend';
import { PRECISIONS } from '../engine/precision';
import { checkOptions, readOptionsFile, trainerOptions } from '../training/options';
import { fileOptions } from './columns';
import { backendOption, jsonOption, modelOption, number } from './options';
import { type Args, refuseNothingToResume, refuseOtherModel, resumedFile, resumedOptions } from './resumed';
import { NUMBERS } from './train-numbers';
import { rangeOf, withDefault } from './schema-flags';
import { UsageError } from './usage';

const inputs = {
  model: v.string(),
  train: v.string(),
  dev: v.optional(v.string()),
  mix: v.optional(v.string()),
  columns: v.optional(v.string()),
  encoding: v.optional(v.string()),
  teacher: v.optional(v.string()),
  augment: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(20)), 0),
  maxLength: v.optional(v.pipe(v.number(), v.integer(), v.minValue(8), v.maxValue(512)), 384),
  docStride: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  backend: v.optional(v.picklist(BACKENDS)),
};
const schema = v.strictObject({ ...trainerOptions.entries, ...inputs });

const TEXTS: Record<string, string> = {
  model: 'model',
  train: 'train',
  dev: 'dev',
  columns: 'columns',
  encoding: 'encoding',
  teacher: 'teacher',
  schedule: 'schedule',
  precision: 'precision',
  backend: 'backend',
  'best-metric': 'bestMetric',
};

export const numberFlags = Object.fromEntries(
  Object.entries(NUMBERS).map(([flag, [option, description]]) => [
    flag,
    { type: 'string', valueHint: 'N', description: withDefault(description, schema.entries[option]) },
  ]),
) as ArgsDef;

export const trainFlags: ArgsDef = {
  model: { type: 'string', description: modelOption.description },
  train: {
    type: 'string',
    description: 'questions to train on, in any form of docs/data.md',
  },
  dev: { type: 'string', description: 'questions to evaluate on' },
  ...fileOptions,
  teacher: {
    type: 'string',
    description: 'a larger model with the same vocabulary, to learn from as well as from the answers',
  },
  mix: {
    type: 'string',
    description: withDefault(
      'FILE[:SHARE]: general questions to train on as well, and the share of an epoch that they make up',
      trainerOptions.entries.mixShare,
    ),
  },
  out: {
    type: 'string',
    description: 'folder for the run: its record, checkpoints and the trained model',
    required: true,
  },
  options: { type: 'string', description: 'JSON file with options; those on the command line take precedence' },
  resume: {
    type: 'string',
    description:
      'continue from the latest checkpoint (latest) or from the folder of a checkpoint, with the options the run had',
  },
  'accept-changes': {
    type: 'boolean',
    description: 'with --resume: continue even if options that change the result are different',
  },
  overwrite: { type: 'boolean', description: 'train into a folder that has a model already, and replace that' },
  choose: {
    type: 'boolean',
    description:
      'first try half and double the learning rate, and --mix, --freeze and --augment if given, on held-out parts; then train with what helps',
  },
  folds: {
    type: 'string',
    valueHint: 'N',
    description: 'with --choose: number of parts, each held out in turn (default 5)',
  },
  prepare: { type: 'boolean', description: 'write the folder with everything in it, to be trained elsewhere' },
  ...numberFlags,
  schedule: {
    type: 'enum',
    options: [...trainerOptions.entries.schedule.wrapped.options],
    description: withDefault('how the learning rate falls', trainerOptions.entries.schedule),
  },
  precision: {
    type: 'enum',
    options: [...PRECISIONS],
    description: withDefault('precision of the matrix products', trainerOptions.entries.precision),
  },
  recompute: {
    type: 'boolean',
    description: 'save memory at the cost of time: recompute activations in the backward pass',
  },
  bucket: { type: 'boolean', description: 'rows of similar length share a batch (default; --no-bucket mixes them)' },
  'best-metric': {
    type: 'string',
    description: withDefault('the metric that chooses the best model', trainerOptions.entries.bestMetric),
  },
  backend: backendOption,
  json: jsonOption,
};

/** Options of a training from the command line, complete: those of the trainer, and what it works on. */
export type CommandOptions = v.InferOutput<typeof schema>;

/**
 * Puts together the options: those of the run that goes on, the file's, the flags'; the later count more.
 *
 * @throws UsageError; TrainingError `E_TRAIN_OPTION`, `E_CHECKPOINT`, `E_CHECKPOINT_MODEL`; FileError
 */
export function commandOptions(args: Args): CommandOptions {
  const file = args.options as string | undefined;
  const merged = { ...resumedOptions(args), ...(file !== undefined && readOptionsFile(file)), ...flags(args) };
  if (!('model' in merged && 'train' in merged)) refuseNothingToResume(args);
  refuseOtherModel(args, merged.model);
  return completeOptions(merged, file ?? resumedFile(args) ?? 'options');
}

/** Checks options and fills in the defaults; `source` says where they are from. */
export function completeOptions(given: Record<string, unknown>, source: string): CommandOptions {
  for (const name of ['model', 'train']) {
    if (!(name in given))
      throw new UsageError(`--${name} is missing; give it on the command line or in the file of --options`);
  }
  const options = checkOptions(schema, given, source, namesOfFlags());
  if (options.docStride === undefined || options.docStride < options.maxLength) return options;
  throw new UsageError(`--doc-stride is "${options.docStride}"; it takes a whole number below ${options.maxLength}`);
}

/** In a file options have names of their own: `learningRate`, where the flag is `--lr`. */
function namesOfFlags(): Map<string, string> {
  const numbers = Object.entries(NUMBERS).map(([flag, [option]]): [string, string] => [flag, option]);
  return new Map([...numbers, ...Object.entries(TEXTS)]);
}

function flags(args: Args): Record<string, unknown> {
  const given = (flag: string) => args[flag] !== undefined;
  const numbers = Object.entries(NUMBERS)
    .filter(([flag]) => given(flag))
    .map(([flag, [option]]) => [option, number(args, flag, rangeOf(schema.entries[option]))]);
  const texts = Object.entries(TEXTS)
    .filter(([flag]) => given(flag))
    .map(([flag, option]) => [option, args[flag]]);
  const switches = ['recompute', 'bucket'].filter(given).map((flag) => [flag, args[flag]]);
  return { ...Object.fromEntries([...numbers, ...texts, ...switches]), ...mixed(args) };
}

/** `general.json:0.3` is 0.3 of every epoch from general.json. */
function mixed({ mix }: Args): { mix?: string; mixShare?: number } {
  if (typeof mix !== 'string') return {};
  const [, file, share] = /^(.+?)(?::(\d*\.?\d+))?$/.exec(mix) ?? [];
  if (file === undefined) throw new UsageError(`--mix is "${mix}"; it takes a file, or FILE:SHARE`);
  if (share === undefined) return { mix: file };
  return { mix: file, mixShare: number({ mix: share }, 'mix', rangeOf(trainerOptions.entries.mixShare)) };
}

/** The options apart: the trainer's own, and what `options.json` holds besides them. */
export function splitOptions(options: CommandOptions) {
  const { model, train, dev, mix, columns, encoding, teacher, augment, maxLength, docStride, backend, ...trainer } =
    options;
  // paths that hold from anywhere; a name on the hub is no path
  const absolute = (file: string) => (fs.existsSync(file) ? path.resolve(file) : file);
  const files = {
    model: absolute(model),
    train: absolute(train),
    ...(dev !== undefined && { dev: absolute(dev) }),
    ...(mix !== undefined && { mix: absolute(mix) }),
    ...(teacher !== undefined && { teacher: absolute(teacher) }),
  };
  return {
    trainer,
    inputs: {
      ...files,
      ...(columns !== undefined && { columns }),
      ...(encoding !== undefined && { encoding }),
      ...(augment > 0 && { augment }),
      maxLength,
      ...(docStride !== undefined && { docStride }),
      ...(backend && { backend }),
    },
  };
}

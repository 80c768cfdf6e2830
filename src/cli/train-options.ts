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
import type { Args } from './resumed';
import { refuseNothingToResume, refuseOtherModel, resumedFile, resumedOptions } from './resumed';
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

/** Number flags: the option's name, and what it is. */
const NUMBERS: Record<string, [option: keyof typeof schema.entries, description: string]> = {
  epochs: ['epochs', 'passes over the data'],
  steps: ['steps', 'steps of the optimizer, instead of epochs; 0 counts epochs'],
  'least-steps': ['leastSteps', 'steps at least: more epochs where rows are few'],
  'teacher-weight': ['teacherWeight', 'with --teacher: how much of the loss is the distance from its scores'],
  'teacher-temperature': ['teacherTemperature', 'with --teacher: the scores of both are divided by it'],
  augment: ['augment', 'changed copies of each question: a word mistyped or left out, sentences in another order'],
  batch: ['batchSize', 'rows in a batch'],
  freeze: ['freeze', 'the embeddings and so many of the lowest layers stay as they are; 0 freezes nothing'],
  dropout: ['dropout', "fraction that is dropped; by default what the model's config.json says"],
  accumulate: ['accumulate', 'batches whose gradients make one step'],
  lr: ['learningRate', 'learning rate at its highest'],
  warmup: ['warmup', 'fraction of the steps in which the learning rate rises'],
  'weight-decay': ['weightDecay', 'weight decay of the weight matrices'],
  'max-grad-norm': ['maxGradientNorm', 'gradients are clipped to this norm; 0 clips nothing'],
  seed: ['seed', 'fixes the order of rows, dropout and new weights'],
  'evaluate-every': ['evaluateEvery', 'steps between evaluations; 0 evaluates at the end only'],
  patience: ['patience', 'stop after so many evaluations without a better model; 0 never stops'],
  'checkpoint-every': ['checkpointEvery', 'steps between checkpoints; 0 writes one when stopped'],
  keep: ['keepCheckpoints', 'checkpoints kept in addition to the best'],
  'max-length': ['maxLength', 'tokens in a window'],
  'doc-stride': ['docStride', 'tokens by which windows overlap; by default 128, or half of a shorter window'],
};

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
      'FILE[:share]: general questions in the same training, and what fraction of an epoch they are',
      trainerOptions.entries.mixShare,
    ),
  },
  out: { type: 'string', description: "the run's folder: record, checkpoints, trained model", required: true },
  options: { type: 'string', description: 'JSON file of options; the command line overrides it' },
  resume: {
    type: 'string',
    description: 'go on from latest, or from the folder of a checkpoint, with the options it had',
  },
  'accept-changes': {
    type: 'boolean',
    description: 'with --resume: go on although options that change the result differ',
  },
  choose: {
    type: 'boolean',
    description:
      'first try half and double the rate, and --mix, --freeze and --augment where given, on held-out parts; train with what helps',
  },
  folds: { type: 'string', valueHint: 'N', description: 'with --choose: parts that are held out in turn (default 5)' },
  prepare: { type: 'boolean', description: 'write the folder with everything in it, and train elsewhere' },
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
    description: 'trade time for memory: activations are computed again in the backward pass',
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
    if (!(name in given)) throw new UsageError(`--${name} is missing: a flag or the file of options gives it`);
  }
  const options = checkOptions(schema, given, source);
  if (options.docStride === undefined || options.docStride < options.maxLength) return options;
  throw new UsageError(`--doc-stride is "${options.docStride}"; it takes a whole number below ${options.maxLength}`);
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

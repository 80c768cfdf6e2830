// What a training run can be told: names, defaults and limits, from code, a JSON file or the command line.
import * as v from 'valibot';
import { PRECISIONS } from '../engine/precision';
import { notJson } from '../json-file';
import { quoted } from '../printable';
import { repeatedKeys } from '../repeated-keys';
import { readText } from '../text-file';
import { TrainingError } from './errors';

const whole = (least: number) => v.pipe(v.number(), v.integer(), v.minValue(least));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const positive = v.pipe(v.number(), v.finite(), v.minValue(0));

/** Every option with its default. */
export const trainerOptions = v.strictObject({
  /** Passes over the data. */
  epochs: v.optional(whole(1), 3),
  /** Updates; above 0 it counts and `epochs` does not. */
  steps: v.optional(whole(0), 0),
  /** Updates at least, in more epochs where rows are few; training on few rows ends too early otherwise (Zhang et al. 2021). */
  leastSteps: v.optional(whole(0), 0),
  /** Rows that go through the model at once. */
  batchSize: v.optional(whole(1), 16),
  /** Batches whose gradients make one update together. */
  accumulate: v.optional(whole(1), 1),
  learningRate: v.optional(positive, 5e-5),
  schedule: v.optional(v.picklist(['linear', 'constant', 'cosine']), 'linear'),
  /** Share of the steps over which the learning rate rises from 0. */
  warmup: v.optional(share, 0.1),
  weightDecay: v.optional(positive, 0.01),
  beta1: v.optional(share, 0.9),
  beta2: v.optional(share, 0.999),
  epsilon: v.optional(positive, 1e-8),
  /** Largest global norm of the gradients; 0 leaves them as they are. */
  maxGradientNorm: v.optional(positive, 1),
  /** Fixes order and dropout. */
  seed: v.optional(v.pipe(whole(0), v.maxValue(2 ** 31 - 1)), 0),
  shuffle: v.optional(v.boolean(), true),
  /** Rows of similar length share a batch. */
  bucket: v.optional(v.boolean(), true),
  /** Pads every row to this length, as the lesson does; 0 pads to the longest of the batch. */
  padTo: v.optional(whole(0), 0),
  /** Of the rows of an epoch, the fraction that comes from general data, where there is some to mix in. */
  mixShare: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(0.95)), 0.5),
  /** The embeddings and so many of the lowest layers stay as they are, and are computed once for each row; 0 freezes nothing. */
  freeze: v.optional(whole(0), 0),
  /** What is dropped in the place of the rates of the model's config.json; few steps learn more with less of it. */
  dropout: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(0.9))),
  /** Where there is a teacher: how much of the loss is the distance from its scores; the rest is that of the labels. */
  teacherWeight: v.optional(share, 0.5),
  /** Scores of both are divided by it first: the higher, the more what the teacher thinks of other tokens counts. */
  teacherTemperature: v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(100)), 2),
  precision: v.optional(v.picklist(PRECISIONS), 'fp32'),
  /** Less memory for more time. */
  recompute: v.optional(v.boolean(), false),
  /** Steps between evaluations; 0 evaluates at the end only. */
  evaluateEvery: v.optional(whole(0), 0),
  /** The metric by which models are compared; one whose name holds `loss` is better when smaller. */
  bestMetric: v.optional(v.string(), 'f1'),
  /** Evaluations without a better model before training ends; 0 never ends it. */
  patience: v.optional(whole(0), 0),
  /** Steps between checkpoints; 0 writes one only when training is stopped or finds a better model. */
  checkpointEvery: v.optional(whole(0), 500),
  /** Checkpoints that are kept besides the best one. */
  keepCheckpoints: v.optional(whole(1), 2),
  /** Steps that are averaged in `trainer_state.json`. */
  logEvery: v.optional(whole(1), 10),
});

export type TrainerOptions = v.InferOutput<typeof trainerOptions>;

/** Options without which a run would see other batches: a resumed run must keep them. */
export const ORDER_OPTIONS = ['batchSize', 'accumulate', 'seed', 'shuffle', 'bucket', 'padTo', 'mixShare'] as const;

/** Options that only say what is written down and how memory is used: the weights are the same with any value. */
const NEUTRAL_OPTIONS = ['checkpointEvery', 'keepCheckpoints', 'logEvery', 'recompute'];

/** The options that change what comes out, in which a run that goes on must agree with its checkpoint. */
export function resultOptions(options: TrainerOptions): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !NEUTRAL_OPTIONS.includes(name)));
}

/**
 * Checks options and fills in the defaults.
 *
 * @throws TrainingError `E_TRAIN_OPTION` that names the option, what it is and what it may be.
 * @example parseOptions({ epochs: 2 }).batchSize // 16
 */
export function parseOptions(raw: unknown, source = 'options'): TrainerOptions {
  return checkOptions(trainerOptions, raw, source);
}

/** Checks `raw` against a schema of options; `others` are names that people may take for those of options. */
export function checkOptions<T>(
  schema: v.GenericSchema<unknown, T>,
  raw: unknown,
  source: string,
  others?: ReadonlyMap<string, string>,
): T {
  const result = v.safeParse(schema, raw, { abortEarly: true });
  if (result.success) return result.output;
  const [{ path, expected, requirement, received }] = result.issues;
  const name = path?.map(({ key }) => String(key)).join('.') ?? '';
  if (name === '')
    throw new TrainingError(
      'E_TRAIN_OPTION',
      `${source}: an object is needed, not ${received}; write {"epochs": 3, …}`,
    );
  const meant = others?.get(name);
  if (expected === 'never' && meant !== undefined)
    throw new TrainingError('E_TRAIN_OPTION', `${source}: unknown option "${name}"; in a file its name is ${meant}`);
  if (expected === 'never')
    throw new TrainingError(
      'E_TRAIN_OPTION',
      `${source}: unknown option "${name}"; take it out, or correct its name (${namesOf(schema)})`,
    );
  const wanted = typeof requirement === 'function' ? 'a whole number' : expected;
  throw new TrainingError('E_TRAIN_OPTION', `${source}: ${name} is ${received}; it takes ${String(wanted)}`);
}

/** The names that a schema of an object knows. */
function namesOf(schema: v.GenericSchema): string {
  const { entries = {} } = schema as { entries?: Record<string, unknown> };
  return Object.keys(entries).join(', ');
}

/**
 * Reads a JSON file of options, unchecked.
 *
 * @throws FileError; TrainingError `E_TRAIN_OPTION` when it is not an object in JSON.
 */
export function readOptionsFile(file: string): Record<string, unknown> {
  const fail = (problem: string) => new TrainingError('E_TRAIN_OPTION', `${file}: ${problem}`);
  const text = readText(file);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw fail(`${notJson(text, error)}; correct it, or give the options as flags`);
  }
  const [repeated] = repeatedKeys(text);
  if (repeated) throw fail(`${quoted(repeated.key)} stands twice; delete the one that is not meant`);
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
  throw fail('an object of options is needed; write {"epochs": 3, …}');
}

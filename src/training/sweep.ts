// A search over training options: its file, and the trials that it asks for.
import * as v from 'valibot';
import { Random } from '../engine/random';
import { checkOptions } from './options';

/** Numbers from `min` to `max`, evenly or on a logarithmic scale; whole ones where `integer` is set. */
const range = v.strictObject({
  min: v.number(),
  max: v.number(),
  log: v.optional(v.boolean(), false),
  integer: v.optional(v.boolean(), false),
});
const choices = v.pipe(v.array(v.union([v.string(), v.number(), v.boolean()])), v.minLength(1));

const sweepConfig = v.strictObject({
  /** The folder of the sweep: one run folder for each trial. */
  out: v.string(),
  /** What all trials share: options of `spanlab train` by the names of `options.json`. */
  options: v.record(v.string(), v.unknown()),
  /** What differs: a list of values, or a range. */
  search: v.record(v.string(), v.union([choices, range])),
  /** `grid`: every combination of the lists. `random`: `trials` draws. */
  method: v.optional(v.picklist(['grid', 'random']), 'grid'),
  trials: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 10),
  /** Fixes the draws. */
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
});

export type SweepConfig = v.InferOutput<typeof sweepConfig>;
type Range = v.InferOutput<typeof range>;
type Values = (string | number | boolean)[];

/** One training of a sweep. */
export interface Trial {
  /** Of its run folder, `trial-0` and so on. */
  name: string;
  options: Record<string, unknown>;
}

/**
 * Checks what a file says of a sweep and fills in the defaults.
 *
 * @throws TrainingError `E_TRAIN_OPTION` that names what is wrong.
 */
export function parseSweep(raw: unknown, source: string): SweepConfig {
  const config = checkOptions(sweepConfig, raw, source);
  if (config.method === 'random') return config;
  for (const [name, values] of Object.entries(config.search)) {
    checkOptions(v.object({ search: v.object({ [name]: choices }) }), { search: { [name]: values } }, source);
  }
  return config;
}

/**
 * The trials of a sweep; the same file gives the same ones.
 *
 * @example planTrials({ ...config, search: { learningRate: [1e-4, 2e-4], seed: [0, 1] } }).length // 4
 */
export function planTrials(config: SweepConfig): Trial[] {
  const found = config.method === 'grid' ? grid(config.search as Record<string, Values>) : draws(config);
  return found.map((options, i) => ({ name: `trial-${i}`, options: { ...config.options, ...options } }));
}

function grid(search: Record<string, Values>): Record<string, unknown>[] {
  const add = (rows: Record<string, unknown>[], [name, values]: [string, Values]) =>
    rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value })));
  return Object.entries(search).reduce(add, [{}]);
}

/** Each trial has a random stream of its own: more trials leave the first ones as they were. */
function draws({ search, seed, trials }: SweepConfig): Record<string, unknown>[] {
  return Array.from({ length: trials }, (_, trial) => {
    const random = new Random(seed, trial);
    return Object.fromEntries(Object.entries(search).map(([name, values]) => [name, draw(random, values)]));
  });
}

function draw(random: Random, values: Range | Values): unknown {
  if (Array.isArray(values)) return values[random.integer(values.length)];
  const { min, max, log, integer } = values;
  if (integer && !log) return min + random.integer(max - min + 1);
  const [low, high] = log ? [Math.log(min), Math.log(max)] : [min, max];
  const place = low + random.uniform() * (high - low);
  const value = log ? Math.exp(place) : place;
  return integer ? Math.round(value) : Number(value.toPrecision(4)); // short enough for a table
}

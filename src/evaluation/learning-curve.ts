// The trainings of a learning curve, one after another in this process: each starts anew, and only its metrics are kept.
import { QuestionAnsweringModel } from '../model/question-answering';
import { augmentRecords } from '../squad/augment';
import type { SquadRecord } from '../squad/record';
import { Tokenizer } from '../tokens/tokenizer';
import { type WindowOptions, windowsFor } from '../tokens/window-lengths';
import { windows } from '../tokens/windows';
import type { TrainerOptions } from '../training/options';
import type { StepReport } from '../training/state';
import { Trainer } from '../training/trainer';
import { type CurvePoint, drawExamples } from './curve';
import { evaluate } from './evaluate';

/** A way of training: what it starts from, and what it does besides training on the examples. */
export interface CurveWay {
  name: string;
  /** Folder of a model. */
  model: string;
  options?: Partial<TrainerOptions>;
  /** General questions that are mixed in. */
  mix?: SquadRecord[];
  /** Changed copies of each example. */
  augment?: number;
}

export interface CurvePlan {
  /** One's own examples, of which each training gets a draw. */
  train: SquadRecord[];
  /** What all are measured on; no training may see it. */
  heldOut: SquadRecord[];
  ways: CurveWay[];
  sizes: number[];
  seeds: number[];
  lengths?: WindowOptions;
}

export interface CurveHooks {
  /** Points that are there already and are not trained again. */
  done?: CurvePoint[];
  onPoint?: (point: CurvePoint, number: number, total: number) => void;
  onStep?: (report: StepReport) => void;
  /** Ends it between two steps; the points so far stay. */
  signal?: AbortSignal;
}

/** What a training gives that is kept. */
type Measured = Pick<CurvePoint, 'exact' | 'f1' | 'steps' | 'seconds'>;

/** One training that is to be done. */
export type Place = Pick<CurvePoint, 'size' | 'seed'> & { way: CurveWay };

/**
 * Trains on `sizes` examples with every seed in every way, and measures each model; size 0 is each model as it is, once.
 *
 * @throws TrainingError, FileError, ModelError; the signal's reason, after which the points so far are those that `onPoint` was given
 * @example const points = await learningCurve({ train, heldOut, ways: [{ name: 'trained', model }], sizes: [16, 64], seeds: [0, 1] })
 */
export function learningCurve(plan: CurvePlan, hooks: CurveHooks = {}): Promise<CurvePoint[]> {
  const { train, heldOut, lengths } = plan;
  return trainPlaces(placesOf(plan), hooks, ({ way, size, seed }) =>
    trainAndMeasure(way, { train: drawExamples(train, size, seed), heldOut, seed, lengths }, hooks),
  );
}

/** Goes through the trainings one after another, past those whose points are there. */
export async function trainPlaces(
  places: Place[],
  { done = [], onPoint, signal }: CurveHooks,
  train: (place: Place) => Promise<Measured>,
): Promise<CurvePoint[]> {
  const points = [...done];
  for (const [i, place] of places.entries()) {
    const { size, seed } = place;
    const { name } = place.way;
    if (points.some((point) => point.way === name && point.size === size && point.seed === seed)) continue;
    signal?.throwIfAborted();
    const point = { way: name, size, seed, ...(await train(place)) };
    points.push(point);
    onPoint?.(point, i + 1, places.length);
  }
  return points;
}

/** Small sizes first: the curve shows its beginning early. */
function placesOf({ sizes, seeds, ways }: CurvePlan): Place[] {
  const models = ways.map(({ model }) => model);
  const starts = ways.filter(({ model }, i) => models.indexOf(model) === i);
  const untouched = sizes.includes(0) ? starts.map((way) => ({ way, size: 0, seed: seeds[0] })) : [];
  const trained = sizes.filter((size) => size > 0);
  return [
    ...untouched,
    ...trained.flatMap((size) => seeds.flatMap((seed) => ways.map((way) => ({ way, size, seed })))),
  ];
}

/** What one training gets, and what it is measured on. */
interface Examples extends Pick<CurvePlan, 'train' | 'heldOut' | 'lengths'> {
  seed: number;
}

/** Trains in a way, unless there is nothing to train on, and measures; only the metrics are kept. */
export async function trainAndMeasure(
  way: CurveWay,
  { train, heldOut, seed, lengths }: Examples,
  { onStep, signal }: Pick<CurveHooks, 'onStep' | 'signal'>,
): Promise<Measured> {
  const tokenizer = await Tokenizer.fromFolder(way.model);
  const model = QuestionAnsweringModel.fromPretrained(way.model, { seed });
  try {
    const made = { steps: 0, seconds: 0 };
    if (train.length > 0) {
      const own = windowsFor(model.config, lengths ?? {});
      const examples = [...train, ...augmentRecords(train, way.augment ?? 0, seed)];
      const features = await windows(examples, tokenizer, own);
      const mix = way.mix && { features: await windows(way.mix, tokenizer, own) };
      const trainer = new Trainer({ model, features, mix, options: { ...way.options, seed }, onStep });
      const { steps, seconds } = await trainer.run({ signal });
      signal?.throwIfAborted(); // half a training is no point
      Object.assign(made, { steps, seconds });
    }
    const { metrics } = await evaluate(model, tokenizer, heldOut, { ...lengths, signal });
    return { exact: metrics.exact, f1: metrics.f1, ...made };
  } finally {
    model.dispose();
  }
}

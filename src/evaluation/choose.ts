// Which ways of training help with somebody's own questions: each is tried on parts of them that were held out.
import { foldsByArticle } from '../squad/split';
import type { SquadRecord } from '../squad/record';
import type { WindowOptions } from '../tokens/window-lengths';
import { type CurvePoint, type Mean, meanOf } from './curve';
import { EvaluationError } from './errors';
import { type CurveHooks, type CurveWay, trainAndMeasure, trainPlaces } from './learning-curve';

export interface ChoicePlan {
  /** One's own questions; nothing else is trained on, but what a way mixes in. */
  records: SquadRecord[];
  /** The first is the one that the others must beat. */
  ways: CurveWay[];
  /** Parts that are held out in turn. */
  folds: number;
  seed: number;
  lengths?: WindowOptions;
}

/** What a way is worth, over all folds. */
export interface Choice {
  way: string;
  /** In percent. */
  f1: Mean;
  /** F1 less that of the first way, fold by fold; absent for that way. */
  gain?: Mean & { isSure: boolean };
}

/**
 * Trains in every way on all folds but one, and measures on that one, for each fold in turn. A point's `seed` is the number of its
 * fold, its `size` that of all questions.
 *
 * @throws EvaluationError `E_CHOOSE` where the questions are on fewer than three texts; TrainingError, ModelError; the signal's reason
 * @example const points = await tryWays({ records, ways: [{ name: 'trained', model }, { name: 'mix', model, mix }], folds: 5, seed: 0 })
 */
export async function tryWays(plan: ChoicePlan, hooks: CurveHooks = {}): Promise<CurvePoint[]> {
  const { records, ways, seed, lengths } = plan;
  const folds = foldsByArticle(records, plan.folds, seed);
  if (folds.length < 3) {
    const problem = `the questions are on ${folds.length} texts, too few to hold some of them out`;
    throw new EvaluationError('E_CHOOSE', `${problem}; train without --choose, or write questions on more texts`);
  }
  const places = folds.flatMap((_, fold) => ways.map((way) => ({ way, size: records.length, seed: fold })));
  return trainPlaces(places, hooks, ({ way, seed: fold }) => {
    const [train, heldOut] = folds[fold];
    return trainAndMeasure(way, { train, heldOut, seed: seed + fold, lengths }, hooks);
  });
}

/**
 * What the points allow to say of each way. Folds train on much the same questions, so that their scatter alone would promise too
 * much: the intervals are widened as Nadeau and Bengio do (Machine Learning 52, 2003), by the square root of 1 + k/(k-1) for k folds.
 *
 * @example choicesOf(points, 'trained')[1].gain?.isSure
 */
export function choicesOf(points: CurvePoint[], first: string): Choice[] {
  const names = [first, ...new Set(points.map(({ way }) => way).filter((way) => way !== first))];
  const f1Of = (name: string) => new Map(points.filter(({ way }) => way === name).map(({ seed, f1 }) => [seed, f1]));
  const base = f1Of(first);
  return names.map((way) => {
    const own = f1Of(way);
    const f1 = meanOf([...own.values()]);
    if (way === first) return { way, f1 };
    const gains = [...own].filter(([fold]) => base.has(fold)).map(([fold, value]) => value - base.get(fold)!);
    return { way, f1, gain: widened(meanOf(gains)) };
  });
}

function widened(gain: Mean): Mean & { isSure: boolean } {
  const { draws, half } = gain;
  const wide = half * Math.sqrt(1 + draws / (draws - 1));
  return { ...gain, half: wide, isSure: Math.abs(gain.mean) > wide };
}

/**
 * The way to train in: the one that gains most of those whose gain is sure, or else the first.
 *
 * @example bestWay(choicesOf(points, 'trained'))
 */
export function bestWay(choices: Choice[]): string {
  const better = choices.filter(({ gain }) => gain?.isSure && gain.mean > 0);
  return better.sort((a, b) => b.gain!.mean - a.gain!.mean)[0]?.way ?? choices[0].way;
}

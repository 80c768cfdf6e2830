// Learning curves: how good a model gets with so many examples, over several draws of them, and what their scatter allows to say.
import { Random } from '../engine/random';
import type { SquadRecord } from '../squad/record';

/** One training of a curve, measured on questions that it did not see. */
export interface CurvePoint {
  /** How it was trained: `bare`, `trained`, `mix`, … */
  way: string;
  /** Own examples. */
  size: number;
  /** Of the draw of the examples, and of the training. */
  seed: number;
  /** In percent, as the official script counts them. */
  exact: number;
  f1: number;
  steps: number;
  /** Spent in training steps. */
  seconds: number;
}

/** A mean over draws, and half the width of the interval that holds the true mean with 95 % confidence. */
export interface Mean {
  draws: number;
  mean: number;
  /** Standard deviation of the draws; `NaN` of one. */
  deviation: number;
  /** `NaN` of one draw. */
  half: number;
}

/** A way at a size. */
export interface CurveRow {
  way: string;
  size: number;
  exact: Mean;
  f1: Mean;
  /** Mean of the trainings. */
  seconds: number;
  /** F1 less that of another way with the same draws; absent where there are none in common. */
  gain?: Mean & { over: string; isSure: boolean };
}

/**
 * The first `size` of the examples in the order of a seed: a larger draw of the same seed holds the smaller ones.
 *
 * @example drawExamples(records, 16, 0).length // 16
 */
export function drawExamples(records: SquadRecord[], size: number, seed: number): SquadRecord[] {
  return new Random(seed, DRAW).shuffle([...records]).slice(0, size);
}

/** Random numbers that neither an epoch nor a weight of that seed draws. */
const DRAW = 0x6375;

/** 97.5 % of Student's distribution is below these, by degrees of freedom from 1. */
const STUDENT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
];

/**
 * The mean of some draws with its interval (Student 1908).
 *
 * @example meanOf([40, 42, 44]) // { draws: 3, mean: 42, deviation: 2, half: 4.97 }
 */
export function meanOf(values: number[]): Mean {
  const draws = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / draws;
  if (draws < 2) return { draws, mean, deviation: NaN, half: NaN };
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (draws - 1));
  // beyond the table it is 2.04 at most, and falls to 1.96
  const factor = STUDENT[draws - 2] ?? 2.04;
  return { draws, mean, deviation, half: (factor * deviation) / Math.sqrt(draws) };
}

/**
 * One row for each way and size, by size. `gain` compares a way with the one it builds on, draw by draw: `trained` with `bare`,
 * all others with `trained`. A gain is sure where its interval does not hold 0.
 *
 * @example curveRows(points).find(({ way, size }) => way === 'mix' && size === 128)?.gain
 */
export function curveRows(points: CurvePoint[]): CurveRow[] {
  const ways = [...new Set(points.map(({ way }) => way))];
  const sizes = [...new Set(points.map(({ size }) => size))].sort((a, b) => a - b);
  const cells = sizes.flatMap((size) => ways.map((way) => ({ way, size })));
  return cells.flatMap(({ way, size }) => {
    const own = points.filter((point) => point.way === way && point.size === size);
    if (own.length === 0) return [];
    const gain = gainOver(way === 'trained' ? 'bare' : 'trained', own, points);
    const [exact, f1, { mean: seconds }] = (['exact', 'f1', 'seconds'] as const).map((key) =>
      meanOf(own.map((point) => point[key])),
    );
    return [{ way, size, exact, f1, seconds, ...(gain && { gain }) }];
  });
}

function gainOver(over: string, own: CurvePoint[], points: CurvePoint[]): CurveRow['gain'] {
  const differences = own.flatMap(({ way, size, seed, f1 }) => {
    const other = points.find((point) => point.way === over && point.size === size && point.seed === seed);
    return other && way !== over ? [f1 - other.f1] : [];
  });
  if (differences.length === 0) return undefined;
  const gain = meanOf(differences);
  return { ...gain, over, isSure: Math.abs(gain.mean) > gain.half };
}

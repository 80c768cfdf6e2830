// Two models on the same questions: how sure is the difference?
import { Random } from '../engine/random';
import type { QuestionResult } from './analysis';
import { EvaluationError } from './errors';

/** Second less first, in percentage points, and an interval that holds the true difference with the given confidence. */
export interface Difference {
  difference: number;
  low: number;
  high: number;
}

export interface BootstrapOptions {
  samples?: number;
  /** 0 to 1. */
  confidence?: number;
  seed?: number;
}

/**
 * The paired bootstrap: questions are drawn with replacement, each with the metrics of both models, and the differences of the
 * means give the interval by their percentiles. Source: Koehn 2004, Statistical Significance Tests for Machine Translation
 * Evaluation; Efron and Tibshirani 1993, chapter 13.
 *
 * @param first Metrics of each question, 0 to 1. @param second Those of the other model, same order.
 * @throws EvaluationError `E_COMPARE` for lists of different lengths or empty ones.
 * @example pairedBootstrap([0, 1, 1], [1, 1, 1]) // { difference: 33.3…, low: 0, high: 100 }
 */
export function pairedBootstrap(
  first: number[],
  second: number[],
  { samples = 2000, confidence = 0.95, seed = 0 }: BootstrapOptions = {},
): Difference {
  if (first.length !== second.length || first.length === 0) {
    const counts = `${first.length} and ${second.length}`;
    throw new EvaluationError(
      'E_COMPARE',
      `metrics of ${counts} questions; give the same questions, at least one, to both`,
    );
  }
  const gains = first.map((metric, i) => 100 * (second[i] - metric));
  const random = new Random(seed);
  const means = new Float64Array(samples);
  for (let sample = 0; sample < samples; sample++) {
    const sum = gains.reduce((total) => total + gains[random.integer(gains.length)], 0);
    means[sample] = sum / gains.length;
  }
  means.sort();
  const tail = (1 - confidence) / 2;
  const difference = gains.reduce((a, b) => a + b, 0) / gains.length;
  return { difference, low: quantile(means, tail), high: quantile(means, 1 - tail) };
}

/** Between two sorted values by their distance (numpy's default). */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/** Two models side by side on one metric. */
export interface Comparison extends Difference {
  metric: 'exact' | 'f1';
  first: number; // percent
  second: number; // percent
  /** Questions that the second model does better, and worse. */
  better: number;
  worse: number;
}

/**
 * Exact match and F1 of two models on the same questions.
 *
 * @throws EvaluationError `E_COMPARE` when the questions are not the same.
 * @example compareModels(questionResults(before), questionResults(after))[1].low > 0
 */
export function compareModels(
  first: QuestionResult[],
  second: QuestionResult[],
  options: BootstrapOptions = {},
): Comparison[] {
  const odd = first.findIndex(({ record }, i) => record.id !== second[i]?.record.id);
  if (odd >= 0) {
    throw new EvaluationError('E_COMPARE', `question ${first[odd].record.id} is not at the same place in both results`);
  }
  return (['exact', 'f1'] as const).map((metric) => {
    const [before, after] = [first, second].map((results) => results.map((result) => result[metric]));
    const mean = (metrics: number[]) => (100 * metrics.reduce((a, b) => a + b, 0)) / metrics.length;
    const interval = pairedBootstrap(before, after, options);
    const better = after.filter((value, i) => value > before[i]).length;
    const worse = after.filter((value, i) => value < before[i]).length;
    return { metric, first: mean(before), second: mean(after), ...interval, better, worse };
  });
}

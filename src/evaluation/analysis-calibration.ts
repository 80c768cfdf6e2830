// Whether probabilities mean what they say: calibration of answers, precision and recall of "no answer".
import type { QuestionResult } from './analysis';

/** Questions whose answer got about the same probability. */
export interface CalibrationBin {
  low: number;
  high: number;
  questions: number;
  /** Mean probability of the best answer, 0 to 1. */
  probability: number;
  /** Share of best answers that are an exact match, 0 to 1. */
  right: number;
}

/**
 * Bins of equal width over the probability of the best answer; those without questions are left out. Whether the answer was
 * withheld plays no part. Source: Guo et al. 2017, On Calibration of Modern Neural Networks.
 *
 * @example calibration(results).map(({ probability, right }) => [probability, right])
 */
export function calibration(results: QuestionResult[], count = 10): CalibrationBin[] {
  const members: QuestionResult[][] = Array.from({ length: count }, () => []);
  for (const result of results) {
    members[Math.min(count - 1, Math.floor(result.answerProbability * count))].push(result);
  }
  const bins = members.map((bin, i) => ({
    low: i / count,
    high: (i + 1) / count,
    questions: bin.length,
    probability: bin.reduce((sum, result) => sum + result.answerProbability, 0) / bin.length,
    right: bin.filter((result) => result.bestIsRight).length / bin.length,
  }));
  return bins.filter((bin) => bin.questions > 0);
}

/** The mean distance of probability and share, weighted by questions: 0 is perfect. */
export function calibrationError(bins: CalibrationBin[]): number {
  const total = bins.reduce((sum, bin) => sum + bin.questions, 0);
  const distance = bins.reduce((sum, bin) => sum + bin.questions * Math.abs(bin.probability - bin.right), 0);
  return distance / (total || 1);
}

/** One threshold on the null odds. */
export interface PrecisionRecall {
  /** Answers are withheld where the null odds are at least this. */
  threshold: number;
  /** Of the withheld, the share that has no answer; 0 to 1. */
  precision: number;
  /** Of the questions without an answer, the share that is withheld; 0 to 1. */
  recall: number;
}

/**
 * Precision and recall of "no answer" at every threshold, from the surest down; empty when no question is impossible.
 *
 * @example noAnswerCurve(results).at(-1)?.recall // 1
 */
export function noAnswerCurve(results: QuestionResult[]): PrecisionRecall[] {
  const sorted = [...results].sort((a, b) => b.nullOdds - a.nullOdds);
  const total = sorted.filter(isImpossible).length;
  const curve: PrecisionRecall[] = [];
  let found = 0;
  sorted.forEach((result, i) => {
    found += Number(isImpossible(result));
    // questions of equal odds are withheld together
    if (sorted[i + 1]?.nullOdds === result.nullOdds || total === 0) return;
    curve.push({ threshold: result.nullOdds, precision: found / (i + 1), recall: found / total });
  });
  return curve;
}

/** The area under the curve as steps: the mean of the precision, weighted by what each threshold adds to the recall. */
export function averagePrecision(curve: PrecisionRecall[]): number {
  return curve.reduce((sum, { precision, recall }, i) => sum + precision * (recall - (curve[i - 1]?.recall ?? 0)), 0);
}

const isImpossible = ({ record }: QuestionResult) => record.answers.length === 0;

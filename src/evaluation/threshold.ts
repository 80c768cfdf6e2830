// Above which null odds an answer is better withheld.

/** A question with a prediction, as the search for a threshold sees it. */
export interface ThresholdQuestion {
  /** Exact match or F1 of the prediction, 0 to 1. */
  score: number;
  answerable: boolean;
  /** The answer if it is not withheld. */
  predicted: string;
  nullOdds: number;
}

/**
 * The threshold with the highest sum of scores; 0 where withholding every answer is best. Questions of equal odds count in their
 * order.
 *
 * Source: `find_best_thresh` of the official evaluate-v2.0.py.
 *
 * @example bestThreshold([{ score: 1, answerable: true, predicted: 'Ada', nullOdds: -3 }]) // { sum: 1, threshold: -3 }
 */
export function bestThreshold(questions: ThresholdQuestion[]): { sum: number; threshold: number } {
  // all answers withheld: right where there is none
  let sum = questions.filter((question) => !question.answerable).length;
  let best = { sum, threshold: 0 };
  for (const { score, answerable, predicted, nullOdds } of [...questions].sort((a, b) => a.nullOdds - b.nullOdds)) {
    if (answerable) sum += score;
    else if (predicted !== '') sum -= 1;
    if (sum > best.sum) best = { sum, threshold: nullOdds };
  }
  return best;
}

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

/**
 * The threshold to use on other questions: of those whose mean score is within one standard error of the best, the one nearest
 * to 0. Some hundred questions do not tell thresholds apart that are a point of F1 away from each other, and the very best one
 * on them is often worse than 0 on others.
 *
 * Source: the one standard error rule of Breiman et al. 1984, Classification and Regression Trees.
 *
 * @example steadyThreshold(questions) // -0.35
 */
export function steadyThreshold(questions: ThresholdQuestion[]): number {
  const candidates = thresholds(questions);
  const means = candidates.map((threshold) => mean(questions.map((one) => scoreAt(one, threshold))));
  const best = candidates[means.indexOf(means.reduce((a, b) => Math.max(a, b)))];
  const isSteady = (threshold: number, i: number) => {
    const losses = questions.map((one) => scoreAt(one, best) - scoreAt(one, threshold));
    return means[i] >= means[0] && mean(losses) <= standardError(losses);
  };
  const order = [...candidates.keys()].sort((a, b) => Math.abs(candidates[a]) - Math.abs(candidates[b]));
  return candidates[order.find((i) => isSteady(candidates[i], i))!];
}

/** 0 first, then one threshold for each way to withhold: below all odds, between two, above all. */
function thresholds(questions: ThresholdQuestion[]): number[] {
  const odds = [...new Set(questions.map(({ nullOdds }) => nullOdds))].sort((a, b) => a - b);
  const between = odds.slice(1).map((above, i) => (odds[i] + above) / 2);
  return [0, odds[0] - 1, ...between, odds[odds.length - 1] + 1];
}

/** What a question scores when answers are withheld above `threshold`. */
export function scoreAt({ nullOdds, answerable, score }: ThresholdQuestion, threshold: number): number {
  return nullOdds > threshold ? Number(!answerable) : score;
}

function mean(values: number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** Of the mean of `values`. */
function standardError(values: number[]): number {
  const center = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - center) ** 2, 0);
  return values.length > 1 ? Math.sqrt(squares / (values.length - 1) / values.length) : Infinity;
}

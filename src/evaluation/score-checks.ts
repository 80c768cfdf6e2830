// Whether scores of tokens are such that probabilities can be made of them.
import { EvaluationError } from './errors';

/** From here on float32 has no neighbouring whole numbers: differences between scores, which are all that counts, are chance. */
const LARGEST = 2 ** 24;

/**
 * Whoever makes answers or probabilities of a model's scores asks this first: of infinities come shares that are no numbers, and of
 * scores of 1e20 shares of 0 for every answer.
 *
 * @throws EvaluationError `E_SCORES`
 * @example checkScores(await startLogits.data())
 */
export function checkScores(scores: ArrayLike<number>): void {
  const bad = Array.prototype.find.call(scores, (score: number) => !(Math.abs(score) < LARGEST)) as number | undefined;
  if (bad === undefined) return;
  throw new EvaluationError(
    'E_SCORES',
    `the model gives a score of ${bad}, of which no probability can be made: its weights are too large or spoilt; take an earlier checkpoint`,
  );
}

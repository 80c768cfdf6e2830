// Questions that a program wrote: kept only where a model finds their answer again.
import type { Evaluation } from './evaluate';
import { scoreQuestions } from './metrics';
import { toAnswers } from './spans';

/** Places in `records` of the questions that passed and of those that did not. */
export interface RoundTrip {
  kept: number[];
  dropped: number[];
}

/**
 * Which questions have an answer that the model gives, too; where a question has none, that it gives none.
 *
 * Source: round-trip consistency of Alberti et al. 2019, Synthetic QA Corpora Generation with Roundtrip Consistency, which asks for
 * the same words (`least` 1); a weak model agrees more often in part.
 *
 * @param least F1 of the model's answer with the question's, 0 to 1.
 * @example roundTrip(await evaluate(model, tokenizer, synthetic), 1).kept.length
 */
export function roundTrip(
  { records, predictions, threshold }: Pick<Evaluation, 'records' | 'predictions' | 'threshold'>,
  least: number,
): RoundTrip {
  const scores = scoreQuestions(records, toAnswers(predictions, threshold));
  const places = [...records.keys()];
  return {
    kept: places.filter((i) => scores[i].f1 >= least),
    dropped: places.filter((i) => scores[i].f1 < least),
  };
}

// Questions whose text a tokenizer drops: said before their empty answers are taken for findings.
import { EvaluationError } from '../evaluation/errors';
import { type Evaluation, unreadQuestions } from '../evaluation/evaluate';
import { say } from '../terminal';

/**
 * Says which questions have no text for this tokenizer.
 *
 * @throws EvaluationError `E_ASK_CONTEXT` where all of them have none
 * @example sayUnread(await evaluate(model, tokenizer, records))
 */
export function sayUnread(evaluation: Pick<Evaluation, 'records' | 'features'>): void {
  const ids = unreadQuestions(evaluation);
  if (ids.length === 0) return;
  const all = evaluation.records.length;
  const some = ids.slice(0, 5).join(', ') + (ids.length > 5 ? ', …' : '');
  if (ids.length === all) {
    throw new EvaluationError(
      'E_ASK_CONTEXT',
      `every text (of ${some}) has only characters that the tokenizer drops; give some words`,
    );
  }
  say(
    `warning: of ${ids.length} of ${all} texts (of ${some}) the tokenizer keeps nothing: their questions have no answer`,
  );
}

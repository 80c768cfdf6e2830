// What `spanlab data check` counts: each question and each answer once, so that the parts are the whole.
import { checkData } from '../squad/check';
import type { ImportedData } from '../squad/import';
import type { Problem } from '../squad/problem';
import type { DataCounts } from './data-text';

/**
 * What a file holds, in numbers.
 *
 * @example countFile(importData('mine.csv')).questions
 */
export function countFile({ asWritten, records, problems, form, encoding, unit, leftOut }: ImportedData): DataCounts {
  const { duplicateIds, emptyContexts, distances, articles, contexts, questions, impossible } = checkData(asWritten);
  const unlabelled = asWritten.filter(({ isUnlabelled }) => isUnlabelled).length;
  return {
    articles,
    contexts,
    questions,
    impossible,
    ...countAnswers(asWritten, problems),
    distances,
    duplicate_ids: duplicateIds,
    empty_contexts: emptyContexts,
    unlabelled,
    unreadable: records.length + leftOut - questions,
    unusable: leftOut,
    to_mend: problems.filter(({ remedy }) => remedy !== 'kept').length,
    worth_a_look: problems.filter(({ remedy }) => remedy === 'kept').length,
    form: form.name,
    encoding,
    positions: unit,
  };
}

/** By what was said of them: of each answer there is one such word, or none. */
function countAnswers(asWritten: ImportedData['asWritten'], problems: Problem[]) {
  const count = (of: (problem: Problem) => boolean) => problems.filter(of).length;
  const all = asWritten.reduce((sum, { answers }) => sum + answers.length, 0);
  const [one_left, two_left] = [1, 2].map((by) =>
    count(({ kind, shift }) => kind === 'shifted answer' && shift === by),
  );
  const found_elsewhere = count(({ kind }) => kind === 'answer elsewhere' || kind === 'ambiguous answer');
  const respelled = count(({ kind }) => kind.startsWith('differs'));
  const within_words = count(({ kind, remedy }) => kind === 'inside a word' && remedy === 'left out');
  const not_found = count(({ kind }) => kind === 'answer not found');
  const shifted = one_left + two_left;
  const exact = all - shifted - found_elsewhere - respelled - within_words - not_found;
  return { exact, shifted, one_left, two_left, found_elsewhere, respelled, within_words, not_found };
}

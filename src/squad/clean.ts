// Most files are right: SQuAD's own form with nothing wrong in it needs none of the importer's care, and a quarter of its time.
import { type ReadOptions, toRecords } from './read';
import type { SquadRecord } from './record';
import type { SquadFile } from './schema';
import { QUAC_NONE } from './typed';
import { halfIn } from './typed-text';
import { standsAt } from './words';
import { isEmptyText } from './empty-text';

/** The records of a file in which the importer would find nothing to say; `undefined` where it might. */
export function cleanRecords(file: SquadFile, options: ReadOptions): SquadRecord[] | undefined {
  if (!file.data.every(({ paragraphs }) => paragraphs.every(({ qas }) => qas.every(isConsistent)))) return undefined;
  const records = toRecords(file, options);
  const ids = new Set(records.map(({ id }) => id));
  return ids.size === records.length && !ids.has('') && records.every(isClean) ? records : undefined;
}

const isConsistent = ({
  answers,
  is_impossible: none,
}: SquadFile['data'][number]['paragraphs'][number]['qas'][number]) => (none === true) === (answers.length === 0);

/** Whether every answer is where it should be; their ends are set. */
function isClean({ context, question, answers }: SquadRecord): boolean {
  if (isEmptyText(context) || isEmptyText(question) || [context, question].some((text) => halfIn(text) !== undefined)) return false;
  for (const answer of answers) {
    if (answer.text.trim() === '' || answer.text === QUAC_NONE || !standsAt(context, answer.text, answer.answerStart) || answer.answerStart < 0) return false;
    answer.answerEnd = answer.answerStart + answer.text.length;
  }
  return true;
} // prettier-ignore

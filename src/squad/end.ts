// The lesson's `add_end_idx`: where each answer ends, and starts that are off by one or two characters set right.
import { SquadError } from './errors';
import type { Answer, SquadRecord } from './record';
import { counted } from '../counted';

/** How many answers were where the file says, and how many were not. */
export interface RepairReport {
  exact: number;
  /** Found one or two characters to the left, as the lesson looks, and moved. */
  oneLeft: number;
  twoLeft: number;
  /** The text is in the context, but somewhere else; left as it was. */
  elsewhere: number;
  notFound: number;
}

type Place = keyof RepairReport;

/**
 * Sets `answerEnd` (exclusive) of every answer in place, and `answerStart` of those that are one or two characters off.
 * Answers that are not there get no end; the report counts them. The empty answer of an impossible question counts nowhere.
 *
 * @throws SquadError `E_SQUAD_LISTS` when the lists do not belong together.
 * @example addEndIdx(answers, contexts).exact
 */
export function addEndIdx(answers: Answer[], contexts: string[]): RepairReport {
  if (answers.length !== contexts.length) {
    const counts = `${counted(answers.length, 'answer')} and ${counted(contexts.length, 'context')}`;
    throw new SquadError('E_SQUAD_LISTS', `${counts}; give both lists as readSquad made them, row by row`);
  }
  const report: RepairReport = { exact: 0, oneLeft: 0, twoLeft: 0, elsewhere: 0, notFound: 0 };
  answers.forEach((answer, i) => {
    if (answer.answerStart === -1 && answer.text === '') return;
    report[place(answer, contexts[i])]++;
  });
  return report;
}

function place(answer: Answer, context: string): Place {
  const shifts: [number, Place][] = [
    [0, 'exact'],
    [1, 'oneLeft'],
    [2, 'twoLeft'],
  ];
  for (const [shift, name] of shifts) {
    const start = answer.answerStart - shift;
    if (start < 0 || !context.startsWith(answer.text, start)) continue;
    answer.answerStart = start;
    answer.answerEnd = start + answer.text.length;
    return name;
  }
  return context.includes(answer.text) ? 'elsewhere' : 'notFound';
}

/**
 * `addEndIdx` for records, which refuses answers that cannot be placed.
 *
 * @throws SquadError `E_SQUAD_ANSWER` naming the first question whose answer is not where the file says.
 */
export function placeAnswers(records: SquadRecord[], source: string): SquadRecord[] {
  for (const { id, context, answers } of records) {
    addEndIdx(
      answers,
      answers.map(() => context),
    );
    const lost = answers.find((answer) => answer.answerEnd === undefined || answer.text === '');
    if (!lost) continue;
    const isThere = lost.text === '' ? 'is empty' : `is not in its context at ${lost.answerStart}`;
    const what = `question ${id}: the answer ${JSON.stringify(lost.text)} ${isThere}`;
    throw new SquadError(
      'E_SQUAD_ANSWER',
      `${source}: ${what}; correct it, or \`spanlab data convert --mend\` the file`,
    );
  }
  return records;
}

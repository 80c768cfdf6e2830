// What a data set holds, and whether its answers are where it says.
import { type RepairReport, addEndIdx } from './end';
import type { Answer, SquadRecord } from './record';
import { isEmptyText } from './empty-text';

export interface DataReport {
  articles: number;
  contexts: number;
  questions: number;
  impossible: number;
  duplicateIds: number;
  emptyContexts: number;
  /** Of the answers: where they were found. */
  repair: RepairReport;
  /**
   * How far answers that are not exact are from where the file says, in characters: `{ "-1": 3 }` when three answers are one to
   * the left. The nearest place counts.
   */
  distances: Record<string, number>;
}

/**
 * Looks at every record, and changes none.
 *
 * @example checkData(readSquadRecords('train.json')).repair.exact
 */
export function checkData(records: SquadRecord[]): DataReport {
  const all = records.flatMap(({ answers, context }) => answers.map((answer) => ({ answer, context })));
  const copies = all.map(({ answer }) => ({ ...answer }));
  const repair = addEndIdx(
    copies,
    all.map(({ context }) => context),
  );
  const distances: Record<string, number> = {};
  for (const { answer, context } of all) {
    const distance = nearest(answer, context);
    if (distance) distances[signed(distance)] = (distances[signed(distance)] ?? 0) + 1;
  }
  return {
    articles: new Set(records.map((record) => record.title)).size,
    contexts: new Set(records.map((record) => record.context)).size,
    questions: records.length,
    impossible: records.filter((record) => record.isImpossible).length,
    duplicateIds: records.length - new Set(records.map((record) => record.id)).size,
    emptyContexts: records.filter((record) => isEmptyText(record.context)).length,
    repair,
    distances,
  };
}

const signed = (distance: number) => (distance > 0 ? `+${distance}` : String(distance));

/** How far the nearest place of the answer's text is from where it should be; nothing where there is none. */
function nearest({ text, answerStart }: Answer, context: string): number | undefined {
  const right = context.indexOf(text, Math.max(0, answerStart));
  const left = answerStart < 0 ? -1 : context.lastIndexOf(text, answerStart);
  const distances = [right, left].filter((place) => place >= 0).map((place) => place - answerStart);
  return distances.sort((a, b) => Math.abs(a) - Math.abs(b) || a - b)[0];
}

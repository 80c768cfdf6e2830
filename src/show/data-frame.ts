// A data set as danfojs frames: question by question, article by article, and what is wrong with a file.
import { DataFrame } from 'danfojs-node';
import { SpanlabError } from '../errors';
import type { Problem } from '../squad/problem';
import type { SquadRecord } from '../squad/record';

/** One row a question, with its first answer; an impossible question has '' at -1. */
export function toDataFrame(records: SquadRecord[]): DataFrame {
  const rows = records.map(({ id, title, question, context, answers, isImpossible }) => {
    const { text, answerStart } = answers[0] ?? { text: '', answerStart: -1 };
    return [id, title, question, context, text, answerStart, isImpossible];
  });
  // told, not guessed: danfojs looks at the first rows, in which every answer may be empty
  const columns = ['id', 'title', 'question', 'context', 'answer', 'answerStart', 'isImpossible'];
  const dtypes = ['string', 'string', 'string', 'string', 'string', 'int32', 'boolean'];
  return rows.length > 0 ? new DataFrame(rows, { columns, dtypes }) : toFrame(rows, columns);
}

/** A frame of rows in the order of `columns`; it may have none. */
export function toFrame(rows: (string | number | boolean)[][], columns: string[]): DataFrame {
  return new DataFrame(rows, { columns });
}

/**
 * Articles, the largest first: how many contexts and questions each has, and which share of them is impossible.
 *
 * @example articlesTable(records).head(5)
 */
export function articlesTable(records: SquadRecord[]): DataFrame {
  const articles = new Map<string, { contexts: Set<string>; questions: number; impossible: number }>();
  for (const { title, context, isImpossible } of records) {
    const article = articles.get(title) ?? { contexts: new Set(), questions: 0, impossible: 0 };
    article.contexts.add(context);
    article.questions++;
    article.impossible += Number(isImpossible);
    articles.set(title, article);
  }
  const rows = [...articles].sort(([, a], [, b]) => b.questions - a.questions);
  return toFrame(
    rows.map(([title, { contexts, questions, impossible }]) => [
      ...[title, contexts.size, questions],
      percent(impossible, questions),
    ]),
    ['article', 'contexts', 'questions', 'impossible (%)'],
  );
}

/** A row of a frame by the names of its columns. */
export type FrameRow = Record<string, string | number | boolean>;

/**
 * The rows for which `test` holds, numbered anew. danfojs's own conditions (`column.gt(3)`) compare numbers only, and its `query`
 * looks up rows of a frame that was filtered or sorted before by their old numbers: it takes others, or fails.
 *
 * @throws {@link SpanlabError} `E_COLUMN` when `test` asks for a column that the frame does not have
 * @example filterRows(frame, (row) => row.isImpossible === true)
 */
export function filterRows(frame: DataFrame, test: (row: FrameRow) => boolean): DataFrame {
  const { columns, dtypes } = frame;
  const rows = (frame.values as FrameRow[string][][]).filter((row) => test(checkedRow(columns, row)));
  return rows.length > 0 ? new DataFrame(rows, { columns, dtypes }) : toFrame([], columns);
}

/** By JSON.stringify and by await, of every object. */
const ASKED_BY_JAVASCRIPT = new Set(['toJSON', 'then']);

/** A mistyped column would be undefined in every row, so that no row is like what is asked for, and nothing tells why. */
function checkedRow(columns: string[], values: FrameRow[string][]): FrameRow {
  const row: FrameRow = Object.fromEntries(columns.map((name, i) => [name, values[i]]));
  return new Proxy(row, {
    get(target, name) {
      if (typeof name === 'symbol' || name in target || ASKED_BY_JAVASCRIPT.has(name))
        return Reflect.get(target, name) as unknown;
      throw new SpanlabError('E_COLUMN', `filterRows: there is no column ${name}; take one of ${columns.join(', ')}`);
    },
  });
}

/** The problems that `readSquadChecked` reports: where, what, and what was done. */
export function problemsTable(problems: Problem[]): DataFrame {
  const done = (remedy: Problem['remedy']) => (remedy === 'mended' ? 'corrected' : remedy);
  const rows = problems.map(({ kind, path, what, remedy }) => [kind, path, what, done(remedy)]);
  return toFrame(rows, ['kind', 'where', 'what', 'remedy']);
}

/** In percent, with one decimal; of nothing, 0. */
export function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((1000 * part) / whole) / 10;
}

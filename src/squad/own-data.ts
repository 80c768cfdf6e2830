// People's own questions: a table with a row for each, as CSV or as JSON Lines.
import { stringify } from 'csv-stringify/sync';
import * as v from 'valibot';
import { writeAtomically } from '../staged-file';
import { toCodePoints, toUtf16 } from './code-points';
import { SquadError } from './errors';
import type { Answer, SquadRecord } from './record';
import type { TableRow } from './table-file';
import { cellText, delimiterFor, readRows } from './table-file';

/** The columns. Where `answer` is empty the question has none; without `answer_start` the answer is looked for. */
const text = v.pipe(v.union([v.string(), v.number()], 'a text or a number was expected'), v.transform(String));
const row = v.object({
  question: v.pipe(text, v.nonEmpty('a question was expected')),
  context: v.pipe(text, v.nonEmpty('a text was expected')),
  answer: v.nullable(text, ''),
  answer_start: v.optional(v.nullable(text, ''), ''),
  id: v.optional(v.nullable(text, ''), ''),
  title: v.optional(v.nullable(text, ''), ''),
});
type Row = v.InferOutput<typeof row>;
export const COLUMNS = ['question', 'context', 'answer', 'answer_start', 'id', 'title'];

/**
 * Reads a table whose file ends in `.csv`, `.tsv` or `.jsonl`. Positions count Unicode code points, as in SQuAD. Questions about
 * one text get one title where the table names none, so that a split keeps them together.
 *
 * @throws FileError; SquadError `E_SQUAD_TABLE` (not CSV or JSON Lines, a column that is missing or wrong), `E_SQUAD_ANSWER`
 *   (an answer that is not in its text), each with the row.
 * @example readTable('questions.csv')
 */
export function readTable(file: string): SquadRecord[] {
  return rowsToRecords(readRows(file), file);
}

/** The records of rows; @throws SquadError as `readTable`. @param file For messages. */
export function rowsToRecords(rows: TableRow[], file: string): SquadRecord[] {
  const titles = new Map<string, string>();
  return rows.map(({ number, cells }) => {
    const where = `${file}: row ${number}`;
    const result = v.safeParse(row, cells, { abortEarly: true });
    if (result.success) return toRecord(result.output, number, where, titles);
    const [issue] = result.issues;
    const column = String(issue.path?.[0].key ?? 'it');
    const advice = 'the columns are question, context, answer, and if known answer_start, id and title';
    throw new SquadError('E_SQUAD_TABLE', `${where}: ${column}: ${issue.message}; ${advice}`);
  });
}

function toRecord(cells: Row, number: number, where: string, titles: Map<string, string>): SquadRecord {
  const { question, context, answer, answer_start: start, id } = cells;
  if (!titles.has(context)) titles.set(context, `text ${number}`);
  const title = cells.title || titles.get(context)!;
  const answers = isNone(answer, start) ? [] : [findAnswer(answer, context, start, where)];
  const base = { id: id || `row-${number}`, title, context, question };
  return { ...base, answers, plausibleAnswers: [], isImpossible: answers.length === 0 };
}

/** A cell that looks empty is; with a place beside it, spaces are meant. */
export function isNone(answer: string, start: string): boolean {
  return answer === '' || (answer.trim() === '' && start.trim() === '');
}

function findAnswer(text: string, context: string, stated: string, where: string): Answer {
  const known = stated.trim() !== '';
  const answerStart = known ? toUtf16(context)(Number(stated)) : findWords(text, context);
  if (Number.isInteger(answerStart) && answerStart >= 0 && context.startsWith(text, answerStart))
    return { text, answerStart };
  const place = known ? `at ${stated}` : 'anywhere';
  throw new SquadError(
    'E_SQUAD_ANSWER',
    `${where}: the answer ${JSON.stringify(text)} is not in its context ${place}; copy it letter by letter`,
  );
}

/** The first place where a text stands by itself, or else the first inside other words; -1 for none. UTF-16. */
export function findWords(text: string, context: string): number {
  const isLetter = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}]/u.test(character);
  for (let at = context.indexOf(text); at >= 0 && text !== ''; at = context.indexOf(text, at + 1)) {
    const cutsBefore = isLetter(text[0]) && isLetter(context[at - 1]);
    const cutsAfter = isLetter(text.at(-1)) && isLetter(context[at + text.length]);
    if (!cutsBefore && !cutsAfter) return at;
  }
  return context.indexOf(text);
}

/** Records of rows as they are, right or wrong, for counting. */
export function rowsAsTheyAre(rows: TableRow[]): SquadRecord[] {
  return rows.map(({ number, cells }) => {
    const [question, context, answer, start, id, title] = COLUMNS.map((name) => cellText(cells[name]));
    const isImpossible = isNone(answer, start);
    const answerStart = start.trim() === '' ? Math.max(0, findWords(answer, context)) : toUtf16(context)(Number(start));
    const answers = isImpossible
      ? []
      : [{ text: answer, answerStart: Number.isFinite(answerStart) ? answerStart : -1 }];
    const base = { id: id || `row-${number}`, title: title || context, context, question };
    return { ...base, answers, plausibleAnswers: [], isImpossible };
  });
}

/** Writes records as such a table, each with its first answer. @throws FileError */
export function writeTable(file: string, records: SquadRecord[]): void {
  const rows = records.map(({ id, title, question, context, answers: [first] }) => ({
    ...{ id, title, question, context, answer: first?.text ?? '' },
    answer_start: first ? toCodePoints(context, first.answerStart) : '',
  }));
  writeCells(file, rows);
}

/** Writes rows as they are; the columns are those of the first. @throws FileError */
export function writeRows(file: string, rows: TableRow[]): void {
  writeCells(
    file,
    rows.map(({ cells }) => cells),
  );
}

function writeCells(file: string, cells: object[]): void {
  const [delimiter] = delimiterFor(file);
  const lines = () => cells.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  writeAtomically(file, delimiter ? stringify(cells, { header: true, delimiter }) : lines());
}

// Files of tables: which names they have, and their rows as they are, for whoever looks at them row by row.
import { withoutCut } from './cut-rows';
import { SquadError } from './errors';
import { Names } from './fields';
import type { SourceRow } from './forms/form';
import { mturk } from './forms/mturk';
import { rows as rowForm, table } from './forms/rows';
import { TRIED } from './json-records';
import { type LooseQuestion, asText, isObject } from './loose';
import type { Problem } from './problem';
import { Recogniser } from './recognise';
import { openSource } from './source';
import { isNothing } from './typed';
import type { TableRow } from './table-text';
import { unknownForm } from './unknown-form';

export type { TableRow };

/** Whether the name is that of a table. */
export function isTable(file: string): boolean {
  return /\.(?:csv|tsv|jsonl)$/i.test(file);
}

/** What separates the cells of a file that is written; nothing in JSON Lines. */
export function delimiterFor(file: string): string | undefined {
  return /\.tsv$/i.test(file) ? '\t' : /\.csv$/i.test(file) ? ',' : undefined;
}

/**
 * The rows of a table as they are, for `checkRows`; the columns that are known have our names. Empty rows are left out, and
 * counted. Of Mechanical Turk's results a row is a question with the answers of all its workers; assignments that were rejected
 * are left out, as the importer does.
 *
 * @param problems Gets rows that cannot be taken apart (without it the first of them is refused), and rejected assignments.
 * @throws FileError; SquadError `E_SQUAD_TABLE` (not a table, no such columns, a row that cannot be taken apart).
 * @example readRows('questions.csv')
 */
export function readRows(file: string, problems?: Problem[]): TableRow[] {
  const found: Problem[] = [];
  const source = openSource(file, found);
  const broken = found.find(({ remedy }) => remedy === 'left out');
  if (problems === undefined && broken) {
    throw new SquadError('E_SQUAD_TABLE', `${file}: ${broken.path}: ${broken.what}`);
  }
  problems?.push(...found);
  refuseOthers(source.rows, file);
  const names = new Names();
  const whole = wholeRows(source.rows, names, file, problems);
  const odd = whole.find(({ value }) => !isObject(value));
  if (odd) throw new SquadError('E_SQUAD_TABLE', `${file}: ${odd.path}: not an object with columns`);
  const isTurk = whole.some((row) => mturk.matches(row, names));
  const rows = isTurk
    ? Array.from(mturk.questions(whole, { names, problems: problems ?? [] }), rowOf)
    : whole.map(({ number, value }) => ({ number, cells: withOneAnswer(names.standard(value)) }));
  const isQuestion = ({ cells }: TableRow) => 'question' in cells && 'context' in cells;
  if (rows.length > 0 && !rows.some(isQuestion)) throw unknownForm(source, file, names);
  return rows;
}

/** @throws SquadError `E_SQUAD_TABLE` for the first row that was cut off, where nobody takes the problems */
function wholeRows(rows: SourceRow[], names: Names, file: string, problems?: Problem[]): SourceRow[] {
  const found: Problem[] = [];
  const whole = withoutCut(rows, names, found);
  const broken = found.find(({ remedy }) => remedy === 'left out');
  if (problems === undefined && broken)
    throw new SquadError('E_SQUAD_TABLE', `${file}: ${broken.path}: ${broken.what}`);
  problems?.push(...found);
  return whole;
}

/** Rows of other forms would lose what makes them those. @throws SquadError `E_SQUAD_TABLE` */
function refuseOthers(rows: SourceRow[], file: string): void {
  const recogniser = new Recogniser();
  const tables = [table, rowForm, mturk];
  for (const row of rows.slice(0, TRIED)) {
    const form = recogniser.formOf(row);
    if (form === undefined) continue;
    if (tables.includes(form)) return;
    const advice =
      "readSquadChecked(file, { mode: 'tolerant' }) reads it, and `spanlab data convert` makes a table of it";
    throw new SquadError('E_SQUAD_TABLE', `${file}: it is no table, but ${form.title}; ${advice}`);
  }
}

/** A question of any form as a row. */
function rowOf({ row = 0, id, title, question, context, answers, isImpossible }: LooseQuestion): TableRow {
  const given = answers?.filter((answer) => !isNothing(answer, asText(context))) ?? [];
  const cells = { id, title, question, context, is_impossible: isImpossible };
  const named = Object.entries(cells).filter(([, value]) => value !== undefined);
  const list = { text: given.map(({ text }) => text), answer_start: given.map(({ start }) => start ?? null) };
  return { number: row, cells: withOneAnswer({ ...Object.fromEntries(named), ...(answers && { answers: list }) }) };
}

/** The form in which Python's `datasets` writes SQuAD, `answers: { text: […], answer_start: […] }`: one answer has cells of its own. */
function withOneAnswer(cells: TableRow['cells']): TableRow['cells'] {
  const { answers, ...rest } = cells;
  if ('answer' in cells || !isObject(answers) || !Array.isArray(answers.text) || answers.text.length > 1) return cells;
  const start = Array.isArray(answers.answer_start) ? (answers.answer_start[0] as unknown) : undefined;
  return { ...rest, answer: (answers.text[0] as unknown) ?? '', answer_start: start ?? '' };
}

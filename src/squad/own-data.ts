// People's own questions: a table with a row for each, as CSV or as JSON Lines.
import fs from 'node:fs';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import * as v from 'valibot';
import { toFileError } from '../errors';
import { toCodePoints, toUtf16 } from './code-points';
import { SquadError } from './errors';
import type { Answer, SquadRecord } from './record';

/** The columns. Without `answer` the question has none; without `answer_start` the answer is looked for. */
const row = v.object({
  question: v.pipe(v.string(), v.nonEmpty('a question')),
  context: v.pipe(v.string(), v.nonEmpty('a text')),
  answer: v.optional(v.nullable(v.string(), ''), ''),
  answer_start: v.optional(v.nullable(v.union([v.number(), v.string()]))),
  id: v.optional(v.union([v.string(), v.number()])),
  title: v.optional(v.string(), ''),
});
type Row = v.InferOutput<typeof row>;

/**
 * Reads a table whose file ends in `.csv` or `.jsonl`. Positions count Unicode code points, as in SQuAD.
 *
 * @throws FileError; SquadError `E_SQUAD_TABLE` (not CSV or JSON Lines, a column that is missing or wrong), `E_SQUAD_ANSWER`
 *   (an answer that is not in its text), each with the row.
 * @example readTable('questions.csv')
 */
export function readTable(file: string): SquadRecord[] {
  return readRows(file).map(({ number, cells }) => {
    const where = `${file}: row ${number}`;
    const result = v.safeParse(row, cells, { abortEarly: true });
    if (result.success) return toRecord(result.output, number, where);
    const [issue] = result.issues;
    const column = String(issue.path?.[0].key ?? 'it');
    const advice = 'the columns are question, context, answer, and if known answer_start, id and title';
    throw new SquadError('E_SQUAD_TABLE', `${where}: ${column}: ${issue.message}; ${advice}`);
  });
}

/** A row as it is in the file, not checked; numbers begin at 1, as people count them. */
export interface TableRow {
  number: number;
  cells: Record<string, unknown>;
}

/**
 * The rows of a table as they are, for `checkRows`.
 *
 * @throws FileError; SquadError `E_SQUAD_TABLE` (not CSV or JSON Lines).
 */
export function readRows(file: string): TableRow[] {
  const text = readText(file);
  try {
    if (file.endsWith('.csv')) {
      const rows = parse(text, { columns: true, bom: true, skip_empty_lines: true }) as TableRow['cells'][];
      return rows.map((cells, i) => ({ number: i + 1, cells }));
    }
    const lines = text.split(/\r?\n/).map((line, i) => [line, i + 1] as const);
    const full = lines.filter(([line]) => line.trim() !== '');
    return full.map(([line, number]) => ({ number, cells: parseLine(line, number) }));
  } catch (error) {
    throw new SquadError('E_SQUAD_TABLE', `${file}: ${(error as Error).message}; save it again as UTF-8`);
  }
}

function parseLine(line: string, number: number): TableRow['cells'] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (error) {
    throw new Error(`row ${number}: not valid JSON (${(error as Error).message})`);
  }
  if (typeof parsed === 'object' && parsed !== null) return parsed as TableRow['cells'];
  throw new Error(`row ${number}: not an object with columns`);
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  } catch (error) {
    throw toFileError(error, file);
  }
}

function toRecord(
  { question, context, answer, answer_start, id, title }: Row,
  line: number,
  where: string,
): SquadRecord {
  const answers = answer === '' || answer === null ? [] : [findAnswer(answer, context, answer_start, where)];
  const base = { id: String(id ?? line), title: title || `text ${line}`, context, question };
  return { ...base, answers, plausibleAnswers: [], isImpossible: answers.length === 0 };
}

function findAnswer(text: string, context: string, stated: Row['answer_start'], where: string): Answer {
  const known = stated !== undefined && stated !== null && stated !== '';
  const answerStart = known ? toUtf16(context)(Number(stated)) : context.indexOf(text);
  if (answerStart >= 0 && context.startsWith(text, answerStart)) return { text, answerStart };
  const place = known ? `at ${stated}` : 'anywhere';
  throw new SquadError(
    'E_SQUAD_ANSWER',
    `${where}: the answer ${JSON.stringify(text)} is not in its context ${place}; copy it letter by letter`,
  );
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
  const lines = () => cells.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  try {
    fs.writeFileSync(file, file.endsWith('.csv') ? stringify(cells, { header: true }) : lines());
  } catch (error) {
    throw toFileError(error, file);
  }
}

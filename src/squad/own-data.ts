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
  return parseRows(file).map(([raw, line]) => {
    const where = `${file}: row ${line}`;
    const result = v.safeParse(row, raw, { abortEarly: true });
    if (result.success) return toRecord(result.output, line, where);
    const [issue] = result.issues;
    const column = String(issue.path?.[0].key ?? 'it');
    const advice = 'the columns are question, context, answer, and if known answer_start, id and title';
    throw new SquadError('E_SQUAD_TABLE', `${where}: ${column}: ${issue.message}; ${advice}`);
  });
}

/** The rows with their numbers, from 1, as people count them. */
function parseRows(file: string): [raw: unknown, line: number][] {
  const text = readText(file);
  try {
    if (file.endsWith('.csv')) {
      const rows = parse(text, { columns: true, bom: true, skip_empty_lines: true }) as unknown[];
      return rows.map((raw, i) => [raw, i + 1]);
    }
    const lines = text.split(/\r?\n/).map((line, i) => [line, i + 1] as const);
    return lines.filter(([line]) => line.trim() !== '').map(([line, i]) => [parseLine(line, i), i]);
  } catch (error) {
    throw new SquadError('E_SQUAD_TABLE', `${file}: ${(error as Error).message}; save it again as UTF-8`);
  }
}

function parseLine(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new Error(`row ${number}: not valid JSON (${(error as Error).message})`);
  }
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
  const lines = () => rows.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  try {
    fs.writeFileSync(file, file.endsWith('.csv') ? stringify(rows, { header: true }) : lines());
  } catch (error) {
    throw toFileError(error, file);
  }
}

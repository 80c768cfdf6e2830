// Files of tables: which names they have, and their rows as they are, for whoever looks at them row by row.
import { SquadError } from './errors';
import { Names } from './fields';
import { isObject } from './loose';
import type { Problem } from './problem';
import { openSource } from './source';
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

/** A cell as text; empty for what is neither a text nor a number. */
export function cellText(cell: unknown): string {
  return typeof cell === 'string' || typeof cell === 'number' ? String(cell) : '';
}

/**
 * The rows of a table as they are, for `checkRows`; the columns that are known have our names. Empty rows are left out, and
 * counted.
 *
 * @param problems Gets rows that cannot be taken apart; without it the first of them is refused.
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
  const names = new Names();
  const odd = source.rows.find(({ value }) => !isObject(value));
  if (odd) throw new SquadError('E_SQUAD_TABLE', `${file}: row ${odd.number}: not an object with columns`);
  const rows = source.rows.map(({ number, value }) => ({ number, cells: withOneAnswer(names.standard(value)) }));
  const isQuestion = ({ cells }: TableRow) => 'question' in cells && 'context' in cells;
  if (rows.length > 0 && !rows.some(isQuestion)) throw unknownForm(source, file, names);
  return rows;
}

/** The form in which Python's `datasets` writes SQuAD, `answers: { text: […], answer_start: […] }`: the first of them. */
function withOneAnswer(cells: TableRow['cells']): TableRow['cells'] {
  const { answers, ...rest } = cells;
  if ('answer' in cells || !isObject(answers) || !Array.isArray(answers.text)) return cells;
  const start = Array.isArray(answers.answer_start) ? (answers.answer_start[0] as unknown) : undefined;
  return { ...rest, answer: (answers.text[0] as unknown) ?? '', answer_start: start ?? '' };
}

// People's own questions: a table with a row for each, as CSV or as JSON Lines, read strictly and written.
import { stringify } from 'csv-stringify/sync';
import { writeAtomically } from '../staged-file';
import { SquadError } from './errors';
import { tableRows } from './forms/rows';
import { importData } from './import';
import type { Problem } from './problem';
import type { SquadRecord } from './record';
import { type TableRow, delimiterFor } from './table-file';

/**
 * Reads a table whose file ends in `.csv`, `.tsv` or `.jsonl`, strictly: what `importData` would put right or leave out is
 * refused. Positions count Unicode code points, as in SQuAD. Questions about one text get one title where the table names none,
 * so that a split keeps them together.
 *
 * @throws FileError; SquadError `E_SQUAD_TABLE` (not a table, a column that is missing or wrong), `E_SQUAD_ANSWER` (an answer that
 *   is not in its text), each with the row.
 * @example readTable('questions.csv')
 */
export function readTable(file: string): SquadRecord[] {
  const { records, problems } = importData(file);
  const wrong = problems.find(isError);
  if (wrong) {
    const code = /answer|^differs|^positions|^inside/.test(wrong.kind) ? 'E_SQUAD_ANSWER' : 'E_SQUAD_TABLE';
    throw new SquadError(code, `${file}: ${wrong.path}: ${wrong.what}; correct it, or read the file tolerantly`);
  }
  return records.map((record) => ({
    ...record,
    answers: record.answers.map(({ text, answerStart }) => ({ text, answerStart })),
  }));
}

/** Whether a problem keeps a table from being read strictly: all but numbers for texts, and what is only worth a look. */
export function isError({ kind, remedy }: Problem): boolean {
  if (remedy === 'kept') return kind === 'no label';
  return remedy === 'left out' || !['format', 'byte-order mark'].includes(kind);
}

/** Writes records as such a table, each with its first answer. @throws FileError */
export function writeTable(file: string, records: SquadRecord[]): void {
  writeAtomically(file, textOf(file, records));
}

/** What {@link writeTable} writes to a file of that name. */
export function textOf(file: string, records: SquadRecord[]): string {
  return cellsText(file, tableRows(records, delimiterFor(file) === undefined));
}

/** Writes rows as they are; the columns are those of all rows, in the order in which they come. @throws FileError */
export function writeRows(file: string, rows: TableRow[]): void {
  const cells = rows.map((row) => row.cells);
  writeAtomically(file, cellsText(file, cells));
}

function cellsText(file: string, rows: Record<string, unknown>[]): string {
  const delimiter = delimiterFor(file);
  return delimiter ? tableText(rows, delimiter) : rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

function tableText(rows: Record<string, unknown>[], delimiter: string): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => columns.map((name) => row[name]));
  return stringify(rows.length > 0 ? [columns, ...cells] : [], { delimiter, cast: { boolean: String } });
}

// A table read tolerantly: what is beyond doubt is put right, what cannot be is left out, and both are said.
import type { SquadRecord } from './record';
import { rowsToRecords } from './own-data';
import type { RowProblem } from './table-check';
import { checkRows, mendRows } from './table-check';
import type { TableRow } from './table-file';

export interface MendedTable {
  records: SquadRecord[];
  /** Of the table as it was. */
  problems: RowProblem[];
  /** Rows that were put right, and rows that are not among the records. */
  mended: number;
  leftOut: number;
}

/**
 * @param file For messages.
 * @example mendTable(readRows('mine.csv'), 'mine.csv').problems
 */
export function mendTable(rows: TableRow[], file: string): MendedTable {
  const problems = checkRows(rows);
  const tried = mendRows(rows, problems);
  const wrong = new Set(errorRows(checkRows(tried)));
  const mended = new Set(errorRows(problems).filter((row) => !wrong.has(row))).size;
  const records = rowsToRecords(
    tried.filter(({ number }) => !wrong.has(number)),
    file,
  );
  return { records, problems, mended, leftOut: wrong.size };
}

const errorRows = (problems: RowProblem[]) => problems.filter(({ kind }) => kind === 'error').map(({ row }) => row);

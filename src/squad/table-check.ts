// What is wrong with a table of questions, row by row, and what of it can be put right without asking anybody.
import { rows as rowForm } from './forms/rows';
import { Names } from './fields';
import { importQuestions, rowsOf } from './import';
import { isError } from './own-data';
import type { Problem } from './problem';
import { type Mend, mendOf } from './row-mends';
import type { TableRow } from './table-file';

/** What is wrong, or worth a look. */
export interface RowProblem {
  row: number;
  /** `error`: the table cannot be read strictly as it is. `look`: it can, but perhaps it does not say what was meant. */
  kind: 'error' | 'look';
  what: string;
  /** Cells that put it right, where there is no doubt. */
  mend?: Mend;
}

/**
 * Looks at every row as the importer does, and changes none.
 *
 * @example checkRows(readRows('questions.csv'))
 */
export function checkRows(rows: TableRow[]): RowProblem[] {
  const problems: Problem[] = [];
  importQuestions(rowForm.questions(rowsOf(rows, true), { names: new Names(), problems }), problems);
  const ofRows = new Map<number, Problem[]>();
  for (const problem of problems) {
    const [, row] = /^row (\d+)/.exec(problem.path) ?? [];
    if (row !== undefined) ofRows.set(Number(row), [...(ofRows.get(Number(row)) ?? []), problem]);
  }
  const cells = new Map(rows.map(({ number, cells }) => [number, cells]));
  return [...ofRows]
    .flatMap(([row, list]) => list.map((problem) => toRowProblem(row, cells.get(row) ?? {}, problem, list)))
    .sort((a, b) => a.row - b.row);
}

function toRowProblem(row: number, cells: TableRow['cells'], problem: Problem, all: Problem[]): RowProblem {
  const mend = mendOf(problem, new Names().standard(cells), all);
  return { row, kind: isError(problem) ? 'error' : 'look', what: problem.what, ...(mend && { mend }) };
}

/** The rows with everything put right that can be; the others are as they were. */
export function mendRows(rows: TableRow[], problems: RowProblem[]): TableRow[] {
  return rows.map(({ number, cells }) => {
    const mends = problems.filter(({ row }) => row === number).map(({ mend }) => mend);
    return { number, cells: Object.assign({}, cells, ...mends) as TableRow['cells'] };
  });
}

// What a form is: how a record of it is recognised, read into questions, and written.
import type { Names } from '../fields';
import type { LooseQuestion } from '../loose';
import type { Problem } from '../problem';
import type { SquadRecord } from '../record';

/** One record of a file: an article, a row of a table, a line. */
export interface SourceRow {
  /** `data[3]`, `row 4`, `line 7`. */
  path: string;
  /** As a spreadsheet or an editor counts. */
  number: number;
  value: unknown;
  /** Whether it is the row of a table, whose cells are texts. */
  isTable?: boolean;
  /** The fields of which the file has only the beginning. */
  cut?: string[];
}

/** What a form is read with. */
export interface Reading {
  names: Names;
  problems: Problem[];
}

/** How people write questions down. */
export interface Form {
  /** For `--to`, and for `docs/data.md`. */
  name: string;
  title: string;
  /** Whether a record is of this form; asked of the first ones of a file. */
  matches(row: SourceRow, names: Names): boolean;
  /** Whether a record that does not show its form is one of this form in a file of it, such as a line without labels. */
  takes?(row: SourceRow): boolean;
  /** The questions of a file's records, in their order. */
  questions(rows: SourceRow[], reading: Reading): Iterable<LooseQuestion>;
  /** The text of a file in this form. */
  write(records: SquadRecord[]): string;
  /** The ending of such a file's name. */
  ending: 'json' | 'jsonl' | 'csv' | 'tsv';
}

// Which form records are of: each of a file by itself, for people put files of several forms together.
import { type ColumnMap, Names } from './fields';
import { FORMS } from './forms';
import type { Form, SourceRow } from './forms/form';

/** Finds the forms of records. It has names of its own: what is only looked at counts as not used by nobody. */
export class Recogniser {
  private readonly names: Names;

  constructor(columns: ColumnMap = {}) {
    this.names = new Names(columns);
  }

  formOf(row: SourceRow): Form | undefined {
    return FORMS.find((form) => form.matches(row, this.names));
  }

  readonly knows = (row: SourceRow): boolean => this.formOf(row) !== undefined;

  /** The records one after the other, as long as they are of one form; what is of no form counts to those of `main`. */
  runs(rows: SourceRow[], main: Form): { form: Form; rows: SourceRow[] }[] {
    const runs: { form: Form; rows: SourceRow[] }[] = [];
    for (const row of rows) {
      const form = this.besides(row, main);
      if (runs.at(-1)?.form === form) runs.at(-1)!.rows.push(row);
      else runs.push({ form, rows: [row] });
    }
    return runs;
  }

  private besides(row: SourceRow, main: Form): Form {
    if (main.matches(row, this.names) || main.takes?.(row) === true) return main;
    // relatives of SQuAD are read by one reader
    return FORMS.find((form) => form.questions !== main.questions && form.matches(row, this.names)) ?? main;
  }
}

// Rows of which a file holds only a part: the viewer of Hugging Face's `datasets` cuts long cells off, and says so.
import type { Names } from './fields';
import type { SourceRow } from './forms/form';
import { isObject } from './loose';
import type { Problem } from './problem';
import { shown } from './shown';

/** A row without these is a row all the same. */
const SPARED = ['id', 'title'];

/**
 * Leaves out rows whose questions, texts or answers were cut off: half a text would be trained on as a whole one.
 *
 * @param problems Gets a word for each row that was cut.
 */
export function withoutCut(rows: SourceRow[], names: Names, problems: Problem[]): SourceRow[] {
  return rows.filter(({ path, value, cut = [] }) => {
    if (cut.length === 0) return true;
    const columns = isObject(value) ? Object.keys(value) : [];
    const isWhole = cut.every((name) => !names.knows(columns, name) || SPARED.includes(names.nameOf(columns, name)));
    const cells = cut.slice(0, 4).map(shown).join(', ');
    const what = `the viewer cut off ${cells}`;
    if (isWhole) problems.push({ kind: 'cut off', path, what, remedy: 'kept' });
    else problems.push({ kind: 'cut off', path, what: `${what} (truncated_cells): ${ADVICE}`, remedy: 'left out' });
    return isWhole;
  });
}

const ADVICE = "take the data set's Parquet files, or write it in Python with dataset.to_json";

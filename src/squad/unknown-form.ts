// A file whose form we do not know: what its first record has, and the command that says which field is which.
import { SquadError } from './errors';
import { inShell } from '../in-shell';
import { quoted } from '../printable';
import type { FieldName, Names } from './fields';
import { MAPPABLE } from './fields';
import type { SourceRow } from './forms/form';
import { isObject } from './loose';
import type { Source } from './source';
import { shown } from './shown';

/** How many fields are shown. */
const MOST = 12;

/** @returns SquadError `E_SQUAD_TABLE` for a table or lines, `E_SQUAD_SCHEMA` otherwise */
export function unknownForm({ rows, syntax, value, columns }: Source, file: string, names: Names): SquadError {
  const code = syntax === 'JSON' ? 'E_SQUAD_SCHEMA' : 'E_SQUAD_TABLE';
  const header = columns && { path: 'row 1', number: 1, value: Object.fromEntries(columns.map((name) => [name, ''])) };
  const first = rows.find((row) => isObject(row.value)) ?? header;
  if (first === undefined || Object.keys(first.value as object).length === 0) {
    if (syntax === 'JSON') return withoutQuestions(value, file);
    return new SquadError(code, `${file}: it has no questions; the columns are question, context and answer`);
  }
  if (columns && isData(columns)) return withoutHeader(columns, file, code);
  const fields = Object.entries(first.value as object) as [string, unknown][];
  const seen = fields.slice(0, MOST).map(([name, inner]) => `${shown(name)} (${shown(inner)})`).join(', '); // prettier-ignore
  const known = names.standard(first.value);
  const missing = (['question', 'context'] as const).filter((name) => !(name in known));
  const problem = syntax === 'table' ? `row 1 has no column ${missing.join(' and no ')}, but` : `no form that spanlab knows: it expected "data", a list of articles or of rows; ${first.path} has`; // prettier-ignore
  const found = Object.entries({ ...guess(fields), ...knownColumns(first, names) });
  return new SquadError(code, `${file}: ${problem} ${seen}${fields.length > MOST ? ', …' : ''}; say which is which: spanlab data convert ${inShell(file)} --out OUT.json --mend --columns "${mapping(found)}"`); // prettier-ignore
}

/** Whether the first row is no names: a question, and a text of several words. */
const isData = (row: string[]) => row.some(isQuestion) && row.some((cell) => cell.trim().split(/\s+/).length > 3);

/** A table whose first row is a question already: its columns have numbers only. */
function withoutHeader(columns: string[], file: string, code: string): SquadError {
  const numbers = guess(columns.map((text, i) => [String(i + 1), text]));
  const seen = columns.slice(0, MOST).map((text, i) => `${i + 1} (${shown(text)})`).join(', '); // prettier-ignore
  const problem = 'row 1 is a question, not the names of the columns, which then have numbers:';
  return new SquadError(code, `${file}: ${problem} ${seen}; say which is which: spanlab data convert ${inShell(file)} --out OUT.json --mend --columns "${mapping(Object.entries(numbers))}"`); // prettier-ignore
}

/** What `--columns` takes, with what is known of the fields. */
function mapping(found: [string, string][]): string {
  const map = MAPPABLE.filter((name) => found.some(([ours]) => ours === name) || ['question', 'context', 'answer'].includes(name)); // prettier-ignore
  const theirs = (name: string) => found.find(([ours]) => ours === name)?.[1] ?? '';
  // a name that a shell or --columns would take apart is left open
  return map.map((name) => `${name}=${/^[^\s,="$`\\'][^\r\n,="$`\\]{0,60}$/.test(theirs(name)) ? theirs(name) : '…'}`).join(','); // prettier-ignore
}

/** JSON without an object in it that could be a question. */
function withoutQuestions(value: unknown, file: string): SquadError {
  const size = Array.isArray(value) ? value.length : isObject(value) ? Object.keys(value).length : -1;
  const what = Array.isArray(value)
    ? `a list${size > 0 ? `, and its first entry ${shown(value[0])}` : ''}`
    : shown(value);
  if (Array.isArray(value) && Array.isArray(value[0])) return withoutNames(value[0], file);
  const problem =
    size === 0 ? `it is empty (${Array.isArray(value) ? '[]' : '{}'})` : `it is ${what}, where questions were expected`;
  return new SquadError('E_SQUAD_SCHEMA', `${file}: ${problem}; it wants {"data": […]} as SQuAD has it, or a list of {"question": …, "context": …, "answer": …}`); // prettier-ignore
}

/** pandas, `orient='values'`. */
function withoutNames(row: unknown[], file: string): SquadError {
  const problem = `it is a list of lists, the first ${quoted(row)}, and nothing says which column is which`;
  return new SquadError(
    'E_SQUAD_SCHEMA',
    `${file}: ${problem}; write it with the names (in pandas: to_json(orient='records'))`,
  );
}

/** The fields that were recognised, though not enough of them. */
function knownColumns({ value }: SourceRow, names: Names): Partial<Record<FieldName, string>> {
  const keys = Object.keys(value as object);
  const found = keys.map((key) => [names.nameOf(keys, key), key] as const);
  return Object.fromEntries(found.filter(([ours]) => MAPPABLE.some((name) => name === ours)));
}

const isQuestion = (text: string) => /[?？؟;]\s*$/.test(text);

/** The longest text is the context, what ends in a question mark is the question, what stands in the context is the answer. */
function guess(fields: [string, unknown][]): Partial<Record<FieldName, string>> {
  const texts = fields.filter((field): field is [string, string] => typeof field[1] === 'string' && field[1].trim() !== ''); // prettier-ignore
  const context = [...texts].sort(([, a], [, b]) => b.length - a.length)[0];
  const question = texts.find((field) => field !== context && isQuestion(field[1]));
  const answer = texts.find((field) => field !== context && field !== question && context[1].includes(field[1]));
  const found = { question, context: question && context, answer: question && answer };
  return Object.fromEntries(Object.entries(found).flatMap(([name, field]) => (field ? [[name, field[0]]] : [])));
}

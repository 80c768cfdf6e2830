// A file whose form we do not know: what its first record has, and the command that says which field is which.
import { SquadError } from './errors';
import { inShell } from '../in-shell';
import { quoted } from '../printable';
import { type FieldName, type Names, MAPPABLE } from './fields';
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

const NAMING = /question|query|context|passage|paragraph|text|answer|title|\bid\b/i;

/** Whether the first row is no names: a sentence, a question beside a text of several words, or a text with another cell in it. */
function isData(row: string[]): boolean {
  const words = (cell: string) => cell.trim().split(/\s+/).length;
  // "Your question?", "The text to read"
  if (row.filter((cell) => words(cell) < 7 && NAMING.test(cell)).length > 1) return false;
  const isSentence = (cell: string) => words(cell) > 2 && /[.!?。！？؟।]["'”’»)]?\s*$/.test(cell);
  const holds = (cell: string, other: string) => other.trim().length > 1 && cell.length > other.length && ` ${cell} `.includes(` ${other.trim()} `); // prettier-ignore
  const isWithAnswer = row.some((cell) => words(cell) > 4 && row.some((other) => holds(cell, other)));
  return isWithAnswer || row.some((cell) => (isQuestion(cell) && words(cell) > 1) || isSentence(cell));
}

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
  return map.map((name) => `${name}=${asColumn(theirs(name))}`).join(',');
}

/** A name as `--columns` takes it, between the shell's double quotes; one that a shell would take apart is left open. */
export function asColumn(name: string): string {
  if (!/^[^\r\n"$`\\!]{1,60}$/.test(name) || name.trim() === '') return '…';
  if (/^[^\s,=']([^,=]*[^\s,=])?$/.test(name)) return name;
  return name.includes("'") ? '…' : `'${name}'`;
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

/** The longest text is the context, what stands in it is the answer; the question ends in its mark, or is the only text that is left. */
function guess(fields: [string, unknown][]): Partial<Record<FieldName, string>> {
  const texts = fields.filter((field): field is [string, string] => typeof field[1] === 'string' && field[1].trim() !== ''); // prettier-ignore
  const context = [...texts].sort(([, a], [, b]) => b.length - a.length)[0];
  const others = texts.filter((field) => field !== context);
  const inside = others.filter(([, text]) => context[1].includes(text));
  const outside = others.filter((field) => !inside.includes(field));
  const question =
    others.find(([, text]) => isQuestion(text)) ?? (inside.length > 0 && outside.length === 1 ? outside[0] : undefined);
  const answer = inside.find((field) => field !== question);
  const found = { question, context: question && context, answer: question && answer };
  return Object.fromEntries(Object.entries(found).flatMap(([name, field]) => (field ? [[name, field[0]]] : [])));
}

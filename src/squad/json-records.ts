// The records of a JSON value: a list, a list in one of its fields, or a table as pandas and `datasets` turn it.
import type { SourceRow } from './forms/form';
import { asText, isObject } from './loose';

const LISTS = ['data', 'rows', 'examples', 'questions', 'records', 'items', 'train', 'validation', 'test'];

/** The records of a JSON file: a list, the list in one of its fields, columns as pandas and `datasets` write them, or the file itself. */
export function recordsIn(value: unknown): SourceRow[] {
  if (Array.isArray(value)) return numbered(value, '');
  if (!isObject(value)) return [];
  const { data, columns } = value;
  if (Array.isArray(data) && Array.isArray(columns)) return split(columns, data);
  const name = LISTS.find((key) => Array.isArray(value[key]) && (value[key] as unknown[]).some((one) => typeof one === 'object')); // prettier-ignore
  const turned =
    columnsOf(value) ?? rowsByKey(value) ?? (isObject(data) ? (columnsOf(data) ?? rowsByKey(data)) : undefined);
  if (turned) return turned;
  if (name !== undefined) return numbered(value[name] as unknown[], name);
  return Array.isArray(data) ? numbered(data, 'data') : [{ path: 'the file', number: 1, value }];
}

/** The viewer of `datasets` puts each row into an object with its number. */
function numbered(list: unknown[], name: string): SourceRow[] {
  const unwrap = (one: unknown) => (isObject(one) && 'row_idx' in one && isObject(one.row) ? one.row : one);
  return list.map((one, i) => ({ path: `${name}[${i}]`, number: i + 1, value: unwrap(one) }));
}

/** pandas, `orient='split'`. */
function split(columns: unknown[], data: unknown[]): SourceRow[] {
  return data.map((row, i) => {
    const cells = Array.isArray(row) ? columns.map((name, k): [string, unknown] => [asText(name), row[k]]) : [];
    return { path: `data[${i}]`, number: i + 1, value: Object.fromEntries(cells) };
  });
}

/** A column for each field: lists (`Dataset.to_dict`), or objects by row numbers (`DataFrame.to_json`). */
function columnsOf(value: Record<string, unknown>): SourceRow[] | undefined {
  const columns = Object.keys(value).filter((name) => typeof value[name] === 'object' && value[name] !== null);
  if (columns.length < 2 || !(isQuestion(columns) || areNumbered(value))) return undefined;
  const keys = Object.keys(value[columns[0]] as object);
  const cell = (name: string, key: string) => (value[name] as Record<string, unknown>)[key];
  return keys.map((key, i) => ({
    path: `row ${i + 1}`,
    number: i + 1,
    value: Object.fromEntries(columns.map((name) => [name, cell(name, key)])),
  }));
}

/** Whether names are those of a question's fields. */
const isQuestion = (names: string[]) =>
  names.some((name) => /^(?:question|query)/i.test(name)) && names.some((name) => /context|passage|text/i.test(name));

const isNumber = (key: string) => /^\d+$/.test(key);

/** Whether all fields are columns whose entries have the same numbers, under whatever names. */
function areNumbered(value: Record<string, unknown>): boolean {
  const columns = Object.values(value);
  const numbers = isObject(columns[0]) ? Object.keys(columns[0]) : [];
  if (numbers.length === 0 || !numbers.every(isNumber)) return false;
  const same = numbers.join(' ');
  return columns.every((column) => isObject(column) && Object.keys(column).join(' ') === same);
}

/** An object for each row, by its number or its id (`DataFrame.to_json(orient='index')`). */
function rowsByKey(value: Record<string, unknown>): SourceRow[] | undefined {
  const entries = Object.entries(value);
  if (entries.length === 0 || !entries.every((entry): entry is [string, Record<string, unknown>] => isObject(entry[1])))
    return undefined;
  const areNumbers = entries.every(([key]) => isNumber(key));
  if (!areNumbers && !entries.every(([, row]) => isQuestion(Object.keys(row)))) return undefined;
  return entries.map(([key, row], i) => {
    const hasId = areNumbers || Object.keys(row).some((name) => /id$/i.test(name));
    return { path: `row ${JSON.stringify(key)}`, number: i + 1, value: hasId ? row : { id: key, ...row } };
  });
}

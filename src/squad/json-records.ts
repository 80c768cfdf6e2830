// The records of a JSON value: lists of them wherever they are (splits, parts, years), tables as pandas and `datasets` turn them, one record.
import type { SourceRow } from './forms/form';
import { asText, isObject } from './loose';
import { shown } from './shown';

/** How deep lists of records may be: `{"squad": {"data": {"train": […]}}}`. */
const DEEPEST = 4;
/** How many entries are looked at before a list, or an object, counts as one without records. */
export const TRIED = 1000;

/** Names under which files have their records; what is there and of no form that we know is no harmless field. */
const LISTS = [
  'data',
  'rows',
  'examples',
  'questions',
  'records',
  'items',
  'train',
  'validation',
  'test',
  'dev',
  'valid',
  'eval',
];
/** What `datasets` and pandas say about the columns beside them. */
const ABOUT = ['features', 'schema', 'index', 'columns']; // prettier-ignore

/** Records that are together: a list, a table, or one record. */
export interface Part {
  /** Where it is: `data`, `squad.train`; empty for the whole file. */
  path: string;
  rows: SourceRow[];
}

/** What a JSON value holds. */
export interface Records {
  rows: SourceRow[];
  parts: Part[];
  /** Lists and objects beside the parts, in which no record was found. */
  others: { path: string; isLost: boolean }[];
}

/** Whether a record is of a form that we know. */
export type Knows = (row: SourceRow) => boolean;

/**
 * The records of a JSON file, of all its parts; of a file without any record that we know, those that it seems to have.
 *
 * @example recordsIn({ train: [row], test: [row] }, knows).parts.length // 2
 */
export function recordsIn(value: unknown, knows: Knows): Records {
  const { parts, others } = new Search(knows).look(value, '', 0);
  if (parts.length === 0) return { rows: likely(value), parts: [], others: [] };
  if (parts.length > 1) {
    // a number stands for one record of the file, and not for one of each part
    let number = 0;
    for (const { rows } of parts) for (const row of rows) row.number = ++number;
  }
  return { rows: parts.flatMap(({ rows }) => rows), parts, others };
}

class Search {
  constructor(private readonly knows: Knows) {}

  look(value: unknown, path: string, depth: number): Omit<Records, 'rows'> {
    if (typeof value !== 'object' || value === null) return { parts: [], others: [] };
    const rows = this.rowsOf(value, path);
    if (rows !== undefined) return { parts: [{ path, rows }], others: [] };
    return depth < DEEPEST ? this.inside(value, path, depth) : { parts: [], others: [] };
  }

  private inside(value: object, path: string, depth: number): Omit<Records, 'rows'> {
    const parts: Part[] = [];
    const others: Records['others'] = [];
    for (const [i, [key, inner]] of Object.entries(value).entries()) {
      if (i === TRIED && parts.length === 0) break;
      const name = /^[\w-]{1,60}$/.test(key) ? key : shown(key);
      const at = Array.isArray(value) ? `${path}[${key}]` : path === '' ? name : `${path}.${name}`;
      const found = this.look(inner, at, depth + 1);
      parts.push(...found.parts);
      if (found.parts.length > 0) others.push(...found.others);
      else if (isFilled(inner) && !ABOUT.includes(key)) others.push({ path: at, isLost: isList(inner) && LISTS.includes(key) });
    }
    return { parts, others };
  } // prettier-ignore

  /** The records that a value is itself, and not something in it. */
  private rowsOf(value: object, path: string): SourceRow[] | undefined {
    if (Array.isArray(value)) return this.known(numbered(value, path));
    const object = value as Record<string, unknown>;
    const { data, columns } = object;
    if (Array.isArray(data) && Array.isArray(columns)) return this.known(split(columns, data, path));
    const turned = this.known(columnsOf(object, path)) ?? this.known(rowsByKey(object, path));
    if (turned !== undefined) return turned;
    const hasLists = LISTS.some((key) => isList(object[key]) && this.known(numbered(object[key], key)) !== undefined);
    return hasLists ? undefined : this.known([itself(value, path)]);
  }

  private known(rows: SourceRow[] | undefined): SourceRow[] | undefined {
    return rows?.slice(0, TRIED).some((row) => !isCounts(row.value) && this.knows(row)) ? rows : undefined;
  }
}

const isList = (value: unknown): value is unknown[] =>
  Array.isArray(value) && value.some((one) => typeof one === 'object' && one !== null);
const isFilled = (value: unknown) => typeof value === 'object' && value !== null && Object.keys(value).length > 0;
/** A vocabulary may have the words question and text. */
const isCounts = (value: unknown) =>
  isObject(value) && Object.entries(value).every(([name, inner]) => name === 'id' || typeof inner === 'number');
const itself = (value: unknown, path: string): SourceRow => ({ path: path || 'the file', number: 1, value }); // prettier-ignore

/** What are records by their looks, though of no form that we know: for the message that asks. */
function likely(value: unknown): SourceRow[] {
  if (Array.isArray(value)) return numbered(value, '');
  if (!isObject(value)) return [];
  const { data, columns } = value;
  if (Array.isArray(data) && Array.isArray(columns)) return split(columns, data, '');
  const inData = isObject(data) ? (columnsOf(data, 'data') ?? rowsByKey(data, 'data')) : undefined;
  const turned = columnsOf(value, '') ?? rowsByKey(value, '') ?? inData;
  if (turned) return turned;
  const name = LISTS.find((key) => isList(value[key]));
  if (name !== undefined) return numbered(value[name] as unknown[], name);
  return Array.isArray(data) ? numbered(data, 'data') : [itself(value, '')];
}

/** The viewer of `datasets` puts each row into an object with its number. */
function numbered(list: unknown[], path: string): SourceRow[] {
  return list.map((one, i) => ({ path: `${path}[${i}]`, number: i + 1, ...unwrapped(one) }));
}

function unwrapped(one: unknown): Pick<SourceRow, 'value' | 'cut'> {
  if (!isObject(one) || !('row_idx' in one) || !isObject(one.row)) return { value: one };
  const cut = Array.isArray(one.truncated_cells) ? one.truncated_cells.map(asText).filter((name) => name !== '') : [];
  return { value: one.row, ...(cut.length > 0 && { cut }) };
}

/** pandas, `orient='split'`. */
function split(columns: unknown[], data: unknown[], path: string): SourceRow[] {
  return data.map((row, i) => {
    const cells = Array.isArray(row) ? columns.map((name, k): [string, unknown] => [asText(name), row[k]]) : [];
    return { path: `${path === '' ? '' : `${path}.`}data[${i}]`, number: i + 1, value: Object.fromEntries(cells) };
  });
}

/** A row of a table that is part of a file. */
const inPart = (path: string, row: string) => (path === '' ? row : `${path}, ${row}`);

/** A column for each field: lists (`Dataset.to_dict`), or objects by row numbers (`DataFrame.to_json`). */
function columnsOf(value: Record<string, unknown>, path: string): SourceRow[] | undefined {
  const columns = Object.keys(value).filter((name) => typeof value[name] === 'object' && value[name] !== null);
  if (columns.length < 2 || !(isQuestion(columns) || areNumbered(value))) return undefined;
  // a shorter column has nothing in the last rows
  const keys = columns.map((name) => Object.keys(value[name] as object)).reduce((a, b) => (b.length > a.length ? b : a)); // prettier-ignore
  const cell = (name: string, key: string) => (value[name] as Record<string, unknown>)[key];
  return keys.map((key, i) => ({
    path: inPart(path, `row ${i + 1}`),
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
function rowsByKey(value: Record<string, unknown>, path: string): SourceRow[] | undefined {
  const entries = Object.entries(value);
  if (entries.length === 0 || !entries.every((entry): entry is [string, Record<string, unknown>] => isObject(entry[1])))
    return undefined;
  const areNumbers = entries.every(([key]) => isNumber(key));
  if (!areNumbers && !entries.every(([, row]) => isQuestion(Object.keys(row)))) return undefined;
  return entries.map(([key, row], i) => {
    const hasId = areNumbers || Object.keys(row).some((name) => /id$/i.test(name));
    const at = inPart(path, `row ${JSON.stringify(key)}`);
    return { path: at, number: i + 1, value: hasId ? row : { id: key, ...row } };
  });
}

// A file of questions, opened: unpacked, decoded, and taken apart into its records, whatever way they are written down.
import { readInput } from '../input-file';
import { notJson } from '../json-file';
import { MISTAKEN_HEAD, mistakenFor } from '../mistaken-file';
import { type Decoded, decode } from './decode';
import { SquadError } from './errors';
import { parseExactly } from './exact-json';
import type { ColumnMap } from './fields';
import type { SourceRow } from './forms/form';
import { checkHeap } from './heap';
import { noteLoose, noteRepeated, readLoosely } from './loose-json';
import { type Part, type Records, recordsIn } from './json-records';
import { isSeveralLines, itemRows, lineRows } from './json-lines';
import { type Item, itemsIn } from './json-sequence';
import { otherFile } from './other-files';
import { isParquet, readParquet } from './parquet';
import type { Problem } from './problem';
import { parseTable } from './table-text';
import { Recogniser } from './recognise';
import { shown } from './shown';
import { unpack } from './unpack';

export interface Source {
  /** How its records are written down. */
  syntax: 'JSON' | 'JSON Lines' | 'table' | 'Parquet';
  encoding: string;
  rows: SourceRow[];
  /** Of a JSON file, all of it. */
  value?: unknown;
  /** Of a JSON file, whether its records are those of `data` alone, as SQuAD's own form has it. */
  isData?: boolean;
  /** Of a table, its columns. */
  columns?: string[];
}

/** How many names a message has. */
const NAMED = 6;

export interface SourceOptions {
  columns?: ColumnMap;
  /** A name that `TextDecoder` knows; without it the bytes decide. */
  encoding?: string;
}

/**
 * The records of a file. What it is, its content says; its name counts where the content could be either.
 *
 * @param file A path; `-` is standard input.
 * @param problems Gets what had to be put up with.
 * @throws FileError, SquadError `E_SQUAD_JSON`, `E_SQUAD_TABLE`, `E_SQUAD_SCHEMA` (a page or a pointer in its place), `E_SQUAD_PACKED`,
 * `E_SQUAD_PARQUET`
 */
export function openSource(file: string, problems: Problem[], options: SourceOptions = {}): Source {
  return readSource(file, readInput(file), problems, options);
}

/** What is said of encodings that few know by name. */
const ENCODINGS: Record<string, string> = {
  'CESU-8': ': rare characters are there as two halves, as Java and some data bases write them',
  'WTF-8': ': rare characters are there as two halves, and some halves are alone, which in a table become U+FFFD',
};

const GUESS =
  ', which is a guess: where letters come out wrong, name the encoding (--encoding windows-1250, iso-8859-2, …)';

/** The same of bytes that were read. @param file For messages, and for its ending. */
export function readSource(file: string, packed: Buffer, problems: Problem[], options: SourceOptions = {}): Source {
  const { name, bytes, aside = [] } = unpack(file, packed);
  if (aside.length > 0) problems.push(notRead(name, aside));
  if (isParquet(bytes)) {
    const rows = readParquet(file, bytes).map((value, i) => ({ path: `row ${i + 1}`, number: i + 1, value }));
    checkHeap(file, rows.length);
    return { syntax: 'Parquet', encoding: 'UTF-8', rows };
  }
  refuseMistaken(file, bytes);
  const { text, encoding, hasMark } = decode(bytes, file, options.encoding);
  const source = { encoding, ...readText(text, file, name, problems, options.columns ?? {}) };
  checkHeap(file, source.rows.length);
  noteEncoding({ encoding, hasMark }, source.syntax, options, problems);
  return source;
}

function noteEncoding({ encoding, hasMark }: Omit<Decoded, 'text'>, syntax: Source['syntax'], options: SourceOptions, problems: Problem[]): void {
  if (hasMark && encoding === 'UTF-8' && syntax === 'JSON') {
    const what = 'the file begins with a byte-order mark, which JSON does not allow';
    problems.unshift({ kind: 'byte-order mark', path: 'the file', what, remedy: 'mended' });
  }
  if (encoding !== 'UTF-8') {
    // a guess, unless the file says it itself or somebody has said it
    const isGuess = encoding === 'Windows-1252' && options.encoding === undefined;
    const remedy = isGuess ? 'mended' : 'kept';
    const what = `read as ${encoding}${isGuess ? GUESS : (ENCODINGS[encoding] ?? '')}`;
    problems.unshift({ kind: 'encoding', path: 'the file', what, remedy });
  }
} // prettier-ignore

/** Of an archive one file is read. */
function notRead(name: string, aside: string[]): Problem {
  const names = `${aside.slice(0, NAMED).map(shown).join(', ')}${aside.length > NAMED ? ', …' : ''}`;
  const what = `of the archive only ${shown(name)} is read, and not ${names}`;
  return { kind: 'several parts', path: 'the file', what, remedy: 'kept' };
}

function refuseMistaken(file: string, bytes: Buffer): void {
  const other = otherFile(file, bytes);
  if (other !== undefined) throw other;
  const mistaken = bytes.length === 0 ? undefined : mistakenFor(bytes.subarray(0, MISTAKEN_HEAD), 'a file of questions'); // prettier-ignore
  if (mistaken !== undefined) throw new SquadError('E_SQUAD_SCHEMA', `${file}: ${mistaken}`);
}

type Text = Omit<Source, 'encoding'>;

function readText(text: string, file: string, name: string, problems: Problem[], columns: ColumnMap): Text {
  const start = text.slice(0, 4096).replace(/^(?:\s|\/\/[^\n]*\n|\/\*[^]*?\*\/)+/, '');
  const isJson = start.startsWith('{') || start.startsWith('[');
  const saysTable = /\.(?:csv|tsv|tab)$/i.test(name);
  const saysLines = /\.(?:jsonl|ndjson)$/i.test(name);
  if (saysTable ? /^(?:\{\s*["'}]|\[\s*[[{])/.test(start) : isJson) return jsonOf(text, file, { saysLines, columns }, problems);
  if (saysTable || !/\.(?:json|jsonl|ndjson)$/i.test(name) || looksLikeTable(start)) return tableOf(text, file, name, problems, columns);
  return saysLines ? linesOf(text, file, columns, problems) : jsonOf(text, file, { saysLines, columns }, problems);
} // prettier-ignore

/** Whether the first line names several columns, and is no part of JSON that was cut off. */
function looksLikeTable(start: string): boolean {
  const [first, second] = start.split(/\r\n|\n|\r/);
  const isJson = /^(?:"[^"]*"\s*:|[\]},:]|(?:null|true|false|-?\d[\d.]*|"[^"]*")\s*$)/.test(first);
  return !isJson && second !== undefined && /[,;\t|]/.test(first) && !/[{}[\]]/.test(first);
}

function tableOf(text: string, file: string, name: string, problems: Problem[], columns: ColumnMap): Text {
  if (text.includes('\0')) throw new SquadError('E_SQUAD_TABLE', `${file}: not a text; give a CSV, TSV, JSON or Parquet file`); // prettier-ignore
  const table = parseTable(text, file, { name, map: columns }, problems);
  const rows = table.rows.map(({ number, cells }) => ({ path: `row ${number}`, number, value: cells, isTable: true }));
  return { syntax: 'table', rows, columns: table.columns };
}

function jsonOf(text: string, file: string, { saysLines, columns }: { saysLines: boolean; columns: ColumnMap }, problems: Problem[]): Text {
  if (saysLines && isSeveralLines(text)) return linesOf(text, file, columns, problems);
  try {
    const value = parseExactly(text);
    noteRepeated(text, '', problems);
    const lines = { syntax: 'JSON Lines' as const, rows: [{ path: 'line 1', number: 1, value }] };
    return saysLines ? expanded(lines, columns, problems) : jsonValue(value, problems, columns);
  } catch (error) {
    if (error instanceof SquadError) throw error;
    if (isSeveralLines(text)) return linesOf(text, file, columns, problems);
    const read = readLoosely(text);
    const items = read === undefined ? itemsIn(text, file) : undefined;
    if (items !== undefined) return sequenceOf(items, file, columns, problems);
    if (read === undefined && saysLines) return linesOf(text, file, columns, problems);
    if (read === undefined) throw new SquadError('E_SQUAD_JSON', `${file}: ${notJson(text, error)}; fetch or save it again`);
    noteLoose(read, '', problems);
    return jsonValue(read.value, problems, columns);
  }
} // prettier-ignore

function countLines(text: string): number {
  let count = Number(!text.endsWith('\n'));
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** Objects that follow one another without being lines. */
function sequenceOf(items: Item[], file: string, columns: ColumnMap, problems: Problem[]): Text {
  checkHeap(file, items.length);
  const what = `it is ${items.length} objects one after the other, which JSON does not allow: each is read by itself`;
  problems.push({ kind: 'format', path: 'the file', what, remedy: 'mended' });
  return expanded({ syntax: 'JSON Lines', rows: itemRows(items, 'object', problems) }, columns, problems);
}

function linesOf(text: string, file: string, columns: ColumnMap, problems: Problem[]): Text {
  checkHeap(file, countLines(text));
  const rows = lineRows(text, file, problems);
  if (rows.length > 0) return expanded({ syntax: 'JSON Lines', rows }, columns, problems);
  const [broken] = problems.filter(({ remedy }) => remedy === 'left out');
  const problem = broken ? `${broken.path}: ${broken.what}` : 'it is empty';
  throw new SquadError('E_SQUAD_TABLE', `${file}: ${problem}; write a line {"question": …, "context": …, "answer": …} for each`); // prettier-ignore
}

/** The records of a JSON value. */
export function jsonValue(value: unknown, problems: Problem[], columns: ColumnMap = {}): Omit<Source, 'encoding'> {
  const { rows, parts, others } = recordsIn(value, new Recogniser(columns).knows);
  problems.push(...partProblems(parts), ...othersIn(others));
  return { syntax: 'JSON', rows, value, isData: parts.every(({ path }) => path === 'data') };
}

/** Lines that hold lists of records, as where files of JSON were put one after the other. */
function expanded(source: Text, columns: ColumnMap, problems: Problem[]): Text {
  const recogniser = new Recogniser(columns);
  if (source.rows.every(recogniser.knows)) return source;
  const found = source.rows.map((row): Records => {
    const records = recogniser.knows(row) ? undefined : recordsIn(row.value, recogniser.knows);
    if (records === undefined || records.parts.length === 0) return { rows: [row], parts: [], others: [] };
    const within = (path: string) => (path === '' ? row.path : `${row.path}, ${path}`);
    for (const one of records.rows) one.path = within(one.path);
    return { ...records, others: records.others.map((other) => ({ ...other, path: within(other.path) })) };
  });
  problems.push(...othersIn(found.flatMap(({ others }) => others)));
  // a line of records has many of one number
  const rows = found.flatMap((one) => one.rows);
  if (found.some(({ parts }) => parts.length > 0)) rows.forEach((row, i) => (row.number = i + 1));
  return { ...source, rows };
}

/** Says that a file has several lists of records. */
function partProblems(parts: Part[]): Problem[] {
  if (parts.length < 2) return [];
  const names = parts.slice(0, NAMED).map(({ path, rows }) => `${shown(path)} (${rows.length})`).join(', ');
  const what = `its records are in ${parts.length} parts, ${names}${parts.length > NAMED ? ', …' : ''}: all of them are read as one file`;
  return [{ kind: 'several parts', path: 'the file', what, remedy: 'kept' }];
} // prettier-ignore

function othersIn(others: Records['others']): Problem[] {
  const lost = others.filter(({ isLost }) => isLost);
  const unused = others.filter(({ isLost }) => !isLost).map(({ path }) => shown(path));
  const names = `${unused.slice(0, NAMED).join(', ')}${unused.length > NAMED ? ', …' : ''}`;
  const what = 'its records are of no form that spanlab knows';
  return [
    ...lost.map(({ path }): Problem => ({ kind: 'format', path, what, remedy: 'left out' })),
    ...(unused.length > 0 ? [{ kind: 'unused field', path: 'the file', what: `not used: ${names}`, remedy: 'kept' } as const] : []),
  ];
} // prettier-ignore

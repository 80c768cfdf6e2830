// The text of a table taken apart: CSV or TSV as any spreadsheet saves it, with what had to be put up with.
import { type Info, parse } from 'csv-parse/sync';
import { SquadError } from './errors';
import { type ColumnMap, Names } from './fields';
import type { Problem } from './problem';
import { counted } from '../counted';

/** A row as it is in the file, not checked. */
export interface TableRow {
  /** As a spreadsheet counts: row 1 of a CSV holds the names of the columns. Of JSON Lines it is the line. */
  number: number;
  cells: Record<string, unknown>;
}

const DELIMITERS = [',', ';', '\t', '|'];

interface Line {
  number: number;
  cells: string[];
}

export interface Table {
  rows: TableRow[];
  /** The names in its first row. */
  columns: string[];
}

/**
 * The rows of a table, under the names that its first row gives; empty rows are left out, and counted.
 *
 * @param name Of the text, which may come out of an archive; its ending says what may separate cells.
 * @throws SquadError `E_SQUAD_TABLE` for an empty file.
 */
export function parseTable(
  text: string,
  file: string,
  { name, map = {} }: { name: string; map?: ColumnMap },
  problems: Problem[],
): Table {
  const [, stated] = /^"?sep=(.)"?\r?\n?/i.exec(text) ?? [];
  const body = stated === undefined ? text : text.replace(/^.*(?:\r\n|\n|\r)?/, '');
  const delimiter = stated ?? chooseDelimiter(body, name);
  const lines = withoutRule(readLines(body, delimiter, problems), delimiter);
  const numbered = Object.values(map).length > 0 && Object.values(map).every((name) => /^\d+$/.test(name));
  const [first] = lines;
  if (first === undefined) throw new SquadError('E_SQUAD_TABLE', `${file}: it is empty; name the columns question, context, answer in its first row`); // prettier-ignore
  const header = numbered ? first.cells.map((_, i) => String(i + 1)) : first.cells.map(nameOfColumn);
  const repeated = header.filter((name, i) => name !== '' && header.indexOf(name) < i);
  for (const name of new Set(repeated)) {
    const places = header.flatMap((other, i) => (other === name ? [i + 1] : []));
    const what = `${places.length} columns are called ${JSON.stringify(name)} (${places.join(', ')}): the first counts, and the others are not used`;
    problems.push({ kind: 'unused field', path: 'row 1', what, remedy: 'kept' });
  }
  const names = new Names(map);
  const ours = header.map((name) => names.nameOf(header, name));
  const needed = ours.reduce((count, name, i) => (NEEDED.includes(name) ? i + 1 : count), 0);
  const rows = (numbered ? lines : lines.slice(1)).flatMap((line) => toRow(line, header, needed, problems));
  return { rows, columns: header };
}

/** A table of Markdown: spaces around its cells are none of them, and its second line is a rule. */
function withoutRule(lines: Line[], delimiter: string): Line[] {
  const rule = lines[1]?.cells.map((cell) => cell.trim()).filter((cell) => cell !== '') ?? [];
  if (delimiter !== '|' || rule.length === 0 || !rule.every((cell) => /^:?-+:?$/.test(cell))) return lines;
  const trimmed = lines.map(({ number, cells }) => ({ number, cells: cells.map((cell) => cell.trim()) }));
  return trimmed.filter((_, i) => i !== 1);
}

/** A column without a name gets one by its place; but the first, where others have names, has the numbers of the rows. */
function nameOfColumn(cell: string, at: number, row: string[]): string {
  const name = cell.trim();
  const isIndex = at === 0 && row.some((other) => other.trim() !== '');
  return name === '' && !isIndex ? `column_${at + 1}` : name;
}

/** The one that cuts the first line into the most cells. */
function chooseDelimiter(text: string, file: string): string {
  const line = text.slice(0, Math.min(text.search(/[\r\n]|$/), 100_000));
  const cells = (delimiter: string) => line.split(delimiter).length;
  const [first, ...others] = /\.(?:tsv|tab)(?:\.gz)?$/i.test(file) ? ['\t', ...DELIMITERS] : DELIMITERS;
  return others.reduce((best, other) => (cells(other) > cells(best) ? other : best), first);
}

/** Cells at the end of a row that a spreadsheet may leave away are those of other columns. */
const NEEDED = ['question', 'context', 'answer', 'answers'];

/** @param needed How many cells a row has at least. */
function toRow({ number, cells }: Line, header: string[], needed: number, problems: Problem[]): TableRow[] {
  // a row of a spreadsheet that was emptied has its separators still
  if (cells.every((cell) => cell === '')) return [];
  const extra = cells.slice(header.length).filter((cell) => cell.trim() !== '');
  const isShort = cells.length < needed;
  if (extra.length > 0 || isShort) {
    const what = `it has ${counted(cells.length, 'cell')}, and row 1 names ${counted(header.length, 'column')}; put quotes around cells that hold a separator`;
    problems.push({ kind: 'format', path: `row ${number}`, what, remedy: 'left out' });
    return [];
  }
  const row: Record<string, unknown> = {};
  for (const [i, name] of header.entries()) {
    // of two columns with one name the first counts
    if (name !== '__proto__' && !Object.hasOwn(row, name)) row[name] = cells[i] ?? '';
  }
  return [{ number, cells: row }];
}

/** Strictly as RFC 4180 has it; where that fails, with quotes as letters like others; where that fails too, line by line. */
function readLines(text: string, delimiter: string, problems: Problem[]): Line[] {
  const strict = tryParse(text, delimiter, {});
  if (!(strict instanceof Error)) return strict;
  const literal = delimiter === '\t' ? tryParse(text, delimiter, { quote: false }) : strict;
  const isEven = !(literal instanceof Error) && literal.every(({ cells }) => cells.length === literal[0].cells.length);
  if (isEven) {
    const what = 'quotes stand for themselves: no cell is put between them';
    problems.push({ kind: 'format', path: 'the file', what, remedy: 'mended' });
    return literal;
  }
  return lineByLine(text, delimiter, problems);
}

function tryParse(text: string, delimiter: string, more: object): Line[] | Error {
  const options = {
    delimiter,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    record_delimiter: text.includes('\n') ? ['\r\n', '\n'] : ['\r'],
    ...more,
  };
  try {
    const found = parse(text, options) as unknown as { record: string[]; info: Info }[];
    return found.map(({ record, info }) => ({ number: info.records + info.empty_lines, cells: record }));
  } catch (error) {
    return error as Error;
  }
}

/** How many lines one cell of a damaged file may have. */
const MOST_LINES = 40;

/** A damaged table: each line that is whole by itself, or together with those that follow, is a row. */
function lineByLine(text: string, delimiter: string, problems: Problem[]): Line[] {
  const lines = text.split(/\r\n|\n|\r/);
  const rows: Line[] = [];
  let width = 0;
  for (let at = 0, number = 1; at < lines.length; number++) {
    if (lines[at].trim() === '') {
      at++;
      continue;
    }
    const [cells, count] = rowAt(lines, at, delimiter, width);
    if (cells !== undefined) {
      width ||= cells.length;
      rows.push({ number, cells });
    } else {
      const what = 'a quote is opened or closed where no cell begins or ends; write "" for a quote inside a cell';
      problems.push({ kind: 'format', path: `row ${number}`, what, remedy: 'left out' });
    }
    at += count;
  }
  return rows;
}

function rowAt(lines: string[], at: number, delimiter: string, width: number): [cells: string[] | undefined, lines: number] {
  const isWhole = (line: Line[] | Error): line is Line[] => !(line instanceof Error) && line.length === 1 && (width === 0 || line[0].cells.length === width); // prettier-ignore
  for (let count = 1; count <= MOST_LINES && at + count <= lines.length; count++) {
    const strict = tryParse(lines.slice(at, at + count).join('\n'), delimiter, {});
    if (isWhole(strict)) return [strict[0].cells, count];
    if (count > 1) continue;
    const relaxed = tryParse(lines[at], delimiter, { relax_quotes: true });
    if (isWhole(relaxed)) return [relaxed[0].cells, 1];
    if ((lines[at].match(/"/g) ?? []).length % 2 === 0) break;
  }
  return [undefined, 1];
} // prettier-ignore

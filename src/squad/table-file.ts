// A table as it is in its file: CSV as any spreadsheet saves it, or JSON Lines.
import { parse } from 'csv-parse/sync';
import { SpanlabError } from '../errors';
import { readText } from '../text-file';
import { SquadError } from './errors';

/** A row as it is in the file, not checked. */
export interface TableRow {
  /** As a spreadsheet counts: row 1 of a CSV holds the names of the columns. Of JSON Lines it is the line. */
  number: number;
  cells: Record<string, unknown>;
}

/** What may separate the cells of a file: spreadsheets in many countries save commas as semicolons. None for JSON Lines. */
export function delimiterFor(file: string): string[] {
  return /\.tsv$/i.test(file) ? ['\t'] : /\.csv$/i.test(file) ? [',', ';', '\t'] : [];
}

/** Whether the name is that of a table. */
export function isTable(file: string): boolean {
  return /\.(?:csv|tsv|jsonl)$/i.test(file);
}

/**
 * The rows of a table as they are, for `checkRows`. Empty rows are left out, and counted.
 *
 * @throws FileError; SquadError `E_SQUAD_TABLE` (not CSV or JSON Lines, no such columns).
 * @example readRows('questions.csv')
 */
export function readRows(file: string): TableRow[] {
  const text = readText(file);
  try {
    const delimiters = delimiterFor(file);
    return delimiters.length > 0 ? csvRows(text, chooseDelimiter(text, delimiters)) : jsonRows(text);
  } catch (error) {
    if (error instanceof SpanlabError) throw error;
    throw new SquadError('E_SQUAD_TABLE', `${file}: ${(error as Error).message}`);
  }
}

/** The one that cuts the first line into the most cells. */
function chooseDelimiter(text: string, delimiters: string[]): string {
  const line = text.slice(0, text.search(/\r?\n|$/));
  const cells = (delimiter: string) => line.split(delimiter).length;
  return delimiters.reduce((best, other) => (cells(other) > cells(best) ? other : best));
}

function csvRows(text: string, delimiter: string): TableRow[] {
  interface Record {
    record: TableRow['cells'];
    info: { records: number; empty_lines: number };
  }
  const options = { delimiter, columns: checkColumns, skip_empty_lines: true, info: true };
  const found = parse(text, options) as unknown as Record[];
  if (found.length === 0 && text.trim() === '') checkColumns([]);
  const rows = found.map(({ record, info }) => ({ number: info.records + info.empty_lines + 1, cells: record }));
  // a row of a spreadsheet that was emptied has its separators still
  return rows.filter(({ cells }) => Object.values(cells).some((cell) => cell !== ''));
}

/** Names as people write them: `Question` is `question`. */
function checkColumns(names: string[]): string[] {
  const columns = names.map((name) => name.trim().toLowerCase());
  const missing = ['question', 'context', 'answer'].filter((name) => !columns.includes(name));
  if (missing.length === 0) return columns;
  const advice = 'name the columns question, context, answer, and if known answer_start, id and title';
  if (names.length === 0) throw new Error(`it is empty; ${advice}`);
  const seen = names.map((name) => JSON.stringify(name)).join(', ');
  throw new Error(`row 1 has no column ${missing.join(' and no ')}, but ${seen}; ${advice}`);
}

function jsonRows(text: string): TableRow[] {
  const lines = text.split(/\r?\n/).map((line, i) => [line, i + 1] as const);
  const full = lines.filter(([line]) => line.trim() !== '');
  if (full.length === 0)
    throw new Error('it is empty; write a line {"question": …, "context": …, "answer": …} for each');
  return full.map(([line, number]) => ({ number, cells: parseLine(line, number) }));
}

function parseLine(line: string, number: number): TableRow['cells'] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (error) {
    throw new Error(`row ${number}: not valid JSON (${(error as Error).message.replace(/\s+/g, ' ')})`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new Error(`row ${number}: not an object with columns`);
  }
  return withOneAnswer(
    Object.fromEntries(Object.entries(parsed).map(([name, cell]) => [name.trim().toLowerCase(), cell])),
  );
}

/** The form in which Python's `datasets` writes SQuAD, `answers: { text: […], answer_start: […] }`: the first of them. */
function withOneAnswer(cells: TableRow['cells']): TableRow['cells'] {
  const { answers, ...rest } = cells;
  const { text, answer_start: start } = (answers ?? {}) as { text?: unknown; answer_start?: unknown };
  if ('answer' in cells || !Array.isArray(text)) return cells;
  return { ...rest, answer: text[0] ?? '', answer_start: Array.isArray(start) ? (start[0] ?? '') : '' };
}

/** A cell as text; empty for what is neither a text nor a number. */
export function cellText(cell: unknown): string {
  return typeof cell === 'string' || typeof cell === 'number' ? String(cell) : '';
}

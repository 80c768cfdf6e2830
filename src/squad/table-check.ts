// What is wrong with a table of questions, row by row, and what of it can be mended without asking anybody.
import { toCodePoints, toUtf16 } from './code-points';
import { COLUMNS, findWords, isNone } from './own-data';
import type { TableRow } from './table-file';
import { cellText } from './table-file';

/** What is wrong, or worth a look. */
export interface RowProblem {
  row: number;
  /** `error`: the table cannot be read as it is. `look`: it can, but perhaps it does not say what was meant. */
  kind: 'error' | 'look';
  what: string;
  /** Cells that put it right, where there is no doubt. */
  mend?: Record<string, string>;
}

type Found = Omit<RowProblem, 'row'>;

/**
 * Looks at every row, and changes none.
 *
 * @example checkRows(readRows('questions.csv'))
 */
export function checkRows(rows: TableRow[]): RowProblem[] {
  const alone = rows.flatMap(({ number, cells }) => checkRow(cells).map((found) => ({ row: number, ...found })));
  return [...alone, ...checkIds(rows), ...checkRepeats(rows)].sort((a, b) => a.row - b.row);
}

/** The rows with everything put right that can be; the others are as they were. */
export function mendRows(rows: TableRow[], problems: RowProblem[]): TableRow[] {
  return rows.map(({ number, cells }) => {
    const mends = problems.filter(({ row }) => row === number).map(({ mend }) => mend);
    return { number, cells: Object.assign({}, cells, ...mends) as TableRow['cells'] };
  });
}

const isText = (cell: unknown) => ['string', 'number', 'undefined'].includes(typeof cell) || cell === null;

function checkRow(cells: TableRow['cells']): Found[] {
  const [question, context, answer, start] = ['question', 'context', 'answer', 'answer_start'].map((name) => cellText(cells[name])); // prettier-ignore
  const odd = Object.entries(cells).filter(([name, cell]) => COLUMNS.includes(name) && !isText(cell));
  if (odd.length > 0)
    return odd.map(([name]) => ({ kind: 'error', what: `the ${name} is neither a text nor a number` }));
  if (cells.answer === undefined)
    return [{ kind: 'error', what: 'it has no answer; leave it empty where the text has none' }];
  const empty = Object.entries({ question, context }).filter(([, value]) => value.trim() === '');
  if (empty.length > 0) return empty.map(([name]) => ({ kind: 'error', what: `the ${name} is empty` }));
  if (isNone(answer, start)) return [{ kind: 'look', what: 'no answer: the question will count as impossible' }];
  if (!context.includes(answer)) return [missing(answer, context)];
  const places = occurrences(answer, context);
  if (start !== '') return wrongStart(answer, context, Number(start), places);
  if (places.length === 1) return [];
  const where = places.map((place) => toCodePoints(context, place)).join(', ');
  return [
    {
      kind: 'look',
      what: `${quoted(answer)} stands at ${where}: ${toCodePoints(context, findWords(answer, context))} counts, unless answer_start names another`,
    },
  ];
}

/** An answer that is not in its text; one that differs in case, spaces or quotation marks only takes the text's own spelling. */
function missing(answer: string, context: string): Found {
  const what = `${quoted(answer)} is not in the text`;
  const pattern = answer
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/['’"“”]/g, '[\'’"“”]'))
    .join('\\s+');
  // no part of another word, and one spelling only
  const whole = new RegExp(`(?<![\\p{L}\\p{N}])${pattern}(?![\\p{L}\\p{N}])`, 'giu');
  const matches = [...new Set([...context.matchAll(whole)].map(([match]) => match))];
  if (matches.length !== 1) return { kind: 'error', what: `${what}: copy it from there` };
  return {
    kind: 'error',
    what: `${what}, which has ${quoted(matches[0])}`,
    mend: { answer: matches[0], answer_start: '' },
  };
}

function wrongStart(answer: string, context: string, start: number, places: number[]): Found[] {
  const isPlace = Number.isInteger(start) && start >= 0;
  if (isPlace && context.startsWith(answer, toUtf16(context)(start))) return [];
  const right = places.map((place) => String(toCodePoints(context, place)));
  const what = `${quoted(answer)} does not begin at ${start}, but at ${right.join(', ')}`;
  return [{ kind: 'error', what, ...(right.length === 1 && { mend: { answer_start: right[0] } }) }];
}

function checkIds(rows: TableRow[]): RowProblem[] {
  const first = new Map<string, number>();
  return rows.flatMap(({ number, cells }) => {
    const id = cellText(cells.id) || `row-${number}`;
    const before = first.get(id);
    if (before === undefined) first.set(id, number);
    return before === undefined ? [] : [{ row: number, kind: 'error', what: `the id ${id} is that of row ${before}` }];
  });
}

function checkRepeats(rows: TableRow[]): RowProblem[] {
  const first = new Map<string, TableRow>();
  return rows.flatMap((row) => {
    const key = [row.cells.context, row.cells.question].map((cell) => cellText(cell).trim()).join('\n');
    const before = first.get(key);
    if (before === undefined) first.set(key, row);
    if (before === undefined || key.trim() === '') return [];
    const same = cellText(before.cells.answer) === cellText(row.cells.answer) ? 'the same' : 'another';
    return [{ row: row.number, kind: 'look', what: `asks what row ${before.number} asks, with ${same} answer` }];
  });
}

function occurrences(part: string, whole: string): number[] {
  const places: number[] = [];
  for (let at = whole.indexOf(part); at >= 0; at = whole.indexOf(part, at + 1)) places.push(at);
  return places;
}

const quoted = (value: string) => JSON.stringify(value);

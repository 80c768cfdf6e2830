// danfojs's frames and series: as a table of the first rows, and as data for one that sorts, searches and turns pages.
import type { Bundle } from './forms';
import type { Cell, TableData } from '../view/table';
import { escapeHtml } from '../../src/escape-html';
import { counted } from '../../src/counted';

/** Of the plain table. */
const MAX_ROWS = 20;
const MAX_COLUMNS = 30;
/** Of the table that turns pages: a notebook keeps every row of it. */
const MAX_DATA_ROWS = 1000;
const MAX_TEXT = 120;

export interface Frame {
  columns: string[];
  values: unknown[];
  index: unknown[];
}

export function isFrame(value: unknown): value is Frame {
  return typeof value === 'object' && value !== null && '$dataIncolumnFormat' in value && 'columns' in value;
}

/** Every front end shows the plain table; ours shows the other. */
export function renderFrame(frame: Frame): Bundle {
  const data = tableData(frame);
  const rows = data.rows.slice(0, MAX_ROWS).map((row) => row.map((cell) => (cell === null ? '' : String(cell))));
  const cut = data.total > MAX_ROWS || frame.columns.length > MAX_COLUMNS;
  const size = cut ? `${counted(data.total, 'row')} × ${counted(frame.columns.length, 'column')}` : '';
  return {
    'application/vnd.spanlab.table+json': data,
    'text/html': html(data, rows, size),
    'text/plain': text(data, rows, size),
  };
}

/** Rows of a table, objects with the same names or not, as a frame. */
export function tableOf(rows: readonly object[]): Frame {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const values = rows.map((row) => columns.map((name) => (row as Record<string, unknown>)[name] ?? ''));
  return { columns, values, index: rows.map((_, i) => i) };
}

function tableData({ columns, values, index }: Frame): TableData {
  // a series holds its values flat, and has no name of its own
  const isSeries = values.length > 0 && !Array.isArray(values[0]);
  const names = isSeries && String(columns[0]) === '0' ? ['value'] : columns.slice(0, MAX_COLUMNS).map(String);
  // numbers of a frame's rows say little once it was filtered or sorted; those of a series may be what was counted
  const isNamed = index.some((name, i) => (isSeries ? name !== i : typeof name !== 'number'));
  const rows = values.slice(0, MAX_DATA_ROWS).map((row, i) => {
    const cells = Array.isArray(row) ? row.slice(0, MAX_COLUMNS) : [row];
    return [...(isNamed ? [index[i]] : []), ...cells].map(cellOf);
  });
  const heads = [...(isNamed ? [''] : []), ...names];
  const isNumber = (column: number) => rows.length > 0 && rows.every((row) => isNumeric(row[column]));
  return { columns: heads.map((name, i) => ({ name, isNumber: isNumber(i) })), rows, total: values.length };
}

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? value : +value.toPrecision(5);
  const all = String(value).replace(/\s+/g, ' ');
  return all.length > MAX_TEXT ? `${all.slice(0, MAX_TEXT - 1)}…` : all;
}

/** Numbers, percentages and empty cells are set to the right. */
function isNumeric(cell: Cell): boolean {
  return cell === null || typeof cell === 'number' || /^-?[\d.,]+(?:e[+-]?\d+)? ?%?$/.test(String(cell));
}

function html({ columns }: TableData, rows: string[][], size: string): string {
  const align = (column: number) => `style="text-align: ${columns[column].isNumber ? 'right' : 'left'}"`;
  const head = columns.map(({ name }, i) => `<th ${align(i)}>${escapeHtml(name)}</th>`).join('');
  const body = rows.map(
    (row) => `<tr>${row.map((cell, i) => `<td ${align(i)}>${escapeHtml(cell)}</td>`).join('')}</tr>`,
  );
  const table = `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
  return size ? `${table}<p>${size}</p>` : table;
}

function text({ columns }: TableData, rows: string[][], size: string): string {
  const lines = [columns.map(({ name }) => name), ...rows];
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => (line[i] ?? '').length)));
  const table = lines.map((line) =>
    line
      .map((value, i) => (columns[i].isNumber ? value.padStart(widths[i]) : value.padEnd(widths[i])))
      .join('  ')
      .trimEnd(),
  );
  return [...table, ...(size ? [size] : [])].join('\n');
}

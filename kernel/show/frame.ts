// danfojs's frames and series as tables.
import type { Bundle } from './forms';
import { escapeHtml } from '../../src/escape-html';

const MAX_ROWS = 20;
const MAX_COLUMNS = 30;
const MAX_TEXT = 120;

interface Frame {
  columns: string[];
  values: unknown[];
  index: unknown[];
}

export function isFrame(value: unknown): value is Frame {
  return typeof value === 'object' && value !== null && '$dataIncolumnFormat' in value && 'columns' in value;
}

/** A table of the first rows and columns, and how many there are. */
export function renderFrame(frame: Frame): Bundle {
  const columns = frame.columns.slice(0, MAX_COLUMNS).map(String);
  // a series holds its values flat
  const rows = frame.values.slice(0, MAX_ROWS).map((row) => (Array.isArray(row) ? row.slice(0, MAX_COLUMNS) : [row]));
  const texts = rows.map((row, i) => [frame.index[i], ...row].map(cellText));
  const size = `${frame.values.length} rows × ${frame.columns.length} columns`;
  const cut = frame.values.length > MAX_ROWS || frame.columns.length > MAX_COLUMNS;
  return { 'text/html': html(columns, texts, cut ? size : ''), 'text/plain': text(columns, texts, cut ? size : '') };
}

/** Rows of a table, objects with the same names or not, as a frame. */
export function tableOf(rows: readonly object[]): Frame {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const values = rows.map((row) => columns.map((name) => (row as Record<string, unknown>)[name] ?? ''));
  return { columns, values, index: rows.map((_, i) => i) };
}

function html(columns: string[], rows: string[][], size: string): string {
  const head = ['', ...columns].map((name) => `<th>${escapeHtml(name)}</th>`).join('');
  const body = rows.map(([index, ...cells]) => {
    const shown = cells.map((value) => `<td${alignment(value)}>${escapeHtml(value)}</td>`).join('');
    return `<tr><th>${escapeHtml(index)}</th>${shown}</tr>`;
  });
  const table = `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
  return size ? `${table}<p>${size}</p>` : table;
}

/** JupyterLab sets all cells to the right, which is for numbers. */
function alignment(value: string): string {
  return /^-?[\d.,]+(?:e[+-]?\d+)?%?$/.test(value) ? '' : ' style="text-align: left"';
}

function text(columns: string[], rows: string[][], size: string): string {
  const lines = [['', ...columns], ...rows];
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => (line[i] ?? '').length)));
  const table = lines.map((line) =>
    line
      .map((value, i) => value.padEnd(widths[i]))
      .join('  ')
      .trimEnd(),
  );
  return [...table, ...(size ? [size] : [])].join('\n');
}

function cellText(value: unknown): string {
  if (typeof value === 'number' && Number.isFinite(value) && !Number.isInteger(value))
    return String(+value.toPrecision(5));
  const all = String(value).replace(/\s+/g, ' ');
  return all.length > MAX_TEXT ? `${all.slice(0, MAX_TEXT - 1)}…` : all;
}

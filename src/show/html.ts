// Data in HTML: escaped text, tables, and contexts with marked spans.
import { escapeHtml } from '../escape-html';
import { isNumeric } from './text-table';

/** Rows as a table with the columns of the first; numbers and percentages to the right, with one decimal at most. */
export function htmlTable(rows: object[]): string {
  const names = Object.keys(rows[0] ?? {});
  const isNumber = names.map((name) => rows.some((row) => isNumeric((row as Record<string, unknown>)[name])));
  const attribute = (column: number) => (isNumber[column] ? ' class="number"' : '');
  const cells = (row: object) => Object.values(row).map((value, i) => `<td${attribute(i)}>${cellText(value)}</td>`);
  const body = rows.map((row) => `<tr>${cells(row).join('')}</tr>`).join('\n');
  // a column without a name is that of the rows' names
  const head = names.map((name, i) =>
    name === '' ? '<td></td>' : `<th${attribute(i)} scope="col">${escapeHtml(name)}</th>`,
  );
  return `<table><thead><tr>${head.join('')}</tr></thead><tbody>\n${body}\n</tbody></table>`;
}

function cellText(value: unknown): string {
  if (typeof value !== 'number') return escapeHtml(String(value));
  return String(Number.isInteger(value) ? value : value.toFixed(1));
}

/** A marked part of a text, UTF-16 positions, `end` exclusive. */
export interface MarkedSpan {
  start: number;
  end: number;
  kind: 'predicted' | 'true';
}

/** What a span looks like, so that two that overlap can be told apart: also without a style sheet, and in dark themes. */
const STYLES = {
  predicted: 'background:#ffd54d;color:#111',
  true: 'border-bottom:3px solid #2e9d4f',
  both: 'background:#a8e0b4;color:#111;border-bottom:3px solid #2e9d4f',
};

/**
 * A text with its spans marked; where a predicted and a true one overlap the part is marked as both. Text is escaped.
 *
 * @example highlight('Ada won.', [{ start: 0, end: 3, kind: 'true' }]) // '<mark class="true" …>Ada</mark> won.'
 */
export function highlight(text: string, spans: MarkedSpan[]): string {
  const inside = (position: number) => Math.max(0, Math.min(text.length, position));
  const edges = [...new Set([0, text.length, ...spans.flatMap(({ start, end }) => [inside(start), inside(end)])])].sort(
    (a, b) => a - b,
  );
  const parts = edges.slice(1).map((end, i) => {
    const start = edges[i];
    const kinds = new Set(spans.filter((span) => span.start <= start && end <= span.end).map((span) => span.kind));
    const part = escapeHtml(text.slice(start, end));
    if (kinds.size === 0) return part;
    const kind = kinds.size === 2 ? 'both' : [...kinds][0];
    return `<mark class="${kind}" style="background:none;color:inherit;${STYLES[kind]}">${part}</mark>`;
  });
  return parts.join('');
}

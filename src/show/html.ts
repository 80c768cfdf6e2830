// Data in HTML: escaped text, tables, and contexts with marked spans.
import { escapeHtml } from '../escape-html';

/** Rows as a table with the columns of the first; numbers to the right, with one decimal at most. */
export function htmlTable(rows: object[]): string {
  const names = Object.keys(rows[0] ?? {});
  const cell = (value: unknown) =>
    typeof value === 'number'
      ? `<td class="number">${Number.isInteger(value) ? value : value.toFixed(1)}</td>`
      : `<td>${escapeHtml(String(value))}</td>`;
  const body = rows.map((row) => `<tr>${Object.values(row).map(cell).join('')}</tr>`).join('\n');
  const head = names.map((name) => `<th>${escapeHtml(name)}</th>`).join('');
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>`;
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

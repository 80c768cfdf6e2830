// How a cell's last value is shown: plain text for everything, and more for values that have a better form.
import { inspect } from 'node:util';

/** A value in several forms, by MIME type; the front end takes the best that it knows. */
export type Bundle = Record<string, unknown>;

/** The open convention (of Deno's kernel, too) by which a value says how it is shown. */
export const DISPLAY = Symbol.for('Jupyter.display');

/** Rows of a table that are shown. */
const MAX_ROWS = 20;

/** Types that are not ours, told by their shape: several copies of a library are one to us. */
const renderers: { matches: (value: object) => boolean; render: (value: never) => Bundle }[] = [
  { matches: isFrame, render: renderFrame },
  { matches: isTensor, render: renderTensor },
  { matches: isFigure, render: renderFigure },
];

/** The forms of `value`. */
export async function toBundle(value: unknown): Promise<Bundle> {
  if (typeof value !== 'object' || value === null) return { 'text/plain': plain(value) };
  if (DISPLAY in value) return (value as Record<symbol, () => Bundle | Promise<Bundle>>)[DISPLAY]();
  const renderer = renderers.find(({ matches }) => matches(value));
  return renderer ? renderer.render(value as never) : { 'text/plain': plain(value) };
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value, { depth: 3, maxArrayLength: 20, maxStringLength: 2000 });
}

interface Frame {
  columns: string[];
  values: unknown[][];
  index: unknown[];
}

function isFrame(value: object): boolean {
  return (
    'columns' in value && 'values' in value && 'index' in value && 'toString' in value && '$dataIncolumnFormat' in value
  );
}

function renderFrame(frame: Frame & { toString(): string }): Bundle {
  const rows = frame.values.slice(0, MAX_ROWS).map((row) => (Array.isArray(row) ? row : [row]));
  const more = frame.values.length > MAX_ROWS ? `<p>${frame.values.length} rows, ${MAX_ROWS} shown</p>` : '';
  const head = `<tr><th></th>${frame.columns.map((name) => `<th>${escapeHtml(String(name))}</th>`).join('')}</tr>`;
  const body = rows.map((row, i) => `<tr><th>${escapeHtml(String(frame.index[i]))}</th>${row.map(cell).join('')}</tr>`);
  return {
    'text/html': `<table>${head}${body.join('')}</table>${more}`,
    'text/plain': plainTable(frame.columns, rows),
  };
}

function cell(value: unknown): string {
  return `<td>${escapeHtml(cellText(value))}</td>`;
}

function cellText(value: unknown): string {
  if (typeof value === 'number' && !Number.isInteger(value)) return value.toPrecision(4);
  const text = String(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

function plainTable(columns: string[], rows: unknown[][]): string {
  return [columns, ...rows].map((row) => row.map(cellText).join(' | ')).join('\n');
}

/** So that data never becomes markup. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}

interface TensorLike {
  dtype: string;
  shape: number[];
  isDisposed: boolean;
  toString(): string;
}

function isTensor(value: object): boolean {
  return 'dataId' in value && 'dtype' in value && 'shape' in value;
}

function renderTensor(tensor: TensorLike): Bundle {
  const head = `Tensor ${tensor.dtype} [${tensor.shape.join(', ')}]`;
  return { 'text/plain': tensor.isDisposed ? `${head} (disposed)` : `${head}\n${tensor.toString()}` };
}

interface Figure {
  data: unknown[];
  layout: { title?: unknown };
}

function isFigure(value: object): boolean {
  const { data, layout } = value as Partial<Figure>;
  return Array.isArray(data) && typeof layout === 'object' && layout !== null;
}

function renderFigure(figure: Figure): Bundle {
  const { title } = figure.layout;
  const text = typeof title === 'string' ? title : ((title as { text?: string } | undefined)?.text ?? 'untitled');
  return { 'application/vnd.plotly.v1+json': figure, 'text/plain': `Figure: ${text}` };
}

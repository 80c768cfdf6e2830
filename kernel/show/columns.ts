// Frames, series and tensors inside a figure or a chart, where somebody forgot to take their values: JSON has no word for them.
import { type Frame, isFrame } from './frame';
import { isTensor } from './tensor';

/** A copy with plain values in their places; a series becomes its list, a frame what `rows` makes of it. */
export function withValues<T>(value: T, rows: (frame: Frame) => unknown): T {
  return copy(value, rows, []) as T;
}

function copy(value: unknown, rows: (frame: Frame) => unknown, above: unknown[]): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (isFrame(value)) return Array.isArray(value.values[0]) ? rows(value) : value.values;
  if (isTensor(value)) return (value as unknown as { arraySync(): unknown }).arraySync();
  // what holds itself is JSON's to refuse
  if (above.includes(value)) return value;
  const inside = (part: unknown) => copy(part, rows, [...above, value]);
  if (Array.isArray(value)) return value.some((part) => typeof part === 'object') ? value.map(inside) : value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, inside(part)]));
}

/** Rows as lists of their cells, as plotly's `z` wants them. */
export const asLists = ({ values }: Frame): unknown => values;

/** Rows as objects by the names of the columns, as Vega wants them. */
export const asObjects = ({ columns, values }: Frame): unknown =>
  (values as unknown[][]).map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));

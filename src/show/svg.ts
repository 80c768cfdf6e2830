// Small charts as SVG text, for pages that stand alone. Lines and text take the page's colour, light or dark.
import { escapeHtml } from '../escape-html';

/** A chart's size in its own units; the page may scale it. */
const [WIDTH, HEIGHT] = [560, 240];
const MARGIN = { left: 48, right: 12, top: 14, bottom: 56 };
const COLOURS = ['var(--first, #4c78a8)', 'var(--second, #f58518)'];
const INNER = { width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };

export interface Series {
  name: string;
  values: number[];
}

/**
 * Bars side by side for each label.
 *
 * @param highest Top of the axis; by default the largest value.
 * @example barChart(['who', 'when'], [{ name: 'F1', values: [80, 60] }], 'percent', 100)
 */
export function barChart(labels: string[], series: Series[], unit: string, highest = largest(series)): string {
  const step = INNER.width / Math.max(1, labels.length);
  const width = (0.8 * step) / series.length;
  const bars = series.flatMap(({ name, values }, s) =>
    values.map((value, i) => {
      const height = (INNER.height * value) / (highest || 1);
      const x = MARGIN.left + i * step + 0.1 * step + s * width;
      const title = `<title>${escapeHtml(`${labels[i]}, ${name}: ${Number(value.toFixed(1))}`)}</title>`;
      const box = `x="${n(x)}" y="${n(MARGIN.top + INNER.height - height)}" width="${n(width)}" height="${n(height)}"`;
      return `<rect ${box} fill="${COLOURS[s]}">${title}</rect>`;
    }),
  );
  const names = labels.map((label, i) =>
    text(MARGIN.left + (i + 0.5) * step, HEIGHT - MARGIN.bottom + 16, clip(label, step)),
  );
  const label = series.map(
    ({ name, values }) => `${name}: ${labels.map((each, i) => `${each} ${n1(values[i])}`).join(', ')}`,
  );
  const parts = [...axis(highest, unit), ...bars, ...names, ...legend(series.map(({ name }) => name))];
  return svg(parts, `Bars, ${unit}. ${label.join('. ')}.`);
}

export interface Point {
  x: number; // 0 to 1
  y: number; // 0 to 1
  title: string;
}

/** A line through points of a unit square; `diagonal` draws where both are equal. */
export function unitChart(points: Point[], x: string, y: string, { diagonal = false, dots = false } = {}): string {
  const place = (point: { x: number; y: number }) =>
    [MARGIN.left + point.x * INNER.width, MARGIN.top + (1 - point.y) * INNER.height].map(n).join(',');
  const line = `<polyline fill="none" stroke="${COLOURS[0]}" stroke-width="2" points="${points.map(place).join(' ')}"/>`;
  const dot = (point: Point) => {
    const [cx, cy] = place(point).split(',');
    return `<circle cx="${cx}" cy="${cy}" r="4" fill="${COLOURS[0]}"><title>${escapeHtml(point.title)}</title></circle>`;
  };
  const ends = [{ x: 0, y: 0 }, { x: 1, y: 1 }].map(place).join(' '); // prettier-ignore
  const equal = `<polyline fill="none" stroke="currentColor" stroke-dasharray="4" opacity="0.5" points="${ends}"/>`;
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) =>
    text(MARGIN.left + share * INNER.width, HEIGHT - MARGIN.bottom + 16, String(share)),
  );
  const name = text(MARGIN.left + INNER.width / 2, HEIGHT - 16, x);
  const parts = [...axis(1, y), ...ticks, name, ...(diagonal ? [equal] : []), line, ...(dots ? points.map(dot) : [])];
  const read = points.map((point) => `${n(point.x)} ${n(point.y)}`).join(', ');
  return svg(parts, `A line: ${y} by ${x}. Points: ${read}.`);
}

/** In a frame that scrolls, by keyboard too, so that a narrow page need not make the labels too small to read. */
function svg(parts: string[], label: string): string {
  const open = `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(label)}" font-size="11">`;
  return `<div class="chart" role="group" aria-label="Chart" tabindex="0">${open}\n${parts.join('\n')}\n</svg></div>`;
}

function axis(highest: number, unit: string): string[] {
  const lines = [0, 0.5, 1].map((share) => {
    const y = n(MARGIN.top + (1 - share) * INNER.height);
    const line = `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y}" y2="${y}" stroke="currentColor" opacity="0.25"/>`;
    return line + text(MARGIN.left - 6, Number(y) + 4, String(Number((share * highest).toPrecision(3))), 'end');
  });
  const name = `<text transform="translate(12 ${MARGIN.top + INNER.height / 2}) rotate(-90)" text-anchor="middle" fill="currentColor">${escapeHtml(unit)}</text>`;
  return [...lines, name];
}

function legend(names: string[]): string[] {
  return names.flatMap((name, i) => {
    const x = MARGIN.left + i * 110;
    const square = `<rect x="${x}" y="${HEIGHT - 22}" width="10" height="10" fill="${COLOURS[i]}"/>`;
    return [square, text(x + 15, HEIGHT - 13, name, 'start')];
  });
}

function text(x: number, y: number, content: string, anchor = 'middle'): string {
  return `<text x="${n(x)}" y="${n(y)}" text-anchor="${anchor}" fill="currentColor">${escapeHtml(content)}</text>`;
}

/** What of a label fits: about 6 units a character. */
function clip(label: string, width: number): string {
  const most = Math.max(1, Math.floor(width / 5.6));
  return label.length > most ? `${label.slice(0, Math.max(1, most - 1))}…` : label;
}

const n1 = (value: number) => String(Number(value.toFixed(1)));
const n = (value: number) => String(Number(value.toFixed(2)));

function largest(series: Series[]): number {
  return Math.max(0, ...series.flatMap(({ values }) => values));
}

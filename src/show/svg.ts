// Small charts as SVG text, for pages that stand alone. Lines and text take the page's colour, light or dark. They are narrow
// enough for a phone, where their letters are as large as here; the page may make them larger.
import { escapeHtml } from '../escape-html';

const WIDTH = 350;
const FONT = 11;
const COLOURS = ['var(--first, #4c78a8)', 'var(--second, #f58518)'];

export interface Series {
  name: string;
  values: number[];
}

/** Of bars: a line with the label, below it a bar for each series with its value at the end. */
const BARS = { top: 24, line: 16, bar: 12, gap: 10, value: 40 };

/**
 * Bars to the right, below each label.
 *
 * @param name What the chart shows, for readers who do not see it.
 * @param highest Value of the longest bar that there could be; by default the largest value.
 * @example barChart('Scores by question word', ['who', 'when'], [{ name: 'F1', values: [80, 60] }], 'percent', 100)
 */
export function barChart(
  name: string,
  labels: string[],
  series: Series[],
  unit: string,
  highest = largest(series),
): string {
  const step = BARS.line + series.length * BARS.bar + BARS.gap;
  const groups = labels.map((label, i) => {
    const y = BARS.top + i * step;
    const bars = series.map((one, s) =>
      bar(one, s, { value: one.values[i], y: y + BARS.line + s * BARS.bar, highest, label }),
    );
    return [text(0, y + FONT, clip(label), 'start'), ...bars].join('');
  });
  const parts = [legend(series.map(({ name: of }) => of), unit), ...groups]; // prettier-ignore
  const read = series.map(
    (one) => `${one.name}: ${labels.map((label, i) => `${label} ${n1(one.values[i])}`).join(', ')}`,
  );
  return svg(parts, BARS.top + labels.length * step, `${name}, as bars, in ${unit}. ${read.join('. ')}.`);
}

interface Bar {
  value: number;
  y: number;
  highest: number;
  label: string;
}

function bar({ name }: Series, s: number, { value, y, highest, label }: Bar): string {
  const width = ((WIDTH - BARS.value) * value) / (highest || 1);
  const title = `<title>${escapeHtml(`${label}, ${name}: ${n1(value)}`)}</title>`;
  const box = `x="0" y="${n(y)}" width="${n(width)}" height="${BARS.bar - 2}"`;
  return `<rect ${box} fill="${COLOURS[s]}">${title}</rect>${text(width + 4, y + BARS.bar - 3, n1(value), 'start')}`;
}

/** Which colour is what, in one line. */
function legend(names: string[], unit: string): string {
  let x = 0;
  const keys = names.map((name, i) => {
    const key = `<rect x="${n(x)}" y="1" width="10" height="10" fill="${COLOURS[i]}"/>${text(x + 14, 10, name, 'start')}`;
    x += 14 + widthOf(name) + 12;
    return key;
  });
  return [...keys, text(x, 10, `(${unit})`, 'start')].join('');
}

export interface Point {
  x: number; // 0 to 1
  y: number; // 0 to 1
  title: string;
}

const UNIT = { left: 42, right: 10, top: 8, bottom: 36, height: 250 };
const INNER = { width: WIDTH - UNIT.left - UNIT.right, height: UNIT.height - UNIT.top - UNIT.bottom };
/** So many points are read out; of more, those nearest to some places. */
const READ = 12;
const PLACES = [0.1, 0.25, 0.5, 0.75, 0.9, 1];

export interface UnitOptions {
  /** Draws where both are equal. */
  diagonal?: boolean;
  dots?: boolean;
}

/**
 * A line through points of a unit square.
 *
 * @param name What the chart shows, for readers who do not see it.
 * @example unitChart('Calibration', [{ x: 0.5, y: 0.4, title: '12 questions' }], 'probability', 'share')
 */
export function unitChart(name: string, points: Point[], x: string, y: string, options: UnitOptions = {}): string {
  const place = (point: { x: number; y: number }) =>
    [UNIT.left + point.x * INNER.width, UNIT.top + (1 - point.y) * INNER.height].map(n).join(',');
  const line = `<polyline fill="none" stroke="${COLOURS[0]}" stroke-width="2" points="${points.map(place).join(' ')}"/>`;
  const dot = (point: Point) => {
    const [cx, cy] = place(point).split(',');
    return `<circle cx="${cx}" cy="${cy}" r="4" fill="${COLOURS[0]}"><title>${escapeHtml(point.title)}</title></circle>`;
  };
  const ends = [{ x: 0, y: 0 }, { x: 1, y: 1 }].map(place).join(' '); // prettier-ignore
  const equal = `<polyline fill="none" stroke="currentColor" stroke-dasharray="4" opacity="0.5" points="${ends}"/>`;
  const drawn = [...(options.diagonal ? [equal] : []), line, ...(options.dots ? points.map(dot) : [])];
  return svg([...axes(x, y), ...drawn], UNIT.height, `${name}: ${y} by ${x}. ${readOut(points, x, y)}.`);
}

/** What a line says: all of its points, or some. */
function readOut(points: Point[], x: string, y: string): string {
  const pair = (point: Point) => `${n(point.x)} ${n(point.y)}`;
  if (points.length <= READ) return `Points: ${points.map(pair).join(', ')}`;
  const nearest = (wanted: number) =>
    points.reduce((best, point) => (Math.abs(point.x - wanted) < Math.abs(best.x - wanted) ? point : best));
  const some = [...new Set(PLACES.map(nearest))].map((point) => `${n(point.y)} at ${n(point.x)}`);
  return `${points.length} points; ${y} at some values of ${x}: ${some.join(', ')}`;
}

function axes(x: string, y: string): string[] {
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) =>
    text(UNIT.left + share * INNER.width, UNIT.height - UNIT.bottom + 15, String(share)),
  );
  const lines = [0, 0.5, 1].map((share) => {
    const at = n(UNIT.top + (1 - share) * INNER.height);
    const line = `<line x1="${UNIT.left}" x2="${WIDTH - UNIT.right}" y1="${at}" y2="${at}" stroke="currentColor" opacity="0.25"/>`;
    return line + text(UNIT.left - 6, Number(at) + 4, String(share), 'end');
  });
  const turned = `<text transform="translate(${FONT} ${UNIT.top + INNER.height / 2}) rotate(-90)" text-anchor="middle" fill="currentColor">${escapeHtml(y)}</text>`;
  return [...lines, ...ticks, text(UNIT.left + INNER.width / 2, UNIT.height - 4, x), turned];
}

function svg(parts: string[], height: number, label: string): string {
  const open = `<svg class="chart" viewBox="0 0 ${WIDTH} ${n(height)}" role="img" aria-label="${escapeHtml(label)}" font-size="${FONT}">`;
  return `${open}\n${parts.join('\n')}\n</svg>`;
}

function text(x: number, y: number, content: string, anchor = 'middle'): string {
  return `<text x="${n(x)}" y="${n(y)}" text-anchor="${anchor}" fill="currentColor">${escapeHtml(content)}</text>`;
}

/** About 6 units a character. */
const widthOf = (content: string) => 6 * content.length;

/** A label has its line to itself; one that is longer still is data gone wrong. */
function clip(label: string): string {
  const most = Math.floor(WIDTH / 6);
  return label.length > most ? `${label.slice(0, most - 1)}…` : label;
}

const n1 = (value: number) => String(Number(value.toFixed(1)));
const n = (value: number) => String(Number(value.toFixed(2)));

function largest(series: Series[]): number {
  return Math.max(0, ...series.flatMap(({ values }) => values));
}

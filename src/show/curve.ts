// A learning curve as a table for a terminal and as a plotly figure.
import type { Choice } from '../evaluation/choose';
import { type CurvePoint, type CurveRow, curveRows } from '../evaluation/curve';
import { type Figure, GRID, layout, PALETTE } from './plots';
import type { TextRow } from './text-table';

/**
 * One row for each size and way: means with half the width of their 95 % interval, and the gain over the way that it builds on. A gain
 * that the scatter of the draws does not allow to claim is called "not sure".
 *
 * @example process.stdout.write(textTable(curveTable(points)))
 */
export function curveTable(points: CurvePoint[]): TextRow[] {
  return curveRows(points).map(({ size, way, exact, f1, seconds, gain }) => ({
    examples: size,
    way,
    draws: f1.draws,
    exact: exact.mean.toFixed(1),
    F1: f1.mean.toFixed(1),
    '±': Number.isNaN(f1.half) ? '' : f1.half.toFixed(1),
    seconds: seconds.toFixed(0),
    gain: gain ? gainText(gain) : '',
  }));
}

/**
 * What each way that was tried is worth, over the first.
 *
 * @example process.stderr.write(textTable(choicesTable(choices)))
 */
export function choicesTable(choices: Choice[]): TextRow[] {
  const [{ way: over }] = choices;
  return choices.map(({ way, f1, gain }) => ({
    way,
    parts: f1.draws,
    F1: `${f1.mean.toFixed(1)} %`,
    gain: gain ? gainText({ ...gain, over }) : '',
  }));
}

function gainText({ mean, half, over, isSure, draws }: NonNullable<CurveRow['gain']>): string {
  const signed = `${mean < 0 ? '' : '+'}${mean.toFixed(1)}`;
  if (draws < 2) return `${signed} over ${over} (one draw)`;
  return `${signed} ± ${half.toFixed(1)} over ${over}${isSure ? '' : ' (not sure)'}`;
}

/**
 * F1 over the number of examples, a line with error bars for each way; what a model gives before training is a dotted line.
 *
 * @example curvePlot(points)
 */
export function curvePlot(points: CurvePoint[], metric: 'f1' | 'exact' = 'f1'): Figure {
  const rows = curveRows(points);
  const ways = [...new Set(rows.map(({ way }) => way))];
  const data = ways.flatMap((name, i) => {
    const color = PALETTE[i % PALETTE.length];
    const own = rows.filter(({ way, size }) => way === name && size > 0);
    const untouched = rows.find(({ way, size }) => way === name && size === 0);
    const line = trace(name, own, metric, color);
    return untouched && own.length > 0 ? [line, dotted(name, untouched[metric].mean, own, color)] : [line];
  });
  const label = metric === 'f1' ? 'F1, %' : 'exact match, %';
  const shown = layout('What examples bring', 'own examples', label, describe(rows, metric));
  const sizes = [...new Set(rows.map(({ size }) => size))].filter((size) => size > 0);
  const ticks = { type: 'log', tickvals: sizes, ticktext: sizes.map(String) };
  const xaxis = { ...(shown.xaxis as object), ...ticks, ...GRID };
  // intervals of few draws go beyond what a score can be, and would press the lines together
  const yaxis = { ...(shown.yaxis as object), range: [0, 100] };
  return { data, layout: { ...shown, xaxis, yaxis } };
}

function trace(name: string, rows: CurveRow[], metric: 'f1' | 'exact', color: string): Record<string, unknown> {
  return {
    type: 'scatter',
    mode: 'lines+markers',
    name,
    line: { color },
    x: rows.map(({ size }) => size),
    y: rows.map((row) => row[metric].mean),
    error_y: { type: 'data', array: rows.map((row) => (Number.isNaN(row[metric].half) ? 0 : row[metric].half)), color },
  };
}

function dotted(name: string, value: number, rows: CurveRow[], color: string): Record<string, unknown> {
  const sizes = rows.map(({ size }) => size);
  return {
    type: 'scatter',
    mode: 'lines',
    name: `${name}, 0 examples`,
    line: { color, dash: 'dot' },
    x: [Math.min(...sizes), Math.max(...sizes)],
    y: [value, value],
  };
}

function describe(rows: CurveRow[], metric: 'f1' | 'exact'): string {
  const said = rows.map((row) => `${row.way} with ${row.size}: ${row[metric].mean.toFixed(1)}`);
  return `${metric === 'f1' ? 'F1' : 'Exact match'} in percent by the number of own examples. ${said.join('; ')}.`;
}

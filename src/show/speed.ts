// Measurements of ways of training as a table and as bars.
import { DataFrame } from 'danfojs-node';
import type { Measurement } from '../training/measure';
import { type Figure, COLOURS, GRID, layout } from './plots';

/**
 * Speed and memory of each way; `against` is the one that others are compared with, by default the first.
 *
 * @example speedTable(await measureTraining(encoder, features, settings))
 */
export function speedTable(measurements: Measurement[], against = measurements[0].name): DataFrame {
  const base = measurements.find(({ name }) => name === against)!;
  const rows = measurements.map((each) => ({
    'way of training': each.name,
    'examples/s': rounded(each.examplesPerSecond),
    'times as fast': rounded(each.examplesPerSecond / base.examplesPerSecond),
    'tokens/s': Math.round(each.tokensPerSecond),
    'peak memory, GB': rounded(each.peakMemory / 1e9),
    loss: rounded(each.loss),
  }));
  return new DataFrame(rows);
}

/**
 * Bars of speed and of memory, side by side.
 *
 * @example speedPlot(measurements)
 */
export function speedPlot(measurements: Measurement[]): Figure {
  const names = measurements.map(({ name }) => name);
  const bars = (values: number[], color: string, xaxis: string) => ({
    type: 'bar',
    orientation: 'h',
    y: names,
    x: values,
    xaxis,
    marker: { color },
    showlegend: false,
    text: values.map((value) => value.toFixed(1)),
    textposition: 'auto',
    cliponaxis: false,
  });
  const speeds = measurements.map(({ examplesPerSecond }) => examplesPerSecond);
  const memory = measurements.map(({ peakMemory }) => peakMemory / 1e9);
  const each = names.map((name, i) => `${name} ${speeds[i].toFixed(1)} and ${memory[i].toFixed(1)}`);
  const alt = `Bars of examples a second and gigabytes at the peak: ${each.join('; ')}.`;
  return {
    data: [bars(speeds, COLOURS.main, 'x'), bars(memory, COLOURS.second, 'x2')],
    layout: {
      ...layout('Speed and memory of ways of training', '', '', alt),
      grid: { rows: 1, columns: 2, pattern: 'coupled' },
      xaxis: { title: { text: 'examples a second (more is better)' }, ...GRID },
      xaxis2: { title: { text: 'peak memory, GB (less is better)' }, ...GRID },
      yaxis: { autorange: 'reversed', automargin: true },
      height: 120 + 36 * names.length,
    },
  };
}

const rounded = (value: number) => Math.round(value * 100) / 100;

// The precisions of exported files next to each other, as a table and as bars.
import { DataFrame } from 'danfojs-node';
import type { ExportMeasurement } from '../publish/compare';
import { type Figure, GRID, layout, PALETTE } from './plots';

const AXES = ['x', 'x2', 'x3'];

/**
 * One row for each precision.
 *
 * @example exportsTable(await compareExports(folder, model, tokenizer, records))
 */
export function exportsTable(measurements: ExportMeasurement[]): DataFrame {
  const rows = measurements.map(({ precision, bytes, questionsPerSecond, exact, f1, same }) => ({
    precision,
    'size, MB': rounded(bytes / 1e6),
    'questions/s': rounded(questionsPerSecond),
    'exact match, %': rounded(exact),
    'F1, %': rounded(f1),
    "the model's own answers, %": rounded(same),
  }));
  return new DataFrame(rows);
}

/** Bars of size, speed and F1, side by side. */
export function exportsPlot(measurements: ExportMeasurement[]): Figure {
  const names = measurements.map(({ precision }) => precision);
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
  const columns = [
    measurements.map(({ bytes }) => bytes / 1e6),
    measurements.map(({ questionsPerSecond }) => questionsPerSecond),
    measurements.map(({ f1 }) => f1),
  ];
  const each = names.map((name, i) => `${name} ${columns.map((values) => values[i].toFixed(1)).join(', ')}`);
  return {
    data: columns.map((values, i) => bars(values, PALETTE[i], AXES[i])),
    layout: {
      ...layout('What precision costs', '', '', `Bars of megabytes, questions a second and F1: ${each.join('; ')}.`),
      grid: { rows: 1, columns: 3, pattern: 'coupled' },
      xaxis: { title: { text: 'size, MB (less is better)' }, ...GRID },
      xaxis2: { title: { text: 'questions a second (more is better)' }, ...GRID },
      xaxis3: { title: { text: 'F1, percent (more is better)' }, ...GRID },
      yaxis: { autorange: 'reversed', automargin: true },
      height: 120 + 36 * names.length,
    },
  };
}

const rounded = (value: number) => Math.round(value * 10) / 10;

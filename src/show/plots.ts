// Figures for plotly, as plain objects: any front end can draw them.
import { counted } from '../counted';

/** What plotly draws. */
export interface Figure {
  data: Record<string, unknown>[];
  layout: Record<string, unknown>;
}

/** For several curves or groups: told apart also by eyes that confuse red and green, and on light and dark. */
export const PALETTE = ['#4c78a8', '#f58518', '#54a24b', '#e45756', '#72b7b2', '#b279a2', '#9d755d', '#eeca3b'];
export const COLOURS = { main: '#4c78a8', second: '#f58518', faint: 'rgba(76, 120, 168, 0.35)' };

/** Lines and zero lines that neither light nor dark hides. */
export const GRID = { gridcolor: 'rgba(128, 128, 128, 0.25)', zerolinecolor: 'rgba(128, 128, 128, 0.5)' };

/** @param alt What the picture shows, in a sentence, for readers who do not see it. */
export function layout(title: string, x: string, y: string, alt?: string): Record<string, unknown> {
  return {
    title: { text: title },
    xaxis: { title: { text: x }, automargin: true, ...GRID },
    yaxis: { title: { text: y }, ...GRID },
    height: 360,
    margin: { l: 60, r: 20, t: 50, b: 50 },
    // transparent, so that light and dark themes both show through
    paper_bgcolor: 'rgba(0, 0, 0, 0)',
    plot_bgcolor: 'rgba(0, 0, 0, 0)',
    // readable on white and on black, where no theme says better
    font: { color: '#757575' },
    ...(alt && { meta: { alt } }),
  };
}

/**
 * The loss of every step, and its running mean.
 *
 * @example lossPlot(history)
 */
export function lossPlot(losses: number[], window = 10): Figure {
  const steps = losses.map((_, i) => i + 1);
  const mean = runningMean(losses, window);
  const alt = `The training loss in ${counted(losses.length, 'step')}: its running mean goes ${course(mean, window)}.`;
  return {
    data: [
      { type: 'scatter', mode: 'lines', name: 'loss', x: steps, y: losses, line: { color: COLOURS.faint } },
      { type: 'scatter', mode: 'lines', name: `mean of ${window}`, x: steps, y: mean, line: { color: COLOURS.main } },
    ],
    layout: layout('Training loss', 'step', 'loss', alt),
  };
}

/**
 * Several named curves over their steps, each as its running mean.
 *
 * @example curvesPlot({ slow: [4, 3.5], fast: [4, 2] }, 'Training loss', 'step', 'loss')
 */
export function curvesPlot(curves: Record<string, number[]>, title: string, x: string, y: string, window = 10): Figure {
  const data = Object.entries(curves).map(([name, values], i) => ({
    type: 'scatter',
    mode: 'lines',
    name,
    line: { color: PALETTE[i % PALETTE.length] },
    x: values.map((_, step) => step + 1),
    y: runningMean(values, window),
  }));
  const courses = Object.entries(curves).map(
    ([name, values]) => `${name} ${course(runningMean(values, window), window)}`,
  );
  return { data, layout: layout(title, x, y, `${title}, running means: ${courses.join('; ')}.`) };
}

/** From where to where a curve goes, once its first window is full. */
function course(mean: number[], window: number): string {
  if (mean.length === 0) return 'nowhere';
  const [first, last] = [mean[Math.min(window, mean.length) - 1], mean[mean.length - 1]];
  return `from ${first.toFixed(2)} to ${last.toFixed(2)}`;
}

/** How often each value occurs. */
export function histogram(values: number[], title: string, x: string): Figure {
  const sorted = [...values].sort((a, b) => a - b);
  const [least, median, most] = [0, 0.5, 1].map((share) => sorted[Math.floor(share * (sorted.length - 1))]);
  const alt = `${title}: ${counted(values.length, 'row')}, from ${least} to ${most} ${x}, half of them at most ${median}.`;
  return {
    data: [{ type: 'histogram', x: values, marker: { color: COLOURS.main } }],
    layout: layout(title, x, 'rows', alt),
  };
}

/**
 * By how many tokens predicted starts and ends miss the true ones; 0 is a hit.
 *
 * @param limit Larger distances are counted at the edge.
 */
export function distancePlot(start: number[], end: number[], limit = 10): Figure {
  const bins = Array.from({ length: 2 * limit + 1 }, (_, i) => i - limit);
  const count = (distances: number[]) => {
    const clamped = distances.map((distance) => Math.max(-limit, Math.min(limit, distance)));
    return bins.map((bin) => clamped.filter((distance) => distance === bin).length);
  };
  const bars = (name: string, distances: number[], color: string) => {
    return { type: 'bar', name, x: bins, y: count(distances), marker: { color } };
  };
  const title = 'Distance of predicted from true position';
  const share = (all: number[], least: number, most: number) =>
    Math.round((100 * all.map(Math.abs).filter((one) => least <= one && one <= most).length) / (all.length || 1));
  const of = (all: number[]) => `${share(all, 0, 0)} % hit, ${share(all, 1, 2)} % are off by one or two tokens`;
  const alt = `${title}: of the starts ${of(start)}; of the ends ${of(end)}; the others are farther away.`;
  return {
    data: [bars('start', start, COLOURS.main), bars('end', end, COLOURS.second)],
    layout: layout(title, `tokens (±${limit} and beyond at the edges)`, 'rows', alt),
  };
}

/** The mean of each value and those just before it, `window` in all. */
function runningMean(values: number[], window: number): number[] {
  return values.map((_, i) => average(values.slice(Math.max(0, i - window + 1), i + 1)));
}

function average(values: number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

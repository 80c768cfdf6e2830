// Figures on training: schedules, gradient norms, and the loss on data that training does not see.
import type { MetricsLine } from '../training/metrics-file';
import type { Schedule } from '../training/schedule';
import { type Figure, COLOURS, GRID, layout, PALETTE } from './plots';
import { counted } from '../counted';

const line = (name: string, color: string, x: number[], y: number[], more: Record<string, unknown> = {}) => {
  return { type: 'scatter', mode: 'lines', name, x, y, line: { color }, ...more };
};

/** So that a line which covers another lets it be seen. */
const DASHES = ['solid', 'dash', 'solid', 'dot'];

const count = (length: number) => Array.from({ length }, (_, i) => i + 1);

/**
 * The learning rate of every step under several schedules.
 *
 * @example schedulePlot({ linear: schedule('linear', 100, 10) }, 100, 2e-4)
 */
export function schedulePlot(schedules: Record<string, Schedule>, steps: number, learningRate: number): Figure {
  const data = Object.entries(schedules).map(([name, rate], i) => {
    const rates = count(steps).map((step) => learningRate * rate(step - 1));
    return line(name, PALETTE[i % PALETTE.length], count(steps), rates);
  });
  const alt = `Lines of the learning rate over ${counted(steps, 'step')} for the schedules ${Object.keys(schedules).join(', ')}.`;
  const base = layout('Learning rate', 'step', 'learning rate', alt);
  return { data, layout: { ...base, yaxis: { ...(base.yaxis as object), exponentformat: 'e', automargin: true } } };
}

/**
 * Values over steps, one line each: weights, losses, rates. Above 1, `window` shows the mean of so many steps.
 *
 * @example pathsPlot({ SGD: [1, 0.9], AdamW: [1, 0.8] }, 'One weight', 'weight')
 */
export function pathsPlot(paths: Record<string, number[]>, title: string, y: string, window = 1): Figure {
  const entries = Object.entries(paths).map(([name, values]) => [name, runningMeans(values, window)] as const);
  const data = entries.map(([name, values], i) => ({
    ...line(name, '', count(values.length), values),
    line: { color: PALETTE[i % PALETTE.length], dash: DASHES[i % DASHES.length] },
  }));
  const ends = entries.map(([name, values]) => `${name} goes from ${short(values[0])} to ${short(values.at(-1)!)}`);
  const axis = window > 1 ? `${y}, mean of ${window} steps` : y;
  return { data, layout: layout(title, 'step', axis, `${title}, a line each: ${ends.join('; ')}.`) };
}

/**
 * The length of the gradient at every step, and the limit to which longer ones are cut.
 *
 * @example clippingPlot(norms, 1)
 */
export function clippingPlot(norms: number[], limit: number): Figure {
  const steps = count(norms.length);
  const cut = norms.filter((norm) => norm > limit).length;
  const alt = `Gradient norms of ${counted(norms.length, 'step')}, from ${short(Math.min(...norms))} to ${short(Math.max(...norms))}; ${cut} are above the limit ${limit}.`;
  return {
    data: [
      line('as computed', COLOURS.main, steps, norms),
      line('as applied', COLOURS.second, steps, norms.map((norm) => Math.min(norm, limit))), // prettier-ignore
    ],
    layout: {
      ...layout('Length of the gradient', 'step', 'global norm', alt),
      shapes: [
        { type: 'line', xref: 'paper', x0: 0, x1: 1, y0: limit, y1: limit, line: { color: '#808080', dash: 'dot' } },
      ],
    },
  };
}

/**
 * Losses of a run on its own data and on held-out data (`eval_loss`), with the step where the latter was smallest.
 *
 * @param lines As `readMetrics` gives them.
 * @example overfittingPlot(readMetrics('runs/one/metrics.jsonl'))
 */
export function overfittingPlot(lines: MetricsLine[], window = 8): Figure {
  const steps = lines.filter((each) => 'loss' in each);
  const metrics = lines.filter((each) => 'eval_loss' in each);
  const best = metrics.reduce((a, b) => (b.eval_loss < a.eval_loss ? b : a));
  const means = runningMeans(steps.map(({ loss }) => loss), window); // prettier-ignore
  const alt = `Training loss falls to ${short(means.at(-1)!)}; held-out loss is smallest, ${short(best.eval_loss)}, after step ${best.step} and ends at ${short(metrics.at(-1)!.eval_loss)}.`;
  const x = (of: MetricsLine[]) => of.map(({ step }) => step);
  const heldOut = metrics.map((each) => each.eval_loss);
  return {
    data: [
      line(`training, mean of ${window} steps`, COLOURS.main, x(steps), means),
      line('held out', COLOURS.second, x(metrics), heldOut, { mode: 'lines+markers' }),
      {
        type: 'scatter',
        mode: 'markers',
        name: 'best',
        x: [best.step],
        y: [best.eval_loss],
        marker: { size: 14, symbol: 'circle-open', color: COLOURS.second, line: { width: 2 } },
      },
    ],
    layout: layout('Loss on data that training sees, and does not see', 'step', 'loss', alt),
  };
}

/**
 * A metric against the number of examples that training had, one point each.
 *
 * @example learningCurvePlot([{ examples: 8, value: 20 }, { examples: 32, value: 45 }], 'F1')
 */
export function learningCurvePlot(points: { examples: number; value: number }[], metric: string): Figure {
  const text = points.map(({ value }) => value.toFixed(0));
  const alt = `${metric} on held-out questions: ${points.map(({ examples, value }) => `${value.toFixed(0)} with ${counted(examples, 'example')}`).join(', ')}.`;
  const [x, y] = [points.map(({ examples }) => examples), points.map(({ value }) => value)];
  const more = { mode: 'lines+markers+text', text, textposition: 'top center', cliponaxis: false, showlegend: false };
  return {
    data: [line(metric, COLOURS.main, x, y, { ...more, marker: { size: 9 } })],
    layout: {
      ...layout(`${metric} by the number of examples`, 'examples trained on', `${metric}, percent`, alt),
      yaxis: { title: { text: `${metric}, percent` }, range: [0, 105], ...GRID },
    },
  };
}

/** The mean of each value and those just before it. */
function runningMeans(values: number[], window: number): number[] {
  return values.map((_, i) => mean(values.slice(Math.max(0, i - window + 1), i + 1)));
}

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const short = (value: number) => Number(value.toPrecision(3)).toString();

// Curves of several runs in one plotly figure: loss, learning rate, gradient norm, exact match and F1; also while one trains.
import { type MetricsLine, stepLine } from '../training/metrics-file';
import { type RunCurves, readCurves } from '../training/runs';
import type { StepReport } from '../training/state';
import { GRID, layout as layoutOf, PALETTE, type Figure } from './plots';
import { smooth } from './progress';
import { counted } from '../counted';

const PANELS = ['loss', 'learning rate', 'gradient norm', 'F1'];
/** More points than this are thinned: no screen shows them, and a notebook keeps them all. */
const MOST_POINTS = 1000;

/**
 * One colour a run, four panels.
 *
 * @param runs Folders of runs, or their numbers.
 * @example runsPlot(['runs/one', 'runs/two'])
 */
export function runsPlot(runs: (string | RunCurves)[]): Figure {
  const curves = runs.map((run) => (typeof run === 'string' ? readCurves(run) : run));
  const data = curves.flatMap((run, i) => traces(run, PALETTE[i % PALETTE.length]));
  return { data, layout: layout(curves) };
}

function traces({ name, lines }: RunCurves, color: string): Record<string, unknown>[] {
  const steps = thin(withSmoothLoss(lines.filter((line) => 'loss' in line)));
  const metrics = lines.filter((line) => 'eval_f1' in line || 'eval_exact' in line);
  const trace = (panel: number, of: MetricsLine[], key: string, more: Record<string, unknown> = {}) => ({
    type: 'scatter',
    mode: 'lines',
    name,
    legendgroup: name,
    showlegend: false,
    line: { color },
    x: of.map(({ step }) => step),
    y: of.map((line) => line[key]),
    xaxis: axis('x', panel),
    yaxis: axis('y', panel),
    ...more,
  });
  const withPoints = { mode: 'lines+markers' };
  return [
    trace(0, steps, 'loss', { line: { color, width: 1 }, opacity: 0.3, hoverinfo: 'skip' }),
    trace(0, steps, 'smoothed', { showlegend: true }),
    trace(1, steps, 'learning_rate'),
    trace(2, steps, 'grad_norm', { line: { color, width: 1 } }),
    trace(3, metrics, 'eval_exact', { ...withPoints, line: { color, dash: 'dot' }, marker: { symbol: 'circle-open' } }),
    trace(3, metrics, 'eval_f1', withPoints),
  ];
}

function withSmoothLoss(lines: MetricsLine[]): MetricsLine[] {
  let smoothed = NaN;
  return lines.map((line) => ({ ...line, smoothed: (smoothed = smooth(smoothed, line.loss)) }));
}

/** Every n-th of many lines, and the last. */
function thin(lines: MetricsLine[]): MetricsLine[] {
  const every = Math.ceil(lines.length / MOST_POINTS);
  return lines.filter((_, i) => i % every === 0 || i === lines.length - 1);
}

const axis = (letter: string, panel: number) => (panel === 0 ? letter : `${letter}${panel + 1}`);

function layout(curves: RunCurves[]): Record<string, unknown> {
  const hasExact = curves.some(({ lines }) => lines.some((line) => 'eval_exact' in line));
  const titles = PANELS.map((title) => (title === 'F1' && hasExact ? 'F1 (dotted: exact match)' : title));
  const axes = titles.flatMap((title, panel) => [
    [axis('x', panel).replace('x', 'xaxis'), { title: { text: panel > 1 ? 'step' : '' }, ...GRID }],
    [axis('y', panel).replace('y', 'yaxis'), { title: { text: title }, exponentformat: 'e', ...GRID }],
  ]);
  return {
    ...layoutOf('Runs step by step', '', '', describe(curves)),
    grid: { rows: 2, columns: 2, pattern: 'independent' },
    ...Object.fromEntries(axes),
    height: 560,
    margin: { l: 60, r: 20, t: 50, b: 90 },
    legend: { orientation: 'h', y: -0.16 },
  };
}

/** What the curves come to, for readers who do not see them. */
function describe(curves: RunCurves[]): string {
  const ends = curves.map(({ name, lines }) => {
    const loss = withSmoothLoss(lines.filter((line) => 'loss' in line)).at(-1);
    const f1 = lines.filter((line) => 'eval_f1' in line).at(-1)?.eval_f1;
    const said = loss ? `loss ${loss.smoothed.toFixed(2)} after ${counted(loss.step, 'step')}` : 'no steps yet';
    return `${name}: ${said}${f1 === undefined ? '' : `, F1 ${f1.toFixed(1)}`}`;
  });
  return `Loss, learning rate, gradient norm and metrics over the steps. ${ends.join('; ')}.`;
}

/** Shows a value and gives back a handle that replaces it: the notebook's `display`. */
export type Display = (value: unknown) => { update(value: unknown): void };

/** Between two drawings. */
const REDRAW_MS = 2000;

/**
 * The figure of a run in progress, drawn again as it trains, together with runs that are over.
 *
 * @example
 * const live = new LiveRunPlot(display, 'now', ['runs/before']);
 * const trainer = new Trainer({ …, onStep: (report) => live.step(report), onEvaluation: (...metrics) => live.evaluation(...metrics) });
 */
export class LiveRunPlot {
  private readonly run: RunCurves;
  private readonly others: RunCurves[];
  private readonly handle: { update(value: unknown): void };
  private last: number;

  constructor(display: Display, name = 'this run', others: string[] = []) {
    this.run = { name, lines: [] };
    this.others = others.map(readCurves);
    this.handle = display(this.figure());
    this.last = performance.now();
  }

  step(report: StepReport, now = performance.now()): void {
    this.run.lines.push(stepLine(report, report.epoch));
    const isLast = report.step === report.totalSteps;
    if (now - this.last < REDRAW_MS && !isLast) return;
    this.last = now;
    this.draw();
  }

  evaluation(step: number, metrics: Record<string, number>): void {
    this.run.lines.push({
      step,
      ...Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`eval_${name}`, value])),
    });
    this.draw();
  }

  private draw(): void {
    this.handle.update(this.figure());
  }

  private figure(): Figure {
    return runsPlot([...this.others, this.run]);
  }
}

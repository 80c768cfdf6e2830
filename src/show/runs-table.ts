// Runs side by side: how they ended, their numbers, and the options in which they differ.
import type { RunSummary } from '../training/runs';
import { duration } from './progress';
import type { TextRow } from './text-table';
import { percent, textTable } from './text-table';

/**
 * One row for each run, with a column for every option that is not the same in all of them.
 *
 * @example runRows(findRuns('runs').map(summarizeRun))
 */
export function runRows(runs: RunSummary[]): TextRow[] {
  const differing = differingOptions(runs);
  return runs.map(({ name, status, steps, loss, metrics, tokensPerSecond, seconds, options }) => ({
    run: name,
    status,
    steps,
    loss: rounded(loss, 3),
    exact: rounded(metrics.exact, 1),
    F1: rounded(metrics.f1, 1),
    'tokens/s': rounded(tokensPerSecond, 0),
    time: seconds === undefined ? '' : duration(seconds),
    ...Object.fromEntries(differing.map((option) => [option, text(options[option])])),
  }));
}

function differingOptions(runs: RunSummary[]): string[] {
  const names = [...new Set(runs.flatMap(({ options }) => Object.keys(options)))];
  return names.filter((name) => new Set(runs.map(({ options }) => text(options[name]))).size > 1);
}

function rounded(value: number | undefined, digits: number): number | string {
  return value === undefined ? '' : Number(value.toFixed(digits));
}

function text(value: unknown): string | number {
  if (value === undefined) return '';
  return typeof value === 'number' ? value : String(value);
}

/**
 * The runs as a table for a terminal, with percentages written as such.
 *
 * @example runsText(findRuns('runs').map(summarizeRun))
 */
export function runsText(runs: RunSummary[]): string {
  const written = (cell: string | number) => (typeof cell === 'number' ? percent(cell) : cell);
  const rows = runRows(runs).map((row) => ({ ...row, exact: written(row.exact), F1: written(row.F1) }));
  return textTable(rows);
}

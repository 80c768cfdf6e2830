// Runs side by side: how they ended, their numbers, and the options in which they differ.
import path from 'node:path';
import { LAST_STEPS } from '../training/recent';
import type { RunSummary } from '../training/runs';
import { duration } from './progress';
import { type TextRow, percent, textTable } from './text-table';

/**
 * One row for each run, with a column for every option that is not the same in all of them.
 *
 * @example runRows(summarizeRuns(findRuns('runs')))
 */
export function runRows(runs: RunSummary[]): TextRow[] {
  const differing = differingOptions(runs);
  return runs.map(({ name, status, steps, loss, metrics, tokensPerSecond, seconds, options }) => {
    const row: TextRow = {
      run: name,
      status,
      steps,
      loss: rounded(loss, 3),
      exact: rounded(metrics.exact, 1),
      F1: rounded(metrics.f1, 1),
      'tokens/s': rounded(tokensPerSecond, 0),
      time: seconds === undefined ? '' : duration(seconds),
    };
    // `steps` is a number of the run and also an option
    const columns = differing.map((option) => [option in row ? `${option} (option)` : option, text(options[option])]);
    return { ...row, ...(Object.fromEntries(columns) as TextRow) };
  });
}

/** Of those runs that say something of an option: a loop of one's own writes down few of them. */
function differingOptions(runs: RunSummary[]): string[] {
  const names = [...new Set(runs.flatMap(({ options }) => Object.keys(options)))];
  return names.filter((name) => {
    const said = runs.filter(({ options }) => options[name] !== undefined);
    return new Set(said.map(({ options }) => text(options[name]))).size > 1;
  });
}

function rounded(value: number | undefined, digits: number): number | string {
  return value === undefined ? '' : Number(value.toFixed(digits));
}

function text(value: unknown): string | number {
  if (value === undefined) return '';
  if (typeof value === 'number') return value;
  return typeof value === 'string' && path.isAbsolute(value) ? shortPath(value) : String(value);
}

/** From here where it is below, else the last two names. */
function shortPath(file: string): string {
  const relative = path.relative('', file);
  return relative.startsWith('..') ? file.split(path.sep).slice(-2).join(path.sep) : relative;
}

/**
 * The runs as a table for a terminal, with percentages written as such.
 *
 * @example runsText(summarizeRuns(findRuns('runs')))
 */
export function runsText(runs: RunSummary[]): string {
  const written = (cell: string | number) => (typeof cell === 'number' ? percent(cell) : cell);
  const rows = runRows(runs).map(({ run, status, steps, loss, exact, F1, ...others }) => {
    const shown = { [`loss (last ${LAST_STEPS})`]: loss, exact: written(exact), F1: written(F1) };
    return { run, status, steps, ...shown, ...others };
  });
  return textTable(rows);
}

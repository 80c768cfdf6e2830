// Runs side by side: how they ended, their numbers, and the options in which they differ.
import type { RunSummary } from '../training/runs';
import { duration } from './progress';

/** A run as a row; all rows have the same columns. */
export type RunRow = Record<string, string | number>;

/**
 * One row for each run, with a column for every option that is not the same in all of them.
 *
 * @example runRows(findRuns('runs').map(summarizeRun))
 */
export function runRows(runs: RunSummary[]): RunRow[] {
  const differing = differingOptions(runs);
  return runs.map(({ name, status, steps, loss, marks, tokensPerSecond, seconds, options }) => ({
    ...{ run: name, status, steps, loss: rounded(loss, 3) },
    ...{ exact: rounded(marks.exact, 1), F1: rounded(marks.f1, 1) },
    ...{ 'tokens/s': rounded(tokensPerSecond, 0), time: seconds === undefined ? '' : duration(seconds) },
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

/** Rows as aligned columns, numbers to the right. */
export function textTable(rows: RunRow[]): string {
  const names = Object.keys(rows[0] ?? {});
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => String(row[name]).length)));
  const isNumber = names.map((name) => rows.some((row) => typeof row[name] === 'number'));
  const line = (cells: string[]) =>
    cells.map((cell, i) => (isNumber[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  ');
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name])))].map(line);
  return lines.map((each) => `${each.trimEnd()}\n`).join('');
}

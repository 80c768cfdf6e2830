// Error analysis as danfojs frames for notebooks.
import { DataFrame } from 'danfojs-node';
import { type Grouping, type QuestionResult, groupMetrics } from '../evaluation/analysis';
import type { Comparison } from '../evaluation/analysis-compare';
import { countMisses } from '../evaluation/analysis-distance';
import type { Evaluation } from '../evaluation/evaluate';

/**
 * Exact match and F1 of each group, in percent.
 *
 * @example groupTable(results, 'question word')
 */
export function groupTable(results: QuestionResult[], grouping: Grouping): DataFrame {
  return rounded(groupMetrics(results, grouping).map(({ group, ...metrics }) => ({ [grouping]: group, ...metrics })));
}

/** Hits, near and far misses of start and end, in rows that hold an answer. */
export function missTable(evaluation: Pick<Evaluation, 'features' | 'logits'>): DataFrame {
  return rounded(countMisses(evaluation).map((misses) => ({ ...misses })));
}

/** Two models side by side, with the interval of their difference in points. */
export function comparisonTable(comparisons: Comparison[]): DataFrame {
  return rounded(
    comparisons.map(({ metric, first, second, difference, low, high, better, worse }) => {
      return { metric, first, second, difference, low, high, better, worse };
    }),
  );
}

function rounded(rows: Record<string, string | number>[]): DataFrame {
  const round = (value: string | number) => (typeof value === 'number' ? Math.round(value * 10) / 10 : value);
  return new DataFrame(
    rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, round(value)]))),
  );
}

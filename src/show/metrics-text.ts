// Scores as people read them: one table in percent, and a sentence for each further number.
import { type TextRow, percent, textTable } from './text-table';

/** By the names of the official evaluation; `start_accuracy` and `end_accuracy` are from 0 to 1, all else is percent. */
export type Metrics = Record<string, number | undefined>;

const GROUPS: [title: string, prefix: string][] = [
  ['all questions', ''],
  ['with an answer', 'HasAns_'],
  ['without an answer', 'NoAns_'],
];

/**
 * Exact match and F1 for all questions and, where the data has both kinds, for each kind.
 *
 * @example metricsText({ exact: 34.4, f1: 39.7, total: 224 })
 */
export function metricsText(metrics: Metrics): string {
  return [textTable(metricsRows(metrics)), ...metricsSentences(metrics).map((text) => `${text}\n`)].join('');
}

/** The rows of that table. */
export function metricsRows(metrics: Metrics): TextRow[] {
  return GROUPS.filter(([, prefix]) => metrics[`${prefix}exact`] !== undefined).map(([title, prefix]) => ({
    '': title,
    questions: metrics[`${prefix}total`] ?? '',
    'exact match': percent(metrics[`${prefix}exact`]!),
    F1: percent(metrics[`${prefix}f1`]!),
  }));
}

/** What does not fit into the table: accuracy of the positions, and a threshold that would be better. */
export function metricsSentences(metrics: Metrics): string[] {
  const { start_accuracy: start, end_accuracy: end, best_f1: bestF1, best_f1_thresh: threshold } = metrics;
  const lines: string[] = [];
  if (start !== undefined && end !== undefined) {
    lines.push(
      `The first token of the answer is right in ${percent(100 * start)} of the rows, the last in ${percent(100 * end)}.`,
    );
  }
  if (bestF1 !== undefined && threshold !== undefined && bestF1 > metrics.f1!) {
    lines.push(
      `At best, F1 would be ${percent(bestF1)}: with --null-threshold ${Number(threshold.toPrecision(4))}, chosen on these same questions.`,
    );
  }
  return lines;
}

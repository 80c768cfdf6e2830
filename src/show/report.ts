// An evaluation as one HTML file that needs nothing else: scores, groups, distances, calibration, the worst predictions.
import fs from 'node:fs';
import path from 'node:path';
import { toFileError } from '../errors';
import { type Grouping, type QuestionResult, groupMetrics, GROUPINGS, questionResults } from '../evaluation/analysis';
import { averagePrecision, calibration, calibrationError, noAnswerCurve } from '../evaluation/analysis-calibration';
import { countMisses } from '../evaluation/analysis-distance';
import type { Evaluation } from '../evaluation/evaluate';
import { worstPredictions } from './errors';
import { writeAtomically } from '../staged-file';
import { htmlTable } from './html';
import { escapeHtml } from '../escape-html';
import { metricsRows, metricsSentences } from './metrics-text';
import { barChart, unitChart } from './svg';
import { percent } from './text-table';
import { counted } from '../counted';
import { makeFolder } from '../make-folder';

export interface ReportOptions {
  title?: string;
  /** How many of the worst predictions. */
  worst?: number;
}

/** The design that all our pages share, and what only a report has. */
const STYLE = `${fs.readFileSync(path.join(__dirname, '..', 'page', 'style.css'), 'utf8')}
body { max-width: 60rem; }
table { border-collapse: collapse; margin: 0.5rem 0; display: block; overflow-x: auto; }
th, td { padding: 0.2rem 0.6rem 0.2rem 0; text-align: left; border-bottom: 1px solid var(--line); }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; }
.chart { width: 100%; max-width: 30rem; height: auto; display: block; }
article { border-top: 1px solid var(--line); padding-top: 0.5rem; overflow-wrap: anywhere; }`;

/**
 * The report as HTML. It loads nothing, runs no script, and follows the reader's light or dark theme.
 *
 * @example fs.writeFileSync('report.html', reportHtml(await evaluate(model, tokenizer, records)))
 */
export function reportHtml(evaluation: Evaluation, options: ReportOptions = {}): string {
  const results = questionResults(evaluation);
  const title = escapeHtml(options.title ?? 'Evaluation');
  const policy = `default-src 'none'; style-src 'unsafe-inline'`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="viewport" content="width=device-width, initial-scale=1">
<style>${STYLE}</style></head>
<body><main>
<h1>${title}</h1>
${section('Scores', scoresPart(evaluation))}
${GROUPINGS.map((grouping) => section(titleOf(grouping), groupPart(results, grouping))).join('\n')}
${section(MISSES, missPart(evaluation))}
${section('Calibration', calibrationPart(results))}
${noAnswerPart(results)}
${section('The worst predictions', worstPredictions(results, options.worst))}
</main></body></html>
`;
}

/**
 * Writes `report.html` into `folder` and returns its path.
 *
 * @throws FileError
 */
export function writeReport(folder: string, evaluation: Evaluation, options: ReportOptions = {}): string {
  const file = path.join(folder, 'report.html');
  try {
    makeFolder(folder);
    writeAtomically(file, reportHtml(evaluation, options));
  } catch (error) {
    throw toFileError(error, file);
  }
  return file;
}

const section = (title: string, content: string) => `<section>\n<h2>${escapeHtml(title)}</h2>\n${content}\n</section>`;

function scoresPart({ metrics, threshold }: Evaluation): string {
  const { startAccuracy, endAccuracy, ...official } = metrics;
  const named = { ...official, start_accuracy: startAccuracy, end_accuracy: endAccuracy };
  const withheld = Number.isFinite(threshold)
    ? `Where the model’s score for “no answer” is more than ${threshold.toFixed(2)} above its best answer’s, it gives no answer.`
    : 'Every question gets an answer.';
  const meaning =
    'Exact match counts the answers with the same words as a person’s; F1 gives a part of the point for a part of the words.';
  const sentences = [meaning, ...metricsSentences(named), withheld].map((text) => `<p>${escapeHtml(text)}</p>`);
  return `${htmlTable(metricsRows(named))}\n${sentences.join('\n')}`;
}

/** @example titleOf('question word') // 'By question word' */
const titleOf = (grouping: Grouping) => (grouping === 'impossible' ? 'With and without an answer' : `By ${grouping}`);

function groupPart(results: QuestionResult[], grouping: Grouping): string {
  const groups = groupMetrics(results, grouping);
  const values = (of: 'exact' | 'f1') => groups.map((group) => group[of]);
  const series = [{ name: 'exact match', values: values('exact') }, { name: 'F1', values: values('f1') }]; // prettier-ignore
  const name = `Scores ${titleOf(grouping).toLowerCase()}`;
  const chart = barChart(name, groups.map(({ group }) => group), series, 'percent', 100); // prettier-ignore
  const rows = groups.map(({ group, questions, exact, f1 }) => {
    return { group, questions, 'exact match': percent(exact), F1: percent(f1) };
  });
  return `${chart}\n${htmlTable(rows)}`;
}

const MISSES = 'Distance of predicted from true position';

function missPart(evaluation: Evaluation): string {
  const misses = countMisses(evaluation);
  const kinds = ['hit', 'off by one', 'off by 2 to 5', 'farther', 'no answer'] as const;
  const series = misses.map((row) => ({ name: row.position, values: kinds.map((kind) => row[kind]) }));
  const note = '<p>In tokens, for the highest start and end score of each row that holds an answer.</p>';
  return `${note}\n${barChart(MISSES, [...kinds], series, 'rows')}\n${htmlTable(misses)}`;
}

function calibrationPart(results: QuestionResult[]): string {
  const bins = calibration(results);
  const points = bins.map(({ probability: x, right: y, questions }) => ({
    x,
    y,
    title: counted(questions, 'question'),
  }));
  const error = (100 * calibrationError(bins)).toFixed(1);
  const chart = unitChart('Calibration', points, 'probability of the answer', 'share that is right', {
    diagonal: true,
    dots: true,
  });
  return `${chart}\n<p>On the dashed line probabilities mean what they say; the mean distance is ${error} points.</p>`;
}

function noAnswerPart(results: QuestionResult[]): string {
  const curve = noAnswerCurve(results);
  if (curve.length === 0) return '';
  const points = curve.map(({ recall, precision }) => ({ x: recall, y: precision, title: '' }));
  const note = `<p>Average precision ${averagePrecision(curve).toFixed(2)}.</p>`;
  const title = 'Precision and recall of “no answer”';
  return section(title, `${unitChart(title, points, 'recall', 'precision')}\n${note}`);
}

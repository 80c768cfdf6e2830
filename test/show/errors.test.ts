// What error analysis shows: tables, figures, marked texts, charts and the report hold the numbers, and data is never markup.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { describe } from 'node:test';
import fc from 'fast-check';
import { questionResults } from '../../src/evaluation/analysis';
import { compareModels } from '../../src/evaluation/analysis-compare';
import { calibrationPlot, groupPlot, noAnswerPlot } from '../../src/show/error-plots';
import { comparisonTable, groupTable, missTable } from '../../src/show/error-tables';
import { worstPredictions } from '../../src/show/errors';
import { highlight, htmlTable, type MarkedSpan } from '../../src/show/html';
import { escapeHtml } from '../../src/escape-html';
import { reportHtml, writeReport } from '../../src/show/report';
import { barChart, unitChart } from '../../src/show/svg';
import { ATTACK, smallEvaluation } from './evaluation';

const evaluation = smallEvaluation();
const results = questionResults(evaluation);
const text = (html: string) => html.replace(/<[^>]*>/g, '');

describe('tables and figures', () => {
  test('groups, misses and comparisons as frames', () => {
    const groups = groupTable(results, 'impossible');
    assert.deepEqual(groups.columns, ['impossible', 'questions', 'exact', 'f1']);
    assert.deepEqual(groups.values, [['answerable', 3, 33.3, 60], ['no answer', 1, 0, 0]]); // prettier-ignore
    assert.deepEqual(missTable(evaluation).values, [['start', 1, 1, 0, 0, 1], ['end', 1, 0, 1, 0, 1]]); // prettier-ignore
    const compared = comparisonTable(compareModels(results, results));
    assert.deepEqual(compared.values[1], ['f1', 45, 45, 0, 0, 0, 0, 0]);
  });

  test('figures: a bar a group, the diagonal, precision over recall', () => {
    const { data } = groupPlot(results, 'impossible');
    assert.deepEqual(data.map(({ y }) => y), [[100 / 3, 0], [60, 0]]); // prettier-ignore
    assert.deepEqual(data[0].x, ['answerable (3)', 'no answer (1)']);
    assert.deepEqual(calibrationPlot(results).data[0].y, [0, 1]);
    assert.deepEqual(noAnswerPlot(results).data[0].x, [0, 0, 1, 1]);
    assert.match(JSON.stringify(noAnswerPlot(results).layout), /average precision 0\.33/);
  });
});

describe('marked texts', () => {
  test('a span that leaves the text ends with it', () => {
    assert.match(highlight('Ada won.', [{ start: -3, end: 2, kind: 'true' }]), /^<mark[^>]*>Ad<\/mark>a won\.$/);
    assert.match(highlight('Ada won.', [{ start: 4, end: 99, kind: 'true' }]), /^Ada <mark[^>]*>won\.<\/mark>$/);
  });

  test('predicted, true and both where they overlap', () => {
    const spans: MarkedSpan[] = [{ start: 0, end: 6, kind: 'predicted' }, { start: 4, end: 8, kind: 'true' }]; // prettier-ignore
    const kinds = [...highlight('Ada & Bo won', spans).matchAll(/class="(\w+)"[^>]*>([^<]*)</g)].map(([, ...parts]) => parts); // prettier-ignore
    assert.deepEqual(kinds, [['predicted', 'Ada '], ['both', '&amp; '], ['true', 'Bo']]); // prettier-ignore
  });

  test('any text with any spans stays that text, and nothing of it is markup', () => {
    const span = fc.record({ start: fc.nat(12), end: fc.nat(12), kind: fc.constantFrom('predicted' as const, 'true' as const) }); // prettier-ignore
    const content = fc.array(fc.constantFrom('<', '>', '&', '"', "'", 'a', ' ', '🎉', 'é'), { minLength: 12 });
    fc.assert(
      fc.property(content, fc.array(span, { maxLength: 4 }), (parts, spans) => {
        const valid = spans.filter(({ start, end }) => start <= end);
        const marked = highlight(parts.join(''), valid);
        assert.equal(marked.replace(/<\/?mark[^>]*>/g, ''), escapeHtml(parts.join('')));
      }),
    );
  });

  test('the worst: question, prediction, truth and the text around them', () => {
    const html = worstPredictions(results, 2);
    assert.equal(html.match(/<article/g)!.length, 2);
    assert.ok(!html.includes('<script>'));
    assert.match(
      text(html),
      /Name the place where she went\. withheld\s+predicted: no answer \(\d+ %\), true: “home”, F1 0/,
    );
    assert.match(html, /<mark class="true"[^>]*>home<\/mark>/);
    assert.match(html, /<mark class="predicted"[^>]*>&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt;<\/mark>/);
    const long = `${'before '.repeat(100)}home ${'after '.repeat(100)}`;
    const record = { ...results[3].record, context: long, answers: [{ text: 'home', answerStart: 700 }] };
    const cut = text(worstPredictions([{ ...results[3], record }]));
    assert.match(cut, /… before .* home after .* after …/);
    assert.ok(cut.length < 700);
  });
});

describe('charts and the report', () => {
  test('bars as long as their values; labels are escaped and whole', () => {
    const svg = barChart(
      'Scores',
      ['<a>', '10 words or more, and more of them'],
      [{ name: 'F1', values: [50, 100] }],
      'percent',
      100,
    );
    const bars = [...svg.matchAll(/width="([\d.]+)" height="[\d.]+" fill="[^"]+"><title/g)].map(([, width]) =>
      Number(width),
    );
    assert.equal(bars[1], 2 * bars[0]);
    assert.ok(svg.includes('>10 words or more, and more of them<'));
    assert.match(svg, /aria-label="Scores, as bars, in percent\. F1: &lt;a&gt; 50, 10 words/);
    assert.match(svg, /&lt;a&gt;, F1: 50/);
    assert.ok(!barChart('a', ['a'], [{ name: 'n', values: [0] }], 'rows').includes('NaN'));
    assert.ok(!barChart('a', [], [], 'rows').includes('NaN'));
  });

  test('a line through its points, in a square of 0 to 1', () => {
    const points = [{ x: 0, y: 0, title: '' }, { x: 1, y: 1, title: '' }]; // prettier-ignore
    const lines = [
      ...unitChart('line', points, 'x', 'y', { diagonal: true, dots: true }).matchAll(/points="([^"]+)"/g),
    ];
    assert.equal(lines[0][1], lines[1][1]);
  });

  test('a line of many points is not recited', () => {
    const points = Array.from({ length: 200 }, (_, i) => ({ x: i / 199, y: 1 - i / 199, title: '' }));
    const [, label] = /aria-label="([^"]+)"/.exec(unitChart('Curve', points, 'recall', 'precision'))!;
    assert.match(
      label,
      /^Curve: precision by recall\. 200 points; precision at some values of recall: 0\.9 at 0\.1, .* 0 at 1\.$/,
    );
    assert.ok(label.length < 200, label);
  });

  test('tables: numbers to the right, text escaped', () => {
    assert.match(htmlTable([{ a: 1 / 3, b: '<' }]), /<td class="number">0\.3<\/td><td>&lt;<\/td>/);
  });

  test('the report is one file that loads nothing, holds the metrics, and takes no markup from data', () => {
    const folder = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'new');
    const html = fs.readFileSync(writeReport(folder, evaluation, { title: ATTACK, worst: 3 }), 'utf8');
    assert.equal(html, reportHtml(evaluation, { title: ATTACK, worst: 3 }));
    assert.ok(!/<script|<link|<img|href=|src=|url\(|https?:/.test(html));
    assert.match(html, /<td>all questions<\/td>(<td class="number">[^<]*<\/td>){2}<td class="number">45\.0 %<\/td>/);
    assert.equal(html.match(/<article/g)!.length, 3);
    assert.ok(!html.includes('NaN') && !html.includes('undefined'));
    assert.throws(() => writeReport('/dev/null/x', evaluation), { code: 'E_FILE' });
  });

  test('data where every question has an answer: no part about “no answer”', () => {
    const records = evaluation.records.filter((record) => !record.isImpossible);
    const predictions = evaluation.predictions.filter(({ id }) => id !== 'answered');
    const html = reportHtml({ ...evaluation, records, predictions, threshold: Infinity });
    assert.ok(!html.includes('Precision and recall'));
    assert.match(html, /Every question gets an answer/);
  });
});

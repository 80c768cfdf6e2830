// Figures and tables hold the numbers that they are asked to show.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { curvesPlot, distancePlot, histogram, lossPlot } from '../../src/show/plots';
import {
  listsTable,
  metricsTable,
  positionDistances,
  predictionsTable,
  questionTable,
  repairTable,
} from '../../src/show/tables';
import type { Evaluation } from '../../src/evaluation/evaluate';
import type { SquadRecord } from '../../src/squad/record';
import { startBackend } from '../engine/backend';
import { makeFeatures } from '../training/features';

before(startBackend);

test('the loss and its running mean', () => {
  const { data, layout } = lossPlot([4, 2, 3], 2);
  assert.deepEqual(data[0].y, [4, 2, 3]);
  assert.deepEqual(data[1].y, [4, 3, 2.5]);
  assert.deepEqual(layout.title, { text: 'Training loss' });
});

test('figures say in words what they show', () => {
  const words = ({ layout }: { layout: Record<string, unknown> }) => (layout.meta as { alt: string }).alt;
  assert.equal(words(lossPlot([4, 2, 1], 2)), 'The training loss in 3 steps: its running mean goes from 3.00 to 1.50.');
  assert.equal(
    words(curvesPlot({ a: [4, 2], b: [] }, 'T', 'x', 'y', 1)),
    'T, running means: a from 4.00 to 2.00; b nowhere.',
  );
  assert.equal(
    words(histogram([3, 1, 2], 'Lengths', 'tokens')),
    'Lengths: 3 rows, from 1 to 3 tokens, half of them at most 2.',
  );
  assert.match(
    words(distancePlot([0, 1, -2, 30], [0, 0, 0, 5])),
    /: of the starts 25 % hit, 50 % are off by one or two tokens; of the ends 75 % hit, 0 % are off/,
  );
});

test('named curves as running means, a colour each', () => {
  const { data } = curvesPlot({ slow: [4, 2, 3], fast: [1] }, 'Loss', 'step', 'loss', 2);
  assert.deepEqual(
    data.map(({ name, x, y }) => ({ name, x, y })),
    [
      { name: 'slow', x: [1, 2, 3], y: [4, 3, 2.5] },
      { name: 'fast', x: [1], y: [1] },
    ],
  );
  assert.notDeepEqual(data[0].line, data[1].line);
});

test('distances are counted, far ones at the edge', () => {
  const { data } = distancePlot([0, 0, -1, 50], [0, -50], 2);
  assert.deepEqual(data[0].x, [-2, -1, 0, 1, 2]);
  assert.deepEqual(data[0].y, [0, 1, 2, 0, 1]);
  assert.deepEqual(data[1].y, [1, 0, 1, 0, 0]);
  assert.deepEqual(histogram([1, 2], 'Title', 'x').data[0].x, [1, 2]);
});

test('questions with their first answers, impossible ones without', () => {
  const record = { id: 'a', title: 'T', context: 'x'.repeat(100), question: 'Q?', plausibleAnswers: [] };
  const answers = [
    { text: 'one', answerStart: 0 },
    { text: 'two', answerStart: 3 },
  ];
  const table = questionTable([
    { ...record, answers, isImpossible: false },
    { ...record, answers: [], isImpossible: true },
  ]);
  assert.deepEqual(table.columns, ['title', 'context', 'question', 'answer']);
  assert.deepEqual(table.column('answer').values, ['one', '(no answer)']);
  assert.ok(String(table.at(0, 'context')).length <= 60);
});

test('the lesson’s lists, long contexts shortened', () => {
  const lists = {
    contexts: ['x'.repeat(100)],
    questions: ['Why?'],
    answers: [{ text: 'x', answerStart: 3, answerEnd: 4 }],
  };
  const table = listsTable(lists);
  assert.deepEqual(table.columns, ['context', 'question', 'answer', 'answerStart', 'answerEnd']);
  assert.deepEqual(table.values, [['x'.repeat(59) + '…', 'Why?', 'x', 3, 4]]);
});

test('repairs and metrics, a row each', () => {
  const report = { exact: 3, oneLeft: 1, twoLeft: 0, elsewhere: 0, notFound: 2 };
  assert.deepEqual(repairTable({ train: report }).values, [['train', 3, 1, 0, 0, 2]]);
  const metrics = { exact: 30.06, f1: 45.04, total: 9, startAccuracy: 0.5, endAccuracy: 0.25 };
  assert.deepEqual(metricsTable({ after: metrics }).values, [['after', 50, 25, 30.1, 45]]);
});

const record = (id: string, isImpossible: boolean): SquadRecord => ({
  id,
  isImpossible,
  title: '',
  context: 'Ada won.',
  question: `Who won ${id}?`,
  plausibleAnswers: [],
  answers: isImpossible ? [] : [{ text: 'Ada', answerStart: 0 }],
});

test('predictions beside the truth, withheld answers named', () => {
  const span = { text: 'Ada', start: 0, end: 3, logit: 1, probability: 1 };
  const predictions = [
    { id: 'a', best: [span], nullOdds: -1 },
    { id: 'b', best: [span], nullOdds: 2 },
  ];
  const table = predictionsTable([record('a', false), record('b', true)], { predictions } as Evaluation);
  assert.deepEqual(table.values, [
    ['Who won a?', 'Ada', 'Ada'],
    ['Who won b?', '(no answer)', '(no answer)'],
  ]);
});

test('distances of predicted from true positions, only where there is an answer', () => {
  const features = makeFeatures([4, 4]);
  features.startPositions.set([1, 0]);
  features.endPositions.set([2, 0]);
  const logits = {
    startLogits: Float32Array.of(0, 0, 0, 9, 0, 9, 0, 0),
    endLogits: Float32Array.of(0, 9, 0, 0, 9, 0, 0, 0),
  };
  assert.deepEqual(positionDistances({ features, logits } as Evaluation), { start: [2], end: [-1] });
});

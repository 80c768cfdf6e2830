// What batches hold, ways of training side by side, tables about own data.
import assert from 'node:assert/strict';
import test from 'node:test';
import { batchesPlot, batchSizes, paddingTable } from '../../src/show/batches';
import { lengthsTable, partsTable, problemsTable } from '../../src/show/own-data';
import { speedPlot, speedTable } from '../../src/show/speed';
import type { SquadRecord } from '../../src/squad/record';
import { makeFeatures } from '../training/features';

const features = makeFeatures([4, 10, 4, 10]);

test('tokens and padding: to a length, to the longest of a batch, and none where rows of similar length meet', () => {
  const padded = batchSizes(features, { batchSize: 2, bucket: false, padTo: 12 });
  const mixed = batchSizes(features, { batchSize: 2, bucket: false });
  const sorted = batchSizes(features, { batchSize: 2 });
  assert.deepEqual(padded, [{ rows: 2, tokens: 14, padding: 10 }, { rows: 2, tokens: 14, padding: 10 }]); // prettier-ignore
  assert.deepEqual(mixed.map(({ padding }) => padding), [6, 6]); // prettier-ignore
  assert.deepEqual(sorted.map(({ tokens, padding }) => [tokens, padding]), [[8, 0], [20, 0]]); // prettier-ignore
  const rows = paddingTable({ padded, mixed, sorted }).values;
  assert.deepEqual(rows, [['padded', 2, 28, 20, '42 %'], ['mixed', 2, 28, 12, '30 %'], ['sorted', 2, 28, 0, '0 %']]); // prettier-ignore

  const figure = batchesPlot({ padded, sorted });
  assert.deepEqual(figure.data.map(({ y }) => y), [[14, 14], [10, 10], [8, 20], [0, 0]]); // prettier-ignore
  assert.deepEqual(figure.data.map(({ xaxis }) => xaxis), ['x', 'x', 'x2', 'x2']); // prettier-ignore
  assert.match((figure.layout.meta as { alt: string }).alt, /padded 42 %, sorted 0 %/);
});

test('measurements: compared with the one that is named', () => {
  const measured = ['slow', 'fast'].map((name, i) => ({
    name,
    examplesPerSecond: 2 + 4 * i,
    tokensPerSecond: 100.4,
    peakMemory: 1.5e9,
    passSeconds: [1, 1],
    loss: 4,
  }));
  assert.deepEqual(speedTable(measured).values, [['slow', 2, 1, 100, 1.5, 4], ['fast', 6, 3, 100, 1.5, 4]]); // prettier-ignore
  assert.deepEqual(speedTable(measured, 'fast').column('times as fast').values, [0.33, 1]);
  const { data, layout } = speedPlot(measured);
  assert.deepEqual([data[0].x, data[1].x], [[2, 6], [1.5, 1.5]]); // prettier-ignore
  assert.match((layout.meta as { alt: string }).alt, /slow 2\.0 and 1\.5; fast 6\.0 and 1\.5/);
});

const record = (context: string, question: string, answer?: string): SquadRecord => ({
  id: question,
  title: context,
  context,
  question,
  plausibleAnswers: [],
  isImpossible: answer === undefined,
  answers: answer === undefined ? [] : [{ text: answer, answerStart: context.indexOf(answer) }],
});

test('own data: lengths in words, parts, problems', () => {
  const records = [record('Ada won.', 'Who won?', 'Ada'), record('Ada won.', 'Who lost, and when?')];
  assert.deepEqual(lengthsTable(records).values, [['texts', 1, 2, 2, 2], ['questions', 2, 2, 2, 4], ['answers', 1, 1, 1, 1]]); // prettier-ignore
  assert.deepEqual(partsTable({ all: records }).values, [['all', 1, 1, 2, 1]]);
  const problem = { row: 3, kind: 'error' as const, what: 'wrong', mend: { answer: 'Ada', answer_start: '' } };
  assert.deepEqual(problemsTable([problem]).values, [[3, 'error', 'wrong', 'answer: Ada, answer_start: empty']]);
  assert.deepEqual(problemsTable([]).values, [['no problems']]);
});

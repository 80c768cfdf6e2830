// Pictures of vectors and of what training changed.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Figure } from '../../src/show/plots';
import { meaningsPlot, neighboursTable, similarityPlot, weightChangePlot, wordMap } from '../../src/show/vectors';

const alt = ({ layout }: Figure) => (layout.meta as { alt: string }).alt;

test('neighbours with two decimals', () => {
  const near = { red: [{ token: 'blue', cosine: 0.531 }, { token: '##s', cosine: 0.2 }] }; // prettier-ignore
  assert.deepEqual(neighboursTable(near).values, [['red', 'blue 0.53, ##s 0.20']]);
});

test('points by group, room around them, the variance on the axes', () => {
  const projection = { points: [[0, 0], [10, 20], [5, 5]] as [number, number][], shares: [0.5, 0.25] as [number, number] }; // prettier-ignore
  const figure = wordMap(projection, { title: 'bank', labels: ['a', 'b', 'c'], groups: ['river', 'money', 'river'] });
  assert.deepEqual(figure.data.map(({ name, x, y, text }) => ({ name, x, y, text })), [
    { name: 'river', x: [0, 5], y: [0, 5], text: ['a', 'c'] },
    { name: 'money', x: [10], y: [20], text: ['b'] },
  ]); // prettier-ignore
  const { title, range } = figure.layout.xaxis as { title: { text: string }; range: number[] };
  assert.deepEqual([title.text, range], ['component 1 (50 % of the variance)', [-1.5, 11.5]]);
  const [river, money] = figure.data.map(({ marker }) => marker as { color: string; symbol: string });
  assert.ok(river.color !== money.color && river.symbol !== money.symbol);
  assert.match(alt(figure), /3 points.*river, money.*75 percent/);
});

test('labels of near points go to different sides', () => {
  const points = [[0, 0], [1, 1], [0.05, 0], [2, 1.97], [1.95, 2]] as [number, number][]; // prettier-ignore
  const titles = { title: 'bank', labels: ['a', 'b', 'c', 'd', 'e'], groups: ['one', 'one', 'one', 'one', 'one'] };
  const [{ textposition }] = wordMap({ points, shares: [0.5, 0.5] }, titles).data as { textposition: string[] }[];
  const sides = textposition.map((position) => position.split(' ')[0]);
  assert.deepEqual(sides, ['top', 'top', 'bottom', 'bottom', 'top']);
});

test('changes of weights in percent, layers in order', () => {
  const figure = weightChangePlot([
    { layer: 0, part: 'embeddings', change: 0.01 },
    { layer: 1, part: 'attention', change: 0.02 },
    { layer: 2, part: 'attention', change: 0.04 },
  ]);
  assert.deepEqual(figure.data[1].x, ['layer 1', 'layer 2']);
  assert.deepEqual(figure.data[1].y, [2, 4]);
  assert.match(alt(figure), /largest change, 4\.0 percent, is in attention, layer 2/);
});

test('similarities and meanings, layer by layer', () => {
  const similarity = similarityPlot([{ layer: 0, cka: 1, cosine: 0.9 }, { layer: 1, cka: 0.2, cosine: -0.1 }]); // prettier-ignore
  assert.deepEqual(similarity.data.map(({ y }) => y), [[1, 0.2], [0.9, -0.1]]); // prettier-ignore
  assert.deepEqual((similarity.layout.yaxis as { range: number[] }).range, [-0.1, 1.05]);
  assert.match(alt(similarity), /CKA is 0\.20 and the mean cosine -0\.10/);
  const meanings = meaningsPlot([{ same: 1, other: 1 }, { same: 0.9, other: 0.5 }, { same: 0.8, other: 0.7 }]); // prettier-ignore
  assert.deepEqual(meanings.data[0].x, ['embeddings', 'layer 1', 'layer 2']);
  assert.match(alt(meanings), /furthest apart at layer 1/);
});

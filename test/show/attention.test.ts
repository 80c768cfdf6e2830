// Pictures of attention, scores and occlusion: they hold the numbers that they are given, say so in words, and escape text.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Exit } from '../../src/inspect/early-exit';
import type { Occlusion } from '../../src/inspect/occlusion';
import type { Reading } from '../../src/inspect/reading';
import { attentionHeads, attentionMap, attentionTargetsPlot } from '../../src/show/attention';
import { occlusionPlot, occlusionStrip, rankCorrelation, studyPlot } from '../../src/show/occlusion';
import type { Figure } from '../../src/show/plots';
import { exitMap, exitsTable, scoreBars, scoreStrip, shadedText } from '../../src/show/scores';

/** [CLS] who [SEP] <b> won [SEP], one layer, two heads: the first looks at itself, the second at token 4. */
const size = 6;
const self = Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
const fourth = Array.from({ length: size * size }, (_, i) => (i % size === 4 ? 1 : 0));
const reading: Reading = {
  texts: ['Who', '<b>  won'],
  inputIds: Int32Array.of(101, 2, 102, 4, 5, 102),
  tokenTypeIds: Uint8Array.of(0, 0, 0, 1, 1, 1),
  tokens: ['[CLS]', 'who', '[SEP]', '<b>', 'won', '[SEP]'],
  offsets: [[0, 0], [0, 3], [0, 0], [0, 3], [5, 8], [0, 0]], // prettier-ignore
  sources: [undefined, 0, undefined, 1, 1, undefined],
  words: [undefined, 0, undefined, 0, 1, undefined],
  hiddenStates: [],
  attentions: [Float32Array.from([...self, ...fourth])],
  heads: 2,
  startLogits: Float32Array.of(0, -9, -9, 2, 0, -9),
  endLogits: Float32Array.of(0, -9, -9, 0, 2, -9),
};
const alt = ({ layout }: Figure) => (layout.meta as { alt: string }).alt;
const values = (figure: Figure, key: string, trace = 0) => figure.data[trace][key] as number[];

test('a head as a map, named and counted from 1', () => {
  const figure = attentionMap(reading, { layer: 0, head: 1 }, 'Now');
  assert.deepEqual(
    figure.data[0].z,
    Array.from({ length: size }, () => [0, 0, 0, 0, 1, 0]),
  );
  assert.deepEqual((figure.layout.xaxis as { ticktext: string[] }).ticktext, reading.tokens);
  assert.deepEqual(figure.layout.title, { text: 'Now: layer 1, head 2' });
  assert.match(alt(figure), /6 by 6 tokens.*most is won with 100 percent/);
  assert.deepEqual((attentionMap(reading, { layer: 0 }).data[0].z as number[][])[0], [0.5, 0, 0, 0, 0.5, 0]);
});

test('all heads in one map, with empty cells between them', () => {
  const figure = attentionHeads(reading);
  const z = figure.data[0].z as (number | null)[][];
  assert.deepEqual(z[1], [0, 1, 0, 0, 0, 0, null, null, 0, 0, 0, 0, 1, 0]);
  assert.equal(z.length, size);
  assert.equal((figure.layout.shapes as unknown[]).length, 2);
  assert.match(alt(figure), /^1 rows of 2 small maps/);
});

test('targets as bars that fill 100 percent', () => {
  const figure = attentionTargetsPlot(reading);
  const total = figure.data.reduce((sum, { y }) => sum + (y as number[])[0], 0);
  assert.ok(Math.abs(total - 100) < 0.01);
  assert.match(alt(figure), /Special tokens get 0 percent/);
});

test('shaded text keeps the text, escapes it, and shows values', () => {
  const html = shadedText(reading, [0, 1, 0, 2, -5, 0], 'a < b', { marked: { start: 4, end: 4 } });
  const text = html.replace(/<[^>]*>/g, '');
  assert.equal(text, 'a &lt; b[CLS] Who [SEP] &lt;b&gt;  won [SEP]');
  const alphas = [...html.matchAll(/rgba\(76, 120, 168,([\d.]+)\)/g)].map(([, alpha]) => Number(alpha));
  assert.deepEqual(alphas, [0, 0.33, 0, 0.65, 0, 0]);
  assert.equal(html.match(/border-bottom/g)?.length, 1);
  assert.match(html, /title="&lt;b&gt;: 2"/);
  assert.match(shadedText(reading, [0, 1, 0, 0, 0, 0], '', { highest: 10 }), /168,0\.07/);
});

test('scores as strips with the answer underlined, and as bars', () => {
  const html = scoreStrip(reading);
  assert.equal(html.match(/border-bottom/g)?.length, 4); // <b> and won, in both strips
  const figure = scoreBars(reading);
  assert.deepEqual(values(figure, 'y'), [0, -9, -9, 2, 0, -9]);
  assert.deepEqual(values(figure, 'y', 1), [0, -9, -9, 0, 2, -9]);
  assert.match(alt(figure), /highest start is <b>, the highest end won/);
});

test('exits as a table and a map', () => {
  const flat = { startLogits: new Float32Array(size), endLogits: new Float32Array(size) };
  const exits: Exit[] = [
    { ...flat, layer: 0, text: '<b>', probability: 1 / 36, finalProbability: 1 / 36 },
    { ...reading, layer: 1, text: '<b>  won', probability: 0.5, finalProbability: 0.5 },
  ];
  assert.deepEqual(exitsTable(exits).values, [
    ['embeddings', '<b>', 2.8, 2.8],
    ['layer 1', '<b>  won', 50, 50],
  ]);
  const figure = exitMap(reading, exits);
  assert.deepEqual((figure.data[0].z as number[][])[0], new Array(size).fill(0.167));
  assert.match(alt(figure), /2 layers by 6 tokens.*<b>; <b> {2}won/);
});

const word = (text: string, source: number, start: number, attention: number, drop: number): Occlusion => {
  return { word: text, source, start, end: start, attention, drop };
};

test('occlusion on the text and against attention', () => {
  const occlusions = [word('Who', 0, 1, 0.1, 3), word('won', 1, 4, 0.2, -1)];
  const alphas = [...occlusionStrip(reading, occlusions).matchAll(/rgba\(245, 133, 24,([\d.]+)\)/g)].map(([, a]) => a);
  assert.deepEqual(alphas, ['0.00', '0.65', '0.00', '0.00', '0.00', '0.00']);
  const figure = occlusionPlot(occlusions);
  assert.deepEqual([values(figure, 'x'), values(figure, 'y')], [[10], [3]]);
  assert.deepEqual([values(figure, 'x', 1), values(figure, 'y', 1)], [[20], [-1]]);
  assert.match(alt(figure), /2 words.*Rank correlation -1\.00.*“Who”/);
});

test('a study as three clouds with their medians', () => {
  const trial = (mostAttended: number, neighbour: number, random: number) => {
    return { question: 'Who?', answer: 'Ada', mostAttended, neighbour, random };
  };
  const figure = studyPlot([trial(1, 2, 3), trial(3, 2, 0), trial(2, 9, 0)]);
  assert.deepEqual(figure.data.map(({ y }) => y), [[1, 3, 2], [2, 2, 9], [3, 0, 0]]); // prettier-ignore
  assert.match(alt(figure), /2\.00 without the most.*2\.00 without the word next to it.*0\.00 without a random/);
});

test('rank correlation sees order only; equal values share a rank', () => {
  assert.equal(rankCorrelation([1, 2, 3], [10, 100, 1000]), 1);
  assert.equal(rankCorrelation([1, 2, 3], [3, 2, 1]), -1);
  assert.equal(rankCorrelation([1, 1, 1], [1, 2, 3]), 0);
  // by hand: deviations of the ranks (-1.5, 0, 0, 1.5) and (-1.5, 0.5, -0.5, 1.5), 4.5 / √(4.5 · 5)
  assert.ok(Math.abs(rankCorrelation([1, 2, 2, 4], [1, 3, 2, 4]) - 0.9486832980505139) < 1e-12);
});

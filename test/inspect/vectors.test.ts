// Vectors of words and what training changes in a model, on numbers made by hand and beside their definitions.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { layerSimilarity, linearCka, weightChanges } from '../../src/inspect/similarity';
import { readInside, readText } from '../../src/inspect/reading';
import { cosine, groupCosines, nearestTokens, project, wordVectors } from '../../src/inspect/vectors';
import type { Tokenizer } from '../../src/tokens/tokenizer';
import { startBackend } from '../engine/backend';
import { loadTokenizer } from '../tokens/vocabulary';
import { CONTEXT, LAYERS, QUESTION, smallModel, WIDTH } from './small';

let tokenizer: Tokenizer;
before(async () => {
  await startBackend();
  tokenizer = await loadTokenizer();
});

const near = (actual: number, expected: number, tolerance = 1e-5) =>
  assert.ok(Math.abs(actual - expected) < tolerance, `${actual} is not ${expected}`);

test('cosines of pairs and groups', () => {
  near(cosine([1, 0], [0, 2]), 0);
  near(cosine([1, 2], [-2, -4]), -1);
  const { same, other } = groupCosines([[1, 0], [2, 0], [0, 1], [0, 5]], ['a', 'a', 'b', 'b']); // prettier-ignore
  near(same, 1);
  near(other, 0);
});

test('the nearest tokens have the largest cosines of the table', async () => {
  const model = smallModel();
  const table = model.parameters.get('embeddings.word').arraySync() as number[][]; // made on the first call
  const { numTensors } = tf.memory();
  const near3 = await nearestTokens(model, tokenizer, 'red', 3);
  assert.equal(tf.memory().numTensors, numTensors);
  const red = table[tokenizer.tokenToId('red')!];
  const all = table.map((row, id) => ({ token: tokenizer.idToToken(id)!, cosine: cosine(red, row) }));
  const expected = all.filter(({ token }) => token !== 'red' && !/^\[.+\]$/.test(token)).sort((a, b) => b.cosine - a.cosine); // prettier-ignore
  assert.deepEqual(near3.map(({ token }) => token), expected.slice(0, 3).map(({ token }) => token)); // prettier-ignore
  near3.forEach((found, i) => near(found.cosine, expected[i].cosine));
  await assert.rejects(nearestTokens(model, tokenizer, 'Red'), /no token of the vocabulary/);
});

test('a word of several pieces has the mean of their vectors; a part of a word is not the word', async () => {
  const model = smallModel();
  const [vector] = await wordVectors(model, tokenizer, ['The embeddings.'], 'embeddings', 1);
  const { tokens, hiddenStates } = await readText(model, tokenizer, 'The embeddings.');
  assert.deepEqual(tokens.slice(2, 6), ['em', '##bed', '##ding', '##s']);
  const values = hiddenStates[1].subarray(2 * WIDTH, 6 * WIDTH);
  vector.forEach((value, i) => near(value, [0, 1, 2, 3].reduce((sum, row) => sum + values[row * WIDTH + i], 0) / 4));
  const [again] = await wordVectors(model, tokenizer, ['The embeddings.'], 'EMBEDDINGS', 1);
  assert.deepEqual(again, vector);
  await assert.rejects(wordVectors(model, tokenizer, ['No lamps.'], 'lamp'), /does not have the word "lamp"/);
});

test('in the embeddings a word has one vector but for its position', async () => {
  const [a, b] = await wordVectors(smallModel(), tokenizer, ['Red lamp.', 'Old lamp!'], 'lamp', 0);
  assert.deepEqual(a, b);
  const [c, d] = await wordVectors(smallModel(), tokenizer, ['Red lamp.', 'Old lamp!'], 'lamp');
  assert.ok(cosine(c, d) < 0.9999);
});

test('the projection of points that lie in a line keeps everything in its first component', () => {
  const { points, shares } = project([[0, 0, 0], [1, 2, 2], [2, 4, 4]]); // prettier-ignore
  near(shares[0], 1);
  assert.deepEqual(points.map(([x]) => Math.abs(Math.round(x * 1e6) / 1e6)), [3, 0, 3]); // prettier-ignore
  assert.ok(points.every(([, y]) => Math.abs(y) < 1e-9));
});

test('weights that did not move have change 0, and a doubled matrix has 1', async () => {
  const [before, after] = [smallModel(), smallModel()];
  assert.ok((await weightChanges(before, after)).every(({ change }) => change === 0));
  for (const name of ['up.weight', 'up.bias', 'down.weight', 'down.bias'].map(
    (part) => `layers.1.feedForward.${part}`,
  )) {
    after.parameters.set(name, tf.mul(after.parameters.get(name), 2));
  }
  await weightChanges(before, after); // parameters make their tensors when first asked
  const { numTensors } = tf.memory();
  const moved = (await weightChanges(before, after)).filter(({ change }) => change > 0);
  assert.equal(tf.memory().numTensors, numTensors);
  assert.deepEqual(moved.map(({ layer, part }) => [layer, part]), [[2, 'feed-forward']]); // prettier-ignore
  near(moved[0].change, 1);
});

test('a part is counted once, and only the answer head is left out', async () => {
  const model = smallModel();
  const parts = (await weightChanges(model, model)).map(({ layer, part }) => `${layer} ${part}`);
  const perLayer = [1, 2, 3].flatMap((layer) => [`${layer} attention`, `${layer} feed-forward`, `${layer} layer norm`]);
  assert.deepEqual(parts.sort(), ['0 embeddings', '0 layer norm', ...perLayer].sort());
  const after = smallModel();
  after.parameters.set('answer.weight', tf.ones([2, WIDTH]));
  assert.ok((await weightChanges(model, after)).every(({ change }) => change === 0));
});

test('CKA does not see rotation, scale and shift, and falls for other numbers', () => {
  const x = tf.randomNormal([40, 3], 0, 1, 'float32', 1) as tf.Tensor2D;
  const turn = tf.tensor2d([[0, 1, 0], [0, 0, 1], [1, 0, 0]]); // prettier-ignore
  const cka = (y: tf.Tensor2D) => linearCka(x, y).dataSync()[0];
  near(cka(tf.add(tf.mul(tf.matMul(x, turn), -3), 5)), 1);
  assert.ok(cka(tf.randomNormal([40, 3], 0, 1, 'float32', 2)) < 0.5);
});

test('a model is like itself in every layer, and unlike another', async () => {
  const reading = await readInside(smallModel(), tokenizer, QUESTION, CONTEXT);
  for (const { cka, cosine: same } of await layerSimilarity([reading, reading], [reading, reading])) {
    near(cka, 1, 1e-4);
    near(same, 1, 1e-4);
  }
  const other = await readInside(smallModel(7), tokenizer, QUESTION, CONTEXT);
  const { numTensors } = tf.memory();
  const similarities = await layerSimilarity([reading], [other]);
  assert.equal(tf.memory().numTensors, numTensors);
  assert.equal(similarities.length, LAYERS + 1);
  assert.ok(similarities.every(({ cka, cosine: far }) => cka < 0.95 && far < 0.9));
});

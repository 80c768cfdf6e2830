// Readings and what is computed from them: attention, early exits, occlusion. Each number is also computed another way.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { attentionFrom, attentionMatrix, attentionTargets, TARGETS } from '../../src/inspect/attention';
import { earlyExits, settledLayer, type Exit } from '../../src/inspect/early-exit';
import { occlude, occlusionStudy, wordsOf } from '../../src/inspect/occlusion';
import { type Reading, bestSpan, readInside, readText } from '../../src/inspect/reading';
import { softmax } from '../../src/evaluation/softmax';
import type { QuestionAnsweringModel } from '../../src/model/question-answering';
import type { Tokenizer } from '../../src/tokens/tokenizer';
import { startBackend } from '../engine/backend';
import { loadTokenizer } from '../tokens/vocabulary';
import { CONTEXT, HEADS, LAYERS, QUESTION, smallModel, WIDTH } from './small';

let model: QuestionAnsweringModel;
let tokenizer: Tokenizer;
let reading: Reading;

before(async () => {
  await startBackend();
  model = smallModel();
  tokenizer = await loadTokenizer();
  reading = await readInside(model, tokenizer, QUESTION, CONTEXT);
});

const near = (actual: number, expected: number, tolerance = 1e-4) =>
  assert.ok(Math.abs(actual - expected) < tolerance, `${actual} is not ${expected}`);

/** A row of four tokens, [CLS] a [SEP] b, made by hand; `attentions` of 1 layer and 2 heads. */
function handmade(attentions: number[][]): Reading {
  return {
    texts: ['a', 'b'],
    tokens: ['[CLS]', 'a', '[SEP]', 'b'],
    sources: [undefined, 0, undefined, 1],
    offsets: [
      [0, 0],
      [0, 1],
      [0, 0],
      [0, 1],
    ],
    words: [undefined, 0, undefined, 0],
    heads: 2, // prettier-ignore
    inputIds: Int32Array.of(1, 2, 3, 4),
    tokenTypeIds: Uint8Array.of(0, 0, 0, 1),
    hiddenStates: [],
    attentions: [Float32Array.from(attentions.flat())],
    startLogits: Float32Array.of(9, 9, 9, 1),
    endLogits: Float32Array.of(9, 9, 9, 2),
  };
}

test('a reading has tokens, vectors and weights of one row, and leaves no tensor', async () => {
  const { numTensors } = tf.memory();
  const again = await readInside(model, tokenizer, QUESTION, CONTEXT);
  assert.equal(tf.memory().numTensors, numTensors);
  const sequence = again.tokens.length;
  assert.deepEqual(again.tokens.slice(0, 6), ['[CLS]', 'who', 'built', 'it', '?', '[SEP]']);
  assert.deepEqual(again.hiddenStates.map(({ length }) => length), new Array(LAYERS + 1).fill(sequence * WIDTH)); // prettier-ignore
  assert.deepEqual(again.attentions.map(({ length }) => length), new Array(LAYERS).fill(HEADS * sequence ** 2)); // prettier-ignore
  assert.deepEqual([...again.startLogits], [...reading.startLogits]);
});

test('a long text is cut, a text alone has one source', async () => {
  const short = await readInside(model, tokenizer, QUESTION, CONTEXT, 12);
  assert.equal(short.tokens.length, 12);
  const alone = await readText(model, tokenizer, 'Ada won.');
  assert.deepEqual(alone.sources, [undefined, 0, 0, 0, undefined]);
  assert.equal(bestSpan(alone).start > 0, true);
});

test('softmax sums to 1 and stands large scores', () => {
  assert.deepEqual([...softmax([1000, 1000])], [0.5, 0.5]);
  near(softmax([0, Math.log(3)])[1], 0.75);
  assert.deepEqual([...softmax([0, -1e30])], [1, 0]);
});

test('the best span is the most probable pair in the context', () => {
  const starts = softmax(reading.startLogits);
  const ends = softmax(reading.endLogits);
  const inContext = reading.tokens.map((_, i) => i).filter((i) => reading.sources[i] === 1);
  const pairs = inContext.flatMap((i) => inContext.filter((j) => j >= i && j < i + 3).map((j) => starts[i] * ends[j]));
  const best = bestSpan(reading, reading, 3);
  near(best.probability, Math.max(...pairs), 1e-12);
  near(best.probability, starts[best.start] * ends[best.end], 1e-12);
  assert.equal(best.text, CONTEXT.slice(reading.offsets[best.start][0], reading.offsets[best.end][1]));
});

test('heads are looked up and averaged', () => {
  const row = handmade([
    ...[[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], // prettier-ignore
    ...[[0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0], [0.5, 0.5, 0, 0]], // prettier-ignore
  ]);
  assert.deepEqual(attentionMatrix(row, { layer: 0, head: 1 })[3], [0.5, 0.5, 0, 0]);
  assert.deepEqual(attentionMatrix(row, { layer: 0 })[1], [0, 0.5, 0, 0.5]);
  assert.deepEqual(attentionFrom(row, { start: 3, end: 3 }), [0.25, 0.25, 0, 0.5]);
  assert.deepEqual(attentionFrom(row, { start: 1, end: 3 }, { head: 0 }), [0, 1 / 3, 1 / 3, 1 / 3]);
  // tokens 1 and 3 look, with the mean weights [0, .5, 0, .5] and [.25, .25, 0, .5]
  assert.deepEqual(Object.values(attentionTargets(row)[0]), [0.125, 0.5, 0, 0.125, 0.25]);
  assert.throws(() => attentionMatrix(row, { layer: 1 }), /1 × 2/);
  assert.throws(() => attentionMatrix(row, { layer: 0, head: 2 }), RangeError);
});

test('the targets of attention sum to 1 in every layer', () => {
  for (const shares of attentionTargets(reading)) {
    assert.deepEqual(Object.keys(shares), [...TARGETS]);
    near(Object.values(shares).reduce((a, b) => a + b), 1); // prettier-ignore
  }
});

test('the last early exit is the model itself', async () => {
  const { numTensors } = tf.memory();
  const exits = await earlyExits(model, reading);
  assert.equal(tf.memory().numTensors, numTensors);
  assert.deepEqual(exits.map(({ layer }) => layer), [0, 1, 2, 3]); // prettier-ignore
  const best = bestSpan(reading);
  assert.equal(exits[LAYERS].text, best.text);
  near(exits[LAYERS].probability, best.probability);
  near(exits[LAYERS].finalProbability, best.probability);
  assert.ok(exits.every(({ probability, finalProbability }) => finalProbability <= probability + 1e-9));
});

test('an answer is settled where it no longer changes', () => {
  const exits = (texts: string[]) => texts.map((text, layer) => ({ text, layer })) as Exit[];
  assert.equal(settledLayer(exits(['a', 'b', 'a', 'a'])), 2);
  assert.equal(settledLayer(exits(['a', 'a'])), 0);
  assert.equal(settledLayer(exits(['b', 'a'])), 1);
});

test('words are whole, in order, and not the answer', () => {
  const words = wordsOf(reading);
  const answer = bestSpan(reading);
  assert.deepEqual(words.filter(({ source }) => source === 0).map(({ word }) => word), ['Who', 'built', 'it', '?']); // prettier-ignore
  assert.ok(words.every(({ start, end }) => end < answer.start || start > answer.end));
  const covered = words.reduce((sum, { start, end }) => sum + end - start + 1, 0);
  const answerWords = new Set(reading.words.slice(answer.start, answer.end + 1));
  const others = reading.words.filter((word, i) => reading.sources[i] === 0 || (word !== undefined && !answerWords.has(word))); // prettier-ignore
  assert.equal(covered, others.length);
});

test('a hidden word costs what a forward pass with [MASK] in its place says', async () => {
  const { numTensors } = tf.memory();
  const [first] = await occlude(model, tokenizer, reading, wordsOf(reading).slice(0, 1));
  assert.equal(tf.memory().numTensors, numTensors);
  assert.equal(first.word, 'Who');
  const ids = reading.inputIds.map((id, i) => (i === 1 ? tokenizer.maskId! : id));
  const inputs = { inputIds: tf.tensor2d(ids, [1, ids.length], 'int32'), tokenTypeIds: tf.tensor2d(reading.tokenTypeIds, [1, ids.length], 'int32') }; // prettier-ignore
  const { startLogits, endLogits } = model.forward(inputs);
  const { start, end, probability } = bestSpan(reading);
  const hidden = softmax(startLogits.dataSync())[start] * softmax(endLogits.dataSync())[end];
  near(first.drop, Math.log(probability) - Math.log(hidden));
  near(first.attention, attentionFrom(reading, { start, end })[1]);
});

test('words hidden in several batches cost the same as each alone', async () => {
  const words = Array.from({ length: 9 }, () => wordsOf(reading)).flat();
  const all = await occlude(model, tokenizer, reading, words);
  assert.ok(words.length > 64);
  const [alone] = await occlude(model, tokenizer, reading, words.slice(-1));
  near(all.at(-1)!.drop, alone.drop);
});

test('a study has a trial a question, the same for the same seed; too short contexts are left out', async () => {
  const records = [{ question: QUESTION, context: CONTEXT }, { question: 'Who?', context: 'Ada won.' }]; // prettier-ignore
  const trials = await occlusionStudy(model, tokenizer, records);
  assert.equal(trials.length, 1);
  assert.equal(trials[0].answer, bestSpan(reading).text);
  assert.deepEqual(await occlusionStudy(model, tokenizer, records), trials);
  const all = await occlude(model, tokenizer, reading);
  const ofText = all.filter(({ source, word }) => source === 1 && /\w/.test(word));
  const most = ofText.reduce((a, b) => (b.attention > a.attention ? b : a));
  near(trials[0].mostAttended, most.drop);
  const { start } = bestSpan(reading);
  const beside = ofText.filter((word) => word.end < start).at(-1) ?? ofText[0];
  near(trials[0].neighbour, beside.drop);
});

// The fast operations against the plain ones: values, gradients, dropout, and that nothing leaks.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { nativeBackend } from '../../src/engine/backend';
import type { LayerContext, LayerWeights } from '../../src/engine/layer';
import { liveHandles } from '../../src/engine/native/binding';
import { fastOperations } from '../../src/engine/native/operations';
import { plainOperations } from '../../src/engine/plain';
import { Random } from '../../src/engine/random';
import { relativeDifference, startBackend } from './backend';

before(async () => {
  assert.match(await startBackend(), /^tensorflow/, 'these tests need the native library: npm run setup');
});

const HIDDEN = 8;
const random = new Random(5);
const normal = (shape: number[], scale = 0.5) =>
  tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => scale * random.normal()),
    shape,
  );

function layerWeights(): LayerWeights {
  const shapes: [keyof LayerWeights, number[]][] = [
    ['qkvWeight', [3 * HIDDEN, HIDDEN]],
    ['qkvBias', [3 * HIDDEN]],
    ['outWeight', [HIDDEN, HIDDEN]],
    ['outBias', [HIDDEN]],
    ['attentionNormGain', [HIDDEN]],
    ['attentionNormBias', [HIDDEN]],
    ['upWeight', [12, HIDDEN]],
    ['upBias', [12]],
    ['downWeight', [HIDDEN, 12]],
    ['downBias', [HIDDEN]],
    ['outputNormGain', [HIDDEN]],
    ['outputNormBias', [HIDDEN]],
  ];
  return Object.fromEntries(shapes.map(([name, shape]) => [name, normal(shape)])) as unknown as LayerWeights;
}

function layerContext(extra: Partial<LayerContext> = {}): LayerContext {
  return { batch: 2, sequence: 5, heads: 2, epsilon: 1e-12, index: 0, ...extra };
}

/** The gradient of a function that weighs each output differently, so that no error cancels out. */
function gradients(f: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): number[] {
  return tf.tidy(() => {
    const weigh = (y: tf.Tensor) => tf.sum(tf.mul(y, tf.reshape(tf.sin(tf.range(1, y.size + 1)), y.shape)));
    const all = tf.grads((...xs: tf.Tensor[]) => weigh(f(...xs)))(inputs);
    return all.flatMap((gradient) => Array.from(gradient.dataSync()));
  });
}

function same(fast: (...xs: tf.Tensor[]) => tf.Tensor, plain: typeof fast, inputs: tf.Tensor[]): void {
  assert.ok(relativeDifference(fast(...inputs).dataSync(), plain(...inputs).dataSync()) < 1e-5, 'values');
  assert.ok(relativeDifference(gradients(fast, inputs), gradients(plain, inputs)) < 1e-4, 'gradients');
}

test('embedding: values and gradients, the padding row without one', () => {
  const ids = tf.tensor1d([3, 0, 3, 1], 'int32');
  const table = normal([4, HIDDEN]) as tf.Tensor2D;
  const run = (ops: typeof plainOperations, padding?: number) => (t: tf.Tensor) =>
    ops.embedding(t as tf.Tensor2D, ids, padding);
  same(run(fastOperations), run(plainOperations), [table]);
  same(run(fastOperations, 0), run(plainOperations, 0), [table]);
  const gradient = gradients(run(fastOperations, 0), [table]);
  assert.deepEqual(gradient.slice(0, HIDDEN), new Array(HIDDEN).fill(0));
  assert.ok(gradient.slice(HIDDEN, 2 * HIDDEN).every((value) => value !== 0));
});

test('linear and layer norm', () => {
  const linear = (ops: typeof plainOperations) => (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) =>
    ops.linear(x as tf.Tensor2D, w as tf.Tensor2D, b as tf.Tensor1D);
  same(linear(fastOperations), linear(plainOperations), [normal([7, HIDDEN]), normal([3, HIDDEN]), normal([3])]);
  const norm = (ops: typeof plainOperations) => (x: tf.Tensor, g: tf.Tensor, b: tf.Tensor) =>
    ops.layerNorm(x as tf.Tensor2D, g as tf.Tensor1D, b as tf.Tensor1D, 1e-12);
  same(norm(fastOperations), norm(plainOperations), [normal([7, HIDDEN]), normal([HIDDEN]), normal([HIDDEN])]);
});

test('an encoder layer, with and without padding', () => {
  const names = Object.keys(layerWeights()) as (keyof LayerWeights)[];
  const weights = layerWeights();
  const inputs = [normal([10, HIDDEN]), ...names.map((name) => weights[name])];
  const mask = tf.tensor4d([0, 0, 0, 0, 0, 0, 0, 0, -1e30, -1e30], [2, 1, 1, 5]);
  for (const context of [layerContext(), layerContext({ mask })]) {
    const run =
      (ops: typeof plainOperations) =>
      (x: tf.Tensor, ...list: tf.Tensor[]) => {
        const named = Object.fromEntries(names.map((name, i) => [name, list[i]])) as unknown as LayerWeights;
        return ops.layer(x as tf.Tensor2D, named, context);
      };
    same(run(fastOperations), run(plainOperations), inputs);
  }
});

test('cross entropy: labels beyond the row are ignored', () => {
  const logits = normal([3, 5]) as tf.Tensor2D;
  const labels = tf.tensor1d([1, 5, 4], 'int32');
  const run = (ops: typeof plainOperations) => (x: tf.Tensor) => ops.crossEntropy(x as tf.Tensor2D, labels);
  same(run(fastOperations), run(plainOperations), [logits]);
  const rows = logits.arraySync();
  const nll = (row: number[], label: number) => Math.log(row.reduce((s, x) => s + Math.exp(x), 0)) - row[label];
  const expected = (nll(rows[0], 1) + nll(rows[2], 4)) / 2;
  assert.ok(Math.abs(fastOperations.crossEntropy(logits, labels).dataSync()[0] - expected) < 1e-5);
});

for (const [name, ops] of [['fast', fastOperations] as const, ['plain', plainOperations] as const]) {
  test(`dropout, ${name}: the rate, the scale, the seed, and the same mask on the way back`, () => {
    const ones = tf.ones([400, 101]) as tf.Tensor2D; // an odd size, too
    const drop = (seed: [number, number]) => (x: tf.Tensor) => ops.dropout(x, 0.1, seed);
    const kept = drop([1, 2])(ones).dataSync();
    const zeros = kept.filter((value) => value === 0).length / kept.length;
    assert.ok(Math.abs(zeros - 0.1) < 0.005, `${zeros}`);
    assert.ok(kept.every((value) => value === 0 || Math.abs(value - 1 / 0.9) < 1e-6));
    assert.deepEqual(drop([1, 2])(ones).dataSync(), kept);
    assert.notDeepEqual(drop([1, 3])(ones).dataSync(), kept);
    assert.notDeepEqual(drop([2, 2])(ones).dataSync(), kept);
    const [gradient] = tf.grads((x: tf.Tensor) => drop([1, 2])(x))([ones]);
    assert.deepEqual(gradient.dataSync(), kept);
  });
}

test('a layer with dropout: its gradient is that of the mask it drew (finite differences)', () => {
  const weights = layerWeights();
  const context = layerContext({ dropout: { hidden: 0.3, attention: 0.3, seed: 7 } });
  const f = (x: tf.Tensor) =>
    tf.sum(tf.mul(fastOperations.layer(x as tf.Tensor2D, weights, context), tf.reshape(tf.range(0, 80), [10, HIDDEN])));
  const x = normal([10, HIDDEN]);
  const [gradient] = tf.grads(f)([x]);
  const direction = normal([10, HIDDEN]);
  const step = 1e-3;
  const at = (by: number) => f(tf.add(x, tf.mul(direction, by))).dataSync()[0];
  const expected = (at(step) - at(-step)) / (2 * step);
  const actual = tf.sum(tf.mul(gradient, direction)).dataSync()[0];
  assert.ok(Math.abs(actual - expected) < 0.01 * Math.abs(expected) + 0.05, `${actual} ${expected}`);
});

test('nothing leaks: tensors and handles stay constant over forward and backward passes', () => {
  const weights = layerWeights();
  const context = layerContext({ dropout: { hidden: 0.1, attention: 0.1, seed: 1 } });
  const x = normal([10, HIDDEN]);
  const f = (input: tf.Tensor) => tf.sum(fastOperations.layer(input as tf.Tensor2D, weights, context));
  const step = () => tf.tidy(() => void [tf.grads(f)([x]), f(x)]);
  step();
  const [tensors, handles] = [tf.memory().numTensors, liveHandles()];
  for (let i = 0; i < 20; i++) step();
  assert.equal(tf.memory().numTensors, tensors);
  assert.equal(liveHandles(), handles);
  assert.ok(nativeBackend());
});

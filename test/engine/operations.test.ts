// TensorFlow's kernels against the plain operations: values, gradients, dropout, and that nothing leaks.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { nativeBackend } from '../../src/engine/handles';
import { liveHandles } from '../../src/engine/native/binding';
import { TensorflowOps } from '../../src/engine/native/tensorflow';
import { tensorflowCrossEntropy } from '../../src/engine/native/tensorflow-parts';
import { operationsKind } from '../../src/engine/operations';
import type { Pass } from '../../src/engine/pass';
import { PlainOps } from '../../src/engine/plain';
import { plainCrossEntropy } from '../../src/engine/plain-parts';
import { Random } from '../../src/engine/random';
import { takeTally } from '../../src/engine/tally';
import { relativeDifference, startBackend } from './backend';
import { type LayerRun, normal as normalOf, randomLayer, runLayer } from './layer';

before(async () => {
  assert.match(await startBackend(), /^tensorflow/, 'these tests need the native library: npm run setup');
});

const HIDDEN = 8;
const random = new Random(5);
const normal = (shape: number[], scale = 0.5) => normalOf(random, shape, scale);

/** A pass whose tokens are these. */
function passOf(ids: number[], seed?: number): Pass {
  const chosen = () => tf.tensor1d(ids, 'int32');
  return { batch: 1, sequence: ids.length, ids: chosen, precision: 'fp32', recompute: false, seed };
}

/** Both interpreters, by their names. */
const interpreters = (pass: Pass) => ({ kernels: new TensorflowOps(pass), plain: new PlainOps(pass) });

const layerRun = (extra: Partial<LayerRun> = {}): LayerRun => ({
  batch: 2,
  sequence: 5,
  heads: 2,
  index: 0,
  ...extra,
});

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
  const { kernels, plain } = interpreters(passOf([3, 0, 3, 1]));
  const table = normal([4, HIDDEN]);
  const rows = (padding?: number) => [
    (t: tf.Tensor) => kernels.tensor(kernels.embed([{ table: t, ids: 'tokens', paddingId: padding }])),
    (t: tf.Tensor) => plain.embed([{ table: t, ids: 'tokens', paddingId: padding }]),
  ];
  for (const padding of [undefined, 0]) same(rows(padding)[0], rows(padding)[1], [table]);
  const gradient = gradients(rows(0)[0], [table]);
  assert.deepEqual(gradient.slice(0, HIDDEN), new Array(HIDDEN).fill(0));
  assert.ok(gradient.slice(HIDDEN, 2 * HIDDEN).every((value) => value !== 0));
});

test('linear and layer norm, with and without bias', () => {
  const { kernels, plain } = interpreters(passOf([]));
  const inputs = (out: number[]) => [normal([7, HIDDEN]), normal(out), normal([out[0]])];
  for (const count of [2, 3]) {
    same(
      (x, weight, bias) => kernels.tensor(kernels.linear({ tensor: x as tf.Tensor2D }, { weight, bias })),
      (x, weight, bias) => plain.linear(x as tf.Tensor2D, { weight, bias }),
      inputs([3, HIDDEN]).slice(0, count),
    );
    same(
      (x, weight, bias) => kernels.tensor(kernels.norm({ tensor: x as tf.Tensor2D }, { weight, bias }, 1e-12)),
      (x, weight, bias) => plain.norm(x as tf.Tensor2D, { weight, bias }, 1e-12),
      inputs([HIDDEN]).slice(0, count),
    );
  }
});

test('an encoder layer, with and without padding', () => {
  const { weights } = randomLayer({ heads: 2, size: HIDDEN / 2, inner: 12, seed: 1 });
  const inputs = [normal([10, HIDDEN]), ...weights];
  const mask = tf.tensor4d([0, 0, 0, 0, 0, 0, 0, 0, -1e30, -1e30], [2, 1, 1, 5]);
  for (const run of [layerRun(), layerRun({ mask })]) {
    const of =
      (kind: 'plain' | 'kernels') =>
      (x: tf.Tensor, ...list: tf.Tensor[]) =>
        runLayer(kind, x, list, run);
    takeTally();
    of('kernels')(inputs[0], ...weights);
    assert.deepEqual(takeTally(), { 'kernels.addNorm': 2, 'kernels.attend': 1, 'kernels.feedForward': 1 });
    same(of('kernels'), of('plain'), inputs);
  }
});

test('recomputing changes no bit and leaves less behind, whoever computes', () => {
  const { weights, input } = randomLayer({ heads: 2, size: 16, inner: 128, seed: 3 });
  const x = input(200);
  for (const kind of ['plain', 'kernels'] as const) {
    const run = (recompute: boolean) => {
      const dropout = { hidden: 0.1, attention: 0.1, seed: 3 };
      const before = tf.memory().numBytes;
      let kept = 0;
      const f = (x: tf.Tensor, ...list: tf.Tensor[]) => {
        const y = tf.sum(tf.square(runLayer(kind, x, list, layerRun({ sequence: 100, recompute, dropout }))));
        kept = tf.memory().numBytes - before;
        return y;
      };
      const values = tf.tidy(() =>
        tf
          .grads(f)([x, ...weights])
          .map((gradient) => Array.from(gradient.dataSync())),
      );
      return { values, kept };
    };
    const [again, kept] = [run(true), run(false)];
    assert.deepEqual(again.values, kept.values, kind);
    assert.ok(again.kept < kept.kept / 2, `${kind}: ${again.kept} of ${kept.kept} bytes`);
  }
});

test('cross entropy: labels beyond the row are ignored', () => {
  const logits = normal([3, 5]) as tf.Tensor2D;
  const labels = tf.tensor1d([1, 5, 4], 'int32');
  const run = (loss: typeof plainCrossEntropy) => (x: tf.Tensor) => loss(x as tf.Tensor2D, labels);
  same(run(tensorflowCrossEntropy), run(plainCrossEntropy), [logits]);
  const rows = logits.arraySync();
  const nll = (row: number[], label: number) => Math.log(row.reduce((s, x) => s + Math.exp(x), 0)) - row[label];
  const expected = (nll(rows[0], 1) + nll(rows[2], 4)) / 2;
  assert.ok(Math.abs(tensorflowCrossEntropy(logits, labels).dataSync()[0] - expected) < 1e-5);
});

for (const name of ['kernels', 'plain'] as const) {
  test(`dropout, ${name}: the rate, the scale, the seed, and the same mask on the way back`, () => {
    const ones = tf.ones([400, 101]) as tf.Tensor2D; // an odd size, too
    const drop = (seed: number, site: number) => (x: tf.Tensor) => {
      const { kernels, plain } = interpreters(passOf([], seed));
      const dropout = { rate: 0.1, site };
      if (name === 'plain') return plain.dropout(x as tf.Tensor2D, dropout);
      return kernels.tensor(kernels.dropout({ tensor: x as tf.Tensor2D }, dropout));
    };
    const kept = drop(1, 2)(ones).dataSync();
    const zeros = kept.filter((value) => value === 0).length / kept.length;
    assert.ok(Math.abs(zeros - 0.1) < 0.005, `${zeros}`);
    assert.ok(kept.every((value) => value === 0 || Math.abs(value - 1 / 0.9) < 1e-6));
    assert.deepEqual(drop(1, 2)(ones).dataSync(), kept);
    assert.notDeepEqual(drop(1, 3)(ones).dataSync(), kept);
    assert.notDeepEqual(drop(2, 2)(ones).dataSync(), kept);
    const [gradient] = tf.grads((x: tf.Tensor) => drop(1, 2)(x))([ones]);
    assert.deepEqual(gradient.dataSync(), kept);
  });
}

test('a layer with dropout: its gradient is that of the mask it drew (finite differences)', () => {
  const { weights } = randomLayer({ heads: 2, size: HIDDEN / 2, inner: 12, seed: 2 });
  const run = layerRun({ dropout: { hidden: 0.3, attention: 0.3, seed: 7 } });
  const f = (x: tf.Tensor) =>
    tf.sum(tf.mul(runLayer('kernels', x, weights, run), tf.reshape(tf.range(0, 80), [10, HIDDEN])));
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
  const { weights } = randomLayer({ heads: 2, size: HIDDEN / 2, inner: 12, seed: 2 });
  const run = layerRun({ dropout: { hidden: 0.1, attention: 0.1, seed: 1 } });
  const x = normal([10, HIDDEN]);
  const f = (input: tf.Tensor) => tf.sum(runLayer('kernels', input, weights, run));
  const step = () => tf.tidy(() => void [tf.grads(f)([x]), f(x)]);
  step();
  const [tensors, handles] = [tf.memory().numTensors, liveHandles()];
  for (let i = 0; i < 20; i++) step();
  assert.equal(tf.memory().numTensors, tensors);
  assert.equal(liveHandles(), handles);
  assert.ok(nativeBackend());
});

test('operations that are not there are refused by name', () => {
  assert.throws(() => operationsKind('typo'), {
    code: 'E_OPERATIONS_UNKNOWN',
    message: /"typo".*plain, kernels, compiled, fused/,
  });
  for (const kind of ['plain', 'kernels', 'compiled', 'fused'] as const) assert.equal(operationsKind(kind), kind);
});

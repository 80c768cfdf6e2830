// Our own kernels against plain TensorFlow.js: one encoder layer, its gradients, dropout, bfloat16, recomputation, leaks.
import assert from 'node:assert/strict';
import test, { before, describe } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { liveHandles } from '../../src/engine/native/binding';
import { loadKernels } from '../../src/engine/native/kernels';
import { operationsKind } from '../../src/engine/operations';
import { startBackend } from './backend';
import { assertSame, plainRows, valueAndGradients, type Layer } from './compare-layers';
import { type LayerRun, type LayerSize, LAYER_WEIGHTS, randomLayer, rowsOf, runLayer } from './layer';

before(async () => {
  assert.match(await startBackend(), /^tensorflow/, 'these tests need the native library: npm run setup');
  assert.ok(loadKernels(), 'these tests need the compiled kernels: npm run setup');
  assert.equal(operationsKind(), 'fused');
});

interface Case extends LayerSize {
  lengths: number[];
}

const anyCase = fc.record<Case>({
  lengths: fc.array(fc.integer({ min: 1, max: 75 }), { minLength: 1, maxLength: 3 }),
  heads: fc.constantFrom(1, 2, 3),
  size: fc.constantFrom(4, 16, 20, 32, 64),
  inner: fc.constantFrom(6, 33, 64),
  seed: fc.integer(),
});

describe('a layer of rows packed one behind another', () => {
  test('gives what each row gives alone: values and every gradient', () => {
    fc.assert(
      fc.property(anyCase, fc.constantFrom('gelu' as const, 'gelu_tanh', 'relu', 'silu'), (options, activation) => {
        tf.tidy(() => {
          const { weights, input } = randomLayer(options);
          const x = input(options.lengths.reduce((a, b) => a + b, 0));
          const run = { heads: options.heads, rows: rowsOf(options.lengths), activation };
          const packed = valueAndGradients((x, w) => runLayer('fused', x, w, run), x, weights);
          assertSame(packed, valueAndGradients(plainRows(options.lengths, run), x, weights), 1e-4);
        });
      }),
      { numRuns: 25 },
    );
  });

  test('heads of any size, also beyond 128', () => {
    for (const size of [128, 130, 192, 256]) {
      tf.tidy(() => {
        const lengths = [3, 40];
        const { weights, input } = randomLayer({ heads: 2, size, inner: 64, seed: size });
        const [x, run] = [input(43), { heads: 2, rows: rowsOf(lengths) }];
        const packed = valueAndGradients((x, w) => runLayer('fused', x, w, run), x, weights);
        assertSame(packed, valueAndGradients(plainRows(lengths, run), x, weights), 1e-4);
      });
    }
  });

  test('padding is no key: the same as the mask of the reference, gradients of padded tokens included', () => {
    const { weights, input } = randomLayer({ heads: 2, size: 16, inner: 24, seed: 2 });
    const [batch, sequence, keys] = [3, 40, [40, 17, 1]];
    const x = input(batch * sequence);
    const mask = tf.tidy(() => {
      const padding = keys.flatMap((count) => Array.from({ length: sequence }, (_, i) => (i < count ? 0 : -1e30)));
      return tf.tensor4d(padding, [batch, 1, 1, sequence]);
    });
    const rows = rowsOf(new Array<number>(batch).fill(sequence), keys);
    const fused = valueAndGradients((x, w) => runLayer('fused', x, w, { heads: 2, rows }), x, weights);
    const plain: Layer = (x, w) => runLayer('plain', x, w, { heads: 2, batch, sequence, mask });
    assertSame(fused, valueAndGradients(plain, x, weights), 1e-4);
  });
});

describe('dropout in the kernels', () => {
  const options: Case = { lengths: [33, 21], heads: 2, size: 16, inner: 24, seed: 4 };
  const dropping =
    (rate: number, seed: number, extra: Partial<LayerRun> = {}): Layer =>
    (x, weights) => {
      const dropout = { hidden: rate, attention: rate, seed };
      return runLayer('fused', x, weights, { heads: 2, rows: rowsOf(options.lengths), dropout, ...extra });
    };

  test('the gradient is that of the mask which was drawn (finite differences)', () => {
    const { weights, input } = randomLayer(options);
    const x = input(54);
    const scale = tf.reshape(tf.sin(tf.range(0, x.size)), x.shape);
    const f = (x: tf.Tensor) => tf.sum(tf.mul(dropping(0.3, 7)(x, weights), scale));
    const [gradient] = tf.grads(f)([x]);
    const direction = input(54);
    const at = (by: number) => f(tf.add(x, tf.mul(direction, by))).dataSync()[0];
    const expected = (at(1e-3) - at(-1e-3)) / 2e-3;
    const actual = tf.sum(tf.mul(gradient, direction)).dataSync()[0];
    assert.ok(Math.abs(actual - expected) < 0.01 * Math.abs(expected) + 0.05, `${actual} ${expected}`);
  });

  test('the same seed drops the same, another seed or layer does not', () => {
    const { weights, input } = randomLayer(options);
    const x = input(54);
    const values = (f: Layer) => Array.from(f(x, weights).dataSync());
    assert.deepEqual(values(dropping(0.1, 7)), values(dropping(0.1, 7)));
    assert.notDeepEqual(values(dropping(0.1, 8)), values(dropping(0.1, 7)));
    assert.notDeepEqual(values(dropping(0.1, 7, { index: 4 })), values(dropping(0.1, 7)));
  });

  test('it keeps the share it should, and the mean', () => {
    // with no residual and no mixing the layer shows its mask: out = dropout(bias)
    const { weights, input } = randomLayer({ ...options, heads: 4, size: 32 });
    const ones = ['attentionNorm.weight', 'outputNorm.weight', 'feedForward.down.bias'];
    const shown = weights.map((weight, i) =>
      ones.includes(LAYER_WEIGHTS[i]) ? tf.onesLike(weight) : tf.zerosLike(weight),
    );
    const run = { heads: 4, rows: rowsOf([600]), dropout: { hidden: 0.1, attention: 0, seed: 1 } };
    const y = runLayer('fused', tf.zerosLike(input(600)), shown, run).dataSync();
    const dropped = Array.from(y).filter((value) => value < 0).length / y.length; // below the row's mean
    assert.ok(Math.abs(dropped - 0.1) < 0.005, `${dropped}`);
  });
});

describe('how it is computed', () => {
  const options: Case = { lengths: [50, 9, 38], heads: 2, size: 32, inner: 128, seed: 6 };
  const rows = () => rowsOf(options.lengths);
  const run = (extra: Partial<LayerRun>) => {
    const { weights, input } = randomLayer(options);
    const given = { heads: 2, rows: rows(), dropout: { hidden: 0.1, attention: 0.1, seed: 3 }, ...extra };
    return valueAndGradients((x, w) => runLayer('fused', x, w, given), input(97), weights);
  };

  test('recomputing changes no bit', () => {
    assert.deepEqual(run({ recompute: true }), run({}));
  });

  test('bfloat16 products stay within its precision, 2^-8', () => {
    const [narrow, full] = [run({ precision: 'bf16' }), run({})];
    assertSame(narrow, full, 0.03);
    assert.notDeepEqual(narrow[0], full[0]);
    assert.deepEqual(run({ precision: 'bf16', recompute: true }), narrow);
  });

  test('nothing leaks, with and without gradients, in every way', () => {
    for (const extra of [
      {},
      { precision: 'bf16' },
      { recompute: true },
      { precision: 'bf16', recompute: true },
    ] as const) {
      tf.tidy(() => void run(extra));
      const [tensors, handles] = [tf.memory().numTensors, liveHandles()];
      for (let i = 0; i < 5; i++) tf.tidy(() => void run(extra));
      assert.deepEqual([tf.memory().numTensors, liveHandles()], [tensors, handles], JSON.stringify(extra));
    }
  });
});

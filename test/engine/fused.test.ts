// Our own kernels against plain TensorFlow.js: one encoder layer, its gradients, dropout, bfloat16, recomputation, leaks.
import assert from 'node:assert/strict';
import test, { before, describe } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import type { LayerContext, LayerWeights, Rows } from '../../src/engine/layer';
import { LAYER_WEIGHTS } from '../../src/engine/layer';
import { liveHandles } from '../../src/engine/native/binding';
import { fusedOperations } from '../../src/engine/native/fused-operations';
import { loadKernels } from '../../src/engine/native/kernels';
import { operations } from '../../src/engine/operations';
import { plainOperations } from '../../src/engine/plain';
import { Random } from '../../src/engine/random';
import { relativeDifference, startBackend } from './backend';

before(async () => {
  assert.match(await startBackend(), /^tensorflow/, 'these tests need the native library: npm run setup');
  assert.ok(loadKernels(), 'these tests need the compiled kernels: npm run setup');
  assert.equal(operations(), fusedOperations);
});

interface Case {
  lengths: number[];
  heads: number;
  /** Of a head. */
  size: number;
  inner: number;
  seed: number;
}

function makeLayer({ heads, size, inner, seed }: Case) {
  const random = new Random(seed);
  const hidden = heads * size;
  const normal = (...shape: number[]) => {
    const count = shape.reduce((a, b) => a * b, 1);
    const scale = shape.length > 1 ? 1 / Math.sqrt(shape[1]) : 0.5;
    return tf.tensor(
      Float32Array.from({ length: count }, () => scale * random.normal()),
      shape,
    );
  };
  const weights = {
    ...{ qkvWeight: normal(3 * hidden, hidden), qkvBias: normal(3 * hidden) },
    ...{ outWeight: normal(hidden, hidden), outBias: normal(hidden) },
    ...{ attentionNormGain: normal(hidden), attentionNormBias: normal(hidden) },
    ...{ upWeight: normal(inner, hidden), upBias: normal(inner) },
    ...{ downWeight: normal(hidden, inner), downBias: normal(hidden) },
    ...{ outputNormGain: normal(hidden), outputNormBias: normal(hidden) },
  } as LayerWeights;
  return { weights, input: (tokens: number) => tf.mul(normal(tokens, hidden), 3) as tf.Tensor2D };
}

function rowsOf(lengths: number[], keys = lengths): Rows {
  const offsets = [0];
  for (const length of lengths) offsets.push(offsets.at(-1)! + length);
  return { offsets: tf.tensor1d(offsets, 'int32'), keys: tf.tensor1d(keys, 'int32') };
}

const base = (heads: number, extra: Partial<LayerContext> = {}): LayerContext => ({
  ...{ batch: 0, sequence: 0, heads, epsilon: 1e-12, index: 3 },
  ...extra,
});

/** Value and gradients of x and all weights, each output weighed differently so that no error cancels out. */
function valueAndGradients(f: (x: tf.Tensor2D, weights: LayerWeights) => tf.Tensor, x: tf.Tensor, w: LayerWeights) {
  const list = LAYER_WEIGHTS.map((name) => w[name]);
  const named = (tensors: tf.Tensor[]) =>
    Object.fromEntries(LAYER_WEIGHTS.map((name, i) => [name, tensors[i]])) as unknown as LayerWeights;
  return tf.tidy(() => {
    const run = (x: tf.Tensor, ...tensors: tf.Tensor[]) => f(x as tf.Tensor2D, named(tensors));
    // no weight is near zero, so that sums of them do not cancel out
    const weigh = (y: tf.Tensor) => tf.sum(tf.mul(y, tf.reshape(tf.add(tf.sin(tf.range(1, y.size + 1)), 2), y.shape)));
    const gradients = tf.grads((...inputs: tf.Tensor[]) => weigh(run(inputs[0], ...inputs.slice(1))))([x, ...list]);
    return [run(x, ...list), ...gradients].map((tensor) => tensor.dataSync());
  });
}

/** Each row alone through the plain operations. */
function plainRows(lengths: number[], heads: number) {
  return (x: tf.Tensor2D, weights: LayerWeights): tf.Tensor => {
    let from = 0;
    const parts = lengths.map((sequence) => {
      const part = tf.slice(x, [from, 0], [sequence, x.shape[1]]);
      from += sequence;
      return plainOperations.layer(part, weights, base(heads, { batch: 1, sequence }));
    });
    return tf.concat(parts);
  };
}

const names = ['value', 'x', ...LAYER_WEIGHTS];
/** What is added to all keys is not seen by a softmax: the middle third of this gradient is zero by construction. */
const NOISY = 'qkvBias';

function assertSame(actual: ArrayLike<number>[], expected: ArrayLike<number>[], limit: number): void {
  names.forEach((name, i) => {
    const difference = relativeDifference(actual[i], expected[i]);
    assert.ok(difference < limit * (name === NOISY ? 10 : 1), `${name}: ${difference}`);
  });
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
      fc.property(anyCase, (options) => {
        tf.tidy(() => {
          const { weights, input } = makeLayer(options);
          const x = input(options.lengths.reduce((a, b) => a + b, 0));
          const rows = rowsOf(options.lengths);
          const packed = valueAndGradients(
            (x, w) => fusedOperations.layer(x, w, base(options.heads, { rows })),
            x,
            weights,
          );
          assertSame(packed, valueAndGradients(plainRows(options.lengths, options.heads), x, weights), 1e-4);
        });
      }),
      { numRuns: 25 },
    );
  });

  test('padding is no key: the same as the mask of the reference, gradients of padded tokens included', () => {
    const { weights, input } = makeLayer({ lengths: [], heads: 2, size: 16, inner: 24, seed: 2 });
    const [batch, sequence, keys] = [3, 40, [40, 17, 1]];
    const x = input(batch * sequence);
    const mask = tf.tidy(() => {
      const padding = keys.flatMap((count) => Array.from({ length: sequence }, (_, i) => (i < count ? 0 : -1e30)));
      return tf.tensor4d(padding, [batch, 1, 1, sequence]);
    });
    const rows = rowsOf(new Array<number>(batch).fill(sequence), keys);
    const fused = valueAndGradients((x, w) => fusedOperations.layer(x, w, base(2, { rows })), x, weights);
    const plain = (x: tf.Tensor2D, w: LayerWeights) => plainOperations.layer(x, w, base(2, { batch, sequence, mask }));
    assertSame(fused, valueAndGradients(plain, x, weights), 1e-4);
  });
});

describe('dropout in the kernels', () => {
  const options: Case = { lengths: [33, 21], heads: 2, size: 16, inner: 24, seed: 4 };
  const rows = () => rowsOf(options.lengths);
  const dropping = (rate: number, seed: number, extra: Partial<LayerContext> = {}) => {
    const context = base(2, { rows: rows(), dropout: { hidden: rate, attention: rate, seed }, ...extra });
    return (x: tf.Tensor2D, w: LayerWeights) => fusedOperations.layer(x, w, context);
  };

  test('the gradient is that of the mask which was drawn (finite differences)', () => {
    const { weights, input } = makeLayer(options);
    const x = input(54);
    const scale = tf.reshape(tf.sin(tf.range(0, x.size)), x.shape);
    const f = (x: tf.Tensor) => tf.sum(tf.mul(dropping(0.3, 7)(x as tf.Tensor2D, weights), scale));
    const [gradient] = tf.grads(f)([x]);
    const direction = input(54);
    const at = (by: number) => f(tf.add(x, tf.mul(direction, by))).dataSync()[0];
    const expected = (at(1e-3) - at(-1e-3)) / 2e-3;
    const actual = tf.sum(tf.mul(gradient, direction)).dataSync()[0];
    assert.ok(Math.abs(actual - expected) < 0.01 * Math.abs(expected) + 0.05, `${actual} ${expected}`);
  });

  test('the same seed drops the same, another seed or layer does not', () => {
    const { weights, input } = makeLayer(options);
    const x = input(54);
    const values = (f: ReturnType<typeof dropping>) => Array.from(f(x, weights).dataSync());
    assert.deepEqual(values(dropping(0.1, 7)), values(dropping(0.1, 7)));
    assert.notDeepEqual(values(dropping(0.1, 8)), values(dropping(0.1, 7)));
    assert.notDeepEqual(values(dropping(0.1, 7, { index: 4 })), values(dropping(0.1, 7)));
  });

  test('it keeps the share it should, and the mean', () => {
    // with no residual and no mixing the layer shows its mask: out = dropout(bias)
    const { weights, input } = makeLayer({ ...options, heads: 4, size: 32 });
    const zero = Object.fromEntries(LAYER_WEIGHTS.map((name) => [name, tf.zerosLike(weights[name])]));
    const plain = { ...zero, attentionNormGain: tf.onesLike(weights.attentionNormGain) } as unknown as LayerWeights;
    const shown = {
      ...plain,
      outputNormGain: tf.onesLike(weights.outputNormGain),
      downBias: tf.ones<tf.Rank.R1>([128]),
    };
    const context = base(4, { rows: rowsOf([600]), dropout: { hidden: 0.1, attention: 0, seed: 1 } });
    const y = fusedOperations.layer(tf.zerosLike(input(600)), shown, context).dataSync();
    const dropped = Array.from(y).filter((value) => value < 0).length / y.length; // below the row's mean
    assert.ok(Math.abs(dropped - 0.1) < 0.005, `${dropped}`);
  });
});

describe('how it is computed', () => {
  const options: Case = { lengths: [50, 9, 38], heads: 2, size: 32, inner: 128, seed: 6 };
  const run = (extra: Partial<LayerContext>) => {
    const { weights, input } = makeLayer(options);
    const context = base(2, {
      rows: rowsOf(options.lengths),
      dropout: { hidden: 0.1, attention: 0.1, seed: 3 },
      ...extra,
    });
    return valueAndGradients((x, w) => fusedOperations.layer(x, w, context), input(97), weights);
  };

  test('recomputing changes no bit', () => {
    assert.deepEqual(run({ recompute: true }), run({}));
  });

  test('bfloat16 products stay within its precision, 2^-8', () => {
    const [narrow, full] = [run({ precision: 'bf16' }), run({})];
    names.forEach((name, i) => {
      const difference = relativeDifference(narrow[i], full[i]);
      assert.ok(difference < (name === NOISY ? 0.1 : 0.03), `${name}: ${difference}`);
    });
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

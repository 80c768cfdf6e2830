// Attention by distance in our own kernels against plain TensorFlow.js: one encoder layer, its gradients and those of the table.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { liveHandles } from '../../src/engine/native/binding';
import { loadKernels } from '../../src/engine/native/kernels';
import type { Relative } from '../../src/engine/ops';
import { Random } from '../../src/engine/random';
import { takeTally } from '../../src/engine/tally';
import { debertaBucket } from '../../src/model/families/deberta';
import { mpnetBucket } from '../../src/model/families/mpnet';
import { FusedOps } from '../../src/engine/native/fused';
import { PlainOps } from '../../src/engine/plain';
import { relativeDifference, startBackend } from './backend';
import { type Layer, assertSame, eachRow, plainRows, valueAndGradients } from './compare-layers';
import { type LayerRun, type LayerSize, normal, randomLayer, rowsOf, runLayer, toLayer } from './layer';

before(async () => {
  assert.match(await startBackend(), /^tensorflow/, 'these tests need the native library: npm run setup');
  assert.ok(loadKernels(), 'these tests need the compiled kernels: npm run setup');
});

type Kind = Relative<unknown>['kind'];
interface Case extends LayerSize {
  lengths: number[];
  kind: Kind;
  buckets: 'mpnet' | 'narrow' | 'shared';
}

/** The rows of the table, and which one a distance has. */
const BUCKETS: Record<Case['buckets'], { rows: number; bucket: (distance: number) => number }> = {
  mpnet: { rows: 32, bucket: mpnetBucket },
  narrow: { rows: 6, bucket: (distance) => debertaBucket(distance, 3) },
  shared: { rows: 16, bucket: (distance) => debertaBucket(distance, 8, 40) },
};

/** A layer with its table, and how it is computed. */
function make(options: Case, extra: Partial<LayerRun> = {}) {
  const { heads, size, lengths, kind, buckets, seed } = options;
  const { rows, bucket } = BUCKETS[buckets];
  const { weights, input } = randomLayer(options);
  const table = normal(new Random(seed + 1), [rows, kind === 'bias' ? heads : heads * size], 1);
  const sequence = Math.max(...lengths);
  const run: LayerRun = { heads, rows: rowsOf(lengths), sequence, relative: { kind, bucket }, ...extra };
  const x = input(lengths.reduce((a, b) => a + b, 0));
  return { weights: [...weights, table], x, run };
}

const fused =
  (run: LayerRun): Layer =>
  (x, w) =>
    runLayer('fused', x, w, run);

const anyCase = fc.record<Case>({
  // a row of one token looks nowhere else: beside it there is one that does
  lengths: fc
    .array(fc.integer({ min: 1, max: 75 }), { minLength: 1, maxLength: 6 })
    .filter((lengths) => lengths.some((length) => length > 1)),
  heads: fc.constantFrom(1, 2, 3),
  size: fc.constantFrom(4, 7, 20, 33, 64),
  inner: fc.constantFrom(6, 33),
  seed: fc.integer({ max: 2 ** 30 }),
  kind: fc.constantFrom<Kind>('bias', 'disentangled'),
  buckets: fc.constantFrom('mpnet', 'narrow', 'shared'),
});

test('rows packed one behind another give what each gives alone: values and every gradient', () => {
  fc.assert(
    fc.property(anyCase, (options) => {
      tf.tidy(() => {
        const { weights, x, run } = make(options);
        takeTally();
        const packed = valueAndGradients(fused(run), x, weights);
        assert.deepEqual(Object.keys(takeTally()), ['fused.addNorm', 'fused.attend', 'fused.feedForward']);
        const alone = valueAndGradients(plainRows(options.lengths, run), x, weights);
        assertSame(packed, alone, 1e-4, options.kind === 'disentangled');
      });
    }),
    { numRuns: 30 },
  );
});

for (const kind of ['bias', 'disentangled'] as const) {
  const options: Case = {
    lengths: [50, 1, 38, 70, 9],
    heads: 2,
    size: 24,
    inner: 32,
    seed: 6,
    kind,
    buckets: 'shared',
  };
  const dropout = { hidden: 0.1, attention: 0.1, seed: 3 };
  const results = (extra: Partial<LayerRun>) => {
    const { weights, x, run } = make(options, { dropout, ...extra });
    return valueAndGradients(fused(run), x, weights);
  };

  test(`${kind}: padding is no key: the same as the mask of the reference`, () => {
    const [batch, sequence, keys] = [3, 40, [40, 17, 1]];
    const { weights, x, run } = make({ ...options, lengths: [40, 40, 40] });
    const padding = keys.flatMap((count) => Array.from({ length: sequence }, (_, i) => (i < count ? 0 : -1e30)));
    const mask = tf.tensor4d(padding, [batch, 1, 1, sequence]);
    const plain = { ...run, rows: undefined, batch, mask };
    const expected = valueAndGradients((x, w) => runLayer('plain', x, w, plain), x, weights);
    const actual = valueAndGradients(fused({ ...run, rows: rowsOf([40, 40, 40], keys) }), x, weights);
    assertSame(actual, expected, 1e-4, kind === 'disentangled');
  });

  test(`${kind}: the gradient is that of the mask which was drawn (finite differences)`, () => {
    const { weights, x, run } = make(options, { dropout: { hidden: 0.3, attention: 0.3, seed: 7 } });
    const table = weights.at(-1)!;
    const scale = tf.reshape(tf.sin(tf.range(0, x.size)), x.shape);
    const f = (table: tf.Tensor) => tf.sum(tf.mul(fused(run)(x, [...weights.slice(0, -1), table]), scale));
    const [gradient] = tf.grads(f)([table]);
    const direction = normal(new Random(9), table.shape as number[], 1);
    const at = (by: number) => f(tf.add(table, tf.mul(direction, by))).dataSync()[0];
    const expected = (at(1e-2) - at(-1e-2)) / 2e-2;
    const actual = tf.sum(tf.mul(gradient, direction)).dataSync()[0];
    assert.ok(Math.abs(actual - expected) < 0.01 * Math.abs(expected) + 0.05, `${actual} ${expected}`);
  });

  test(`${kind}: recomputing changes no bit, bfloat16 stays within its precision, nothing leaks`, () => {
    const [full, narrow] = [results({}), results({ precision: 'bf16' })];
    assert.deepEqual(results({ recompute: true }), full);
    assertSame(narrow, full, 0.03, kind === 'disentangled');
    assert.notDeepEqual(narrow[0], full[0]);
    assert.deepEqual(results({ precision: 'bf16', recompute: true }), narrow);
    for (const extra of [{}, { precision: 'bf16' }, { recompute: true }] as const) {
      const before = [tf.memory().numTensors, liveHandles()];
      for (let i = 0; i < 3; i++) tf.tidy(() => void results(extra));
      assert.deepEqual([tf.memory().numTensors, liveHandles()], before, JSON.stringify(extra));
    }
  });

  test(`${kind}: beside a window`, () => {
    const lengths = [75, 20, 33];
    const { weights, x, run } = make({ ...options, lengths });
    const { heads, rows, sequence, relative } = run;
    const pass = { ids: () => rows!.keys, precision: 'fp32', recompute: false, batch: 1, sequence: sequence! } as const;
    const { attention } = toLayer(weights);
    const spec = { heads, window: 7, dropout: { rate: 0, site: 0 } };
    const one = (x: tf.Tensor, table: tf.Tensor) => {
      const ops = new PlainOps({ ...pass, sequence: x.shape[0] });
      return ops.attend(x as tf.Tensor2D, attention, {
        ...spec,
        relative: { ...relative!, values: table as tf.Tensor2D },
      });
    };
    const plain = eachRow(lengths, (row, [table]) => one(row, table));
    const ours: Layer = (x, [table]) => {
      const ops = new FusedOps({ ...pass, rows });
      const values = { tensor: table as tf.Tensor2D };
      return ops.tensor(
        ops.attend({ tensor: x as tf.Tensor2D }, attention, { ...spec, relative: { ...relative!, values } }),
      );
    };
    const [actual, expected] = [ours, plain].map((layer) => valueAndGradients(layer, x, [weights.at(-1)!]));
    actual.forEach((values, i) => assert.ok(relativeDifference(values, expected[i]) < 1e-4, `${i}`));
  });
}

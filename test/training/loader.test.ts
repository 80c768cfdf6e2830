// Batches: every row once an epoch, the same order for the same seed, little padding.
import assert from 'node:assert/strict';
import test, { before, describe } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { makeBatch } from '../../src/training/batch';
import { DataLoader } from '../../src/training/loader';
import { startBackend } from '../engine/backend';
import { makeFeatures } from './features';

before(startBackend);

describe('plan', () => {
  test('every row exactly once, in batches of the size asked for', () => {
    const sizes = fc.array(fc.integer({ min: 2, max: 40 }), { minLength: 1, maxLength: 120 });
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 1, max: 20 }),
        fc.boolean(),
        fc.boolean(),
        (rows, batchSize, shuffle, bucket) => {
          const loader = new DataLoader(makeFeatures(rows), { batchSize, shuffle, bucket });
          const plan = loader.plan(3);
          assert.equal(plan.length, loader.length);
          assert.deepEqual(
            plan.flat().sort((a, b) => a - b),
            rows.map((_, i) => i),
          );
          assert.ok(plan.every((batch) => batch.length <= batchSize));
          assert.ok(plan.filter((batch) => batch.length < batchSize).length <= 1);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('the order depends on seed and epoch, and on nothing else', () => {
    const features = makeFeatures(Array.from({ length: 60 }, (_, i) => 5 + (i % 7)));
    const plan = (seed: number, epoch: number) => new DataLoader(features, { shuffle: true, seed }).plan(epoch);
    assert.deepEqual(plan(1, 2), plan(1, 2));
    assert.notDeepEqual(plan(1, 2), plan(2, 2));
    assert.notDeepEqual(plan(1, 2), plan(1, 3));
  });

  test('buckets pad far less than a random order', () => {
    const features = makeFeatures(Array.from({ length: 320 }, (_, i) => 10 + ((i * 37) % 90)));
    const padded = (bucket: boolean) =>
      new DataLoader(features, { shuffle: true, bucket }).plan(0).reduce((sum, rows) => {
        const lengths = rows.map((row) => features.rowStart[row + 1] - features.rowStart[row]);
        return sum + Math.max(...lengths) * rows.length - lengths.reduce((a, b) => a + b, 0);
      }, 0);
    assert.ok(padded(true) < 0.2 * padded(false), `${padded(true)} ${padded(false)}`);
  });

  test('mixed data: own rows once an epoch, general ones as the share says, none again before all have come', () => {
    const sizes = { own: fc.integer({ min: 1, max: 30 }), general: fc.integer({ min: 1, max: 40 }) };
    fc.assert(
      fc.property(
        sizes.own,
        sizes.general,
        fc.double({ min: 0.05, max: 0.9, noNaN: true }),
        (own, general, mixShare) => {
          const features = makeFeatures(Array.from({ length: own + general }, (_, i) => 4 + (i % 9)));
          const loader = new DataLoader(features, { batchSize: 4, shuffle: true, seed: 3, own, mixShare });
          const drawn = Math.max(1, Math.round((own * mixShare) / (1 - mixShare)));
          const counts = new Array<number>(general).fill(0);
          for (let epoch = 0; epoch < 4; epoch++) {
            const rows = loader.plan(epoch).flat();
            assert.equal(loader.plan(epoch).length, loader.length);
            const [first, rest] = [rows.filter((row) => row < own), rows.filter((row) => row >= own)];
            assert.deepEqual(first.sort((a, b) => a - b), Array.from({ length: own }, (_, i) => i)); // prettier-ignore
            assert.equal(rest.length, drawn);
            for (const row of rest) counts[row - own]++;
            assert.ok(Math.max(...counts) - Math.min(...counts) <= 1);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('mixed data depends on seed and epoch alone', () => {
    const features = makeFeatures(Array.from({ length: 50 }, (_, i) => 5 + (i % 7)));
    const plan = (seed: number, epoch: number) =>
      new DataLoader(features, { shuffle: true, seed, own: 10 }).plan(epoch);
    assert.deepEqual(plan(1, 2), plan(1, 2));
    const general = (rows: number[][]) => rows.flat().filter((row) => row >= 10).sort((a, b) => a - b); // prettier-ignore
    assert.notDeepEqual(general(plan(1, 2)), general(plan(2, 2)));
    assert.notDeepEqual(general(plan(1, 2)), general(plan(1, 3)));
  });

  test('without shuffling and buckets rows come in order; an epoch can go on in its middle', () => {
    const loader = new DataLoader(makeFeatures([3, 9, 4, 5, 6]), { batchSize: 2, bucket: false });
    assert.deepEqual(loader.plan(0), [[0, 1], [2, 3], [4]]);
    const rest = [...loader.epoch(0, 1)];
    assert.deepEqual(
      rest.map((batch) => batch.rows),
      [[2, 3], [4]],
    );
    rest.forEach((batch) => batch.dispose());
  });
});

describe('tensors', () => {
  const features = makeFeatures([3, 5, 4]);

  test('ids are padded with 0, and the mask says so', () => {
    const batch = makeBatch(features, [0, 1]);
    assert.deepEqual(batch.inputIds.shape, [2, 5]);
    assert.deepEqual(Array.from(batch.attentionMask!.dataSync()), [1, 1, 1, 0, 0, 1, 1, 1, 1, 1]);
    assert.deepEqual(Array.from(batch.inputIds.dataSync().slice(3, 5)), [0, 0]);
    assert.equal(batch.tokens, 8);
    batch.dispose();
  });

  test('rows of one length need no mask; the lesson pads to a fixed length', () => {
    const plain = makeBatch(features, [1]);
    assert.equal(plain.attentionMask, undefined);
    const padded = makeBatch(features, [1], 12);
    assert.deepEqual(padded.inputIds.shape, [1, 12]);
    assert.ok(padded.attentionMask);
    [plain, padded].forEach((batch) => batch.dispose());
  });

  test('dispose frees every tensor', () => {
    const tensors = tf.memory().numTensors;
    makeBatch(features, [0, 1, 2]).dispose();
    assert.equal(tf.memory().numTensors, tensors);
  });
});

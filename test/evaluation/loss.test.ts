// The held-out loss is the training loss of the same rows without dropout.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { computeLogits } from '../../src/evaluation/logits';
import { heldOutLoss } from '../../src/evaluation/loss';
import { makeBatch } from '../../src/training/batch';
import { startBackend } from '../engine/backend';
import { makeFeatures } from '../training/features';
import { smallModel } from '../training/small';

before(startBackend);

test('equal to the loss of the model', async () => {
  const features = makeFeatures([9, 16, 12, 8]);
  const model = smallModel();
  const batch = makeBatch(features, [0, 1, 2, 3]);
  const loss = model.loss(batch);
  const [expected] = await loss.data();
  const actual = heldOutLoss({ features, logits: await computeLogits(model, features) });
  assert.ok(Math.abs(actual - expected) < 1e-5 * expected, `${actual} and ${expected}`);
  loss.dispose();
  batch.dispose();
  model.dispose();
});

test('scores that are large do not overflow', () => {
  const features = makeFeatures([2]);
  features.startPositions.set([1]);
  features.endPositions.set([0]);
  const logits = { startLogits: Float32Array.of(0, 1000), endLogits: Float32Array.of(0, 1000) };
  assert.equal(heldOutLoss({ features, logits }), 500);
});

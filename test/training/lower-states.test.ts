// What a frozen part gives is kept or computed again, and nobody can tell; it is not trained, and has no moments.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { relativeDifference, startBackend } from '../engine/backend';
import { OPERATIONS } from '../../src/engine/operations';
import { trainableNames } from '../../src/model/frozen';
import { makeBatch } from '../../src/training/batch';
import { LowerStates } from '../../src/training/lower-states';
import { Trainer } from '../../src/training/trainer';
import fs from 'node:fs';
import path from 'node:path';
import { SafetensorsFile } from '../../src/model/safetensors/file';
import { features, setup, smallModel, temporary, weightsOf } from './small';

before(startBackend);

const frozenModel = (frozen = 1) => {
  const model = smallModel();
  Object.assign(model.compute, { frozen });
  return model;
};

for (const kind of OPERATIONS) {
  test(`${kind} operations: each row as in a batch, zeros for padding; kept or computed again, bit for bit`, async () => {
    process.env.SPANLAB_OPERATIONS = kind;
    try {
      const model = frozenModel();
      const rows = [3, 8, 0, 15];
      for (const padTo of [0, 20]) {
        const batch = makeBatch(features, rows, padTo);
        const sequence = batch.inputIds.shape[1];
        const [none, all] = [new LowerStates(model, features, padTo, 0), new LowerStates(model, features, padTo)];
        const values = async (states: LowerStates, of = rows) =>
          Array.from(await (await states.of(of, sequence)).data());
        const expected = await values(none);
        assert.deepEqual(await values(all), expected);
        assert.deepEqual(await values(all, [15, 3]), [
          ...expected.slice(-sequence * 16),
          ...expected.slice(0, sequence * 16),
        ]);
        const together = (await model.lowerStates(batch).data()) as Float32Array;
        const lengths = batch.lengths as ArrayLike<number>;
        const isToken = (i: number) =>
          padTo > 0 || Math.floor(i / 16) % sequence < lengths[Math.floor(i / 16 / sequence)];
        const tokens = (list: ArrayLike<number>) => Array.from(list).filter((_, i) => isToken(i));
        assert.ok(relativeDifference(tokens(expected), tokens(together)) < 1e-5);
        assert.ok(expected.every((value, i) => isToken(i) || value === 0));
        batch.dispose();
      }
    } finally {
      delete process.env.SPANLAB_OPERATIONS;
    }
  });
}

test('training changes what is not frozen, and nothing else; checkpoints have no moments of the frozen part', async () => {
  for (const freeze of [1, 2]) {
    const output = temporary();
    const given = setup({ freeze, checkpointEvery: 4 }, output);
    const before = weightsOf(given.model);
    await new Trainer(given).run();
    const after = weightsOf(given.model);
    const moved = Object.keys(after).filter((name) => after[name].some((value, i) => value !== before[name][i]));
    const trained = trainableNames(given.model.config, freeze);
    assert.deepEqual(moved, trained.filter((name) => name !== 'answer.bias' || moved.includes(name))); // prettier-ignore
    const file = new SafetensorsFile(path.join(output, 'checkpoint-16', 'exp_avg', 'model.safetensors'));
    assert.ok(![...file.tensors.keys()].some((name) => /embeddings|layer\.0\./.test(name)));
    file.close();
    fs.rmSync(output, { recursive: true });
  }
});

test('the number of tensors stays the same over the steps of a frozen run', async () => {
  const counts: number[] = [];
  const onStep = () => void counts.push(tf.memory().numTensors);
  const given = { ...setup({ freeze: 1 }), onStep };
  await new Trainer(given).run();
  assert.equal(counts.length, 16);
  assert.deepEqual(new Set(counts.slice(1)), new Set([counts[1]]));
});

test('it learns: the loss of frozen layers falls too', async () => {
  const given = setup({ freeze: 1, epochs: 12 });
  const { epochLosses } = await new Trainer(given).run();
  assert.ok(epochLosses.at(-1)! < 0.8 * epochLosses[0], String(epochLosses));
});

test('more layers than there are: refused before the first step', async () => {
  await assert.rejects(new Trainer(setup({ freeze: 3 })).run(), { code: 'E_MODEL_FREEZE' });
});

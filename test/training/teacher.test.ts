// A teacher: PyTorch's loss and gradient, padding that counts nothing, a student that comes nearer, and what is refused.
import assert from 'node:assert/strict';
import test, { before, describe } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { OPERATIONS } from '../../src/engine/operations';
import { computeLogits } from '../../src/evaluation/logits';
import { teacherLoss } from '../../src/model/teacher-loss';
import { makeBatch } from '../../src/training/batch';
import { teacherShares } from '../../src/training/teacher';
import { Trainer } from '../../src/training/trainer';
import { relativeDifference, startBackend } from '../engine/backend';
import { makeFeatures } from './features';
import { features, setup, smallModel, temporary } from './small';

before(startBackend);

const STUDENT = [0.5, -1, 2, 0.25, 1.5, 0, -0.75, 3];
const TEACHER = [2, 0.5, -1, 1, -0.5, 4, 0, 1];
/** torch 2.15.0, float64: `kl_div(log_softmax(s / T, -1), softmax(t / T, -1), reduction='batchmean') * T * T`, and its gradient. */
const TORCH: [temperature: number, loss: number, gradient: number[]][] = [
  [
    ...([1, 1.9295343277924744] as const),
    [-0.22761260615735746, -0.05078723726269365, 0.33044465109105725, -0.05204480767000716, 0.08090847349886285, -0.4440995989311265, 0.0005845040546730018, 0.3626066213775906], // prettier-ignore
  ],
  [
    ...([2, 2.5141963556738216] as const),
    [-0.210779277245022, -0.09956508058147362, 0.3764767640165494, -0.06613240619005387, 0.1834911974539145, -0.5624374484464127, -0.009504617065718327, 0.3884508680582165], // prettier-ignore
  ],
  [
    ...([5, 2.5565274801134983] as const),
    [-0.18576248126947711, -0.1376162308434749, 0.3935150893648009, -0.07013637725184908, 0.24786546047819927, -0.542873617733874, -0.039575217664705, 0.3345833749203791], // prettier-ignore
  ],
];

for (const [temperature, loss, gradient] of TORCH) {
  test(`temperature ${temperature}: PyTorch's loss and gradient`, () => {
    const teacher = tf.softmax(tf.div(tf.tensor2d(TEACHER, [2, 4]), temperature)) as tf.Tensor2D;
    const { value, grad } = tf.valueAndGrad((s: tf.Tensor) => teacherLoss(s as tf.Tensor2D, teacher, temperature))(
      tf.tensor2d(STUDENT, [2, 4]),
    );
    assert.ok(Math.abs(value.dataSync()[0] - loss) < 1e-5);
    assert.ok(relativeDifference(grad.dataSync(), gradient) < 1e-5);
  });
}

for (const kind of OPERATIONS) {
  test(`${kind} operations: a model is its own best teacher, and padding is asked nothing`, async () => {
    process.env.SPANLAB_OPERATIONS = kind;
    try {
      const model = smallModel();
      Object.assign(model.compute, { teacher: { weight: 1, temperature: 2 } });
      const scores = await computeLogits(model, features);
      for (const padTo of [0, 20]) {
        const batch = makeBatch(features, [0, 5, 11], padTo);
        const sequence = batch.inputIds.shape[1];
        const soft = teacherShares(scores, features, { rows: batch.rows, sequence, temperature: 2 });
        const sums = tf.sum(soft.teacherStart, 1).dataSync();
        assert.ok(sums.every((sum) => Math.abs(sum - 1) < 1e-5));
        const loss = model.loss({ ...batch, ...soft }).dataSync()[0];
        if (padTo === 0) assert.ok(Math.abs(loss) < 1e-5, String(loss)); // with padTo the student scores padding, too
        assert.ok(Number.isFinite(loss));
      }
    } finally {
      delete process.env.SPANLAB_OPERATIONS;
    }
  });
}

/** Scores of another model. */
const teacherOf = (rows = features) => computeLogits(smallModel(7), rows);

test('with all the weight on the teacher, the student comes nearer to it and labels count nothing', async () => {
  const teacher = await teacherOf();
  const options = { teacherWeight: 1, teacherTemperature: 1, epochs: 12 };
  const { epochLosses: losses } = await new Trainer({ ...setup(options), teacher }).run();
  assert.ok(losses.at(-1)! < 0.6 * losses[0], String(losses));
  const wrong = { ...features, startPositions: features.startPositions.map(() => 1), endPositions: features.endPositions.map(() => 1) }; // prettier-ignore
  const given = { ...setup(options), features: wrong, teacher };
  assert.deepEqual((await new Trainer(given).run()).epochLosses, losses);
});

test('without weight the teacher changes nothing', async () => {
  const teacher = await teacherOf();
  const run = async (more: object) =>
    (await new Trainer({ ...setup({ teacherWeight: 0 }), ...more }).run()).epochLosses;
  const [without, with0] = [await run({}), await run({ teacher })];
  with0.forEach((loss, i) => assert.ok(Math.abs(loss - without[i]) < 1e-4));
});

test('tensors stay the same in number', async () => {
  const counts: number[] = [];
  const onStep = () => void counts.push(tf.memory().numTensors);
  await new Trainer({ ...setup(), teacher: await teacherOf(), onStep }).run();
  assert.deepEqual(new Set(counts.slice(1)), new Set([counts[1]]));
});

describe('refused', () => {
  const general = makeFeatures([8, 9, 10]);

  test('scores of other rows, and scores that are no numbers', async () => {
    const teacher = await teacherOf(general);
    assert.throws(() => new Trainer({ ...setup(), teacher }), { code: 'E_TRAIN_TEACHER' });
    const broken = { startLogits: new Float32Array(features.inputIds.length).fill(NaN), endLogits: new Float32Array(features.inputIds.length) }; // prettier-ignore
    assert.throws(() => new Trainer({ ...setup(), teacher: broken }), { code: 'E_TRAIN_TEACHER' });
  });

  test('a teacher of own rows and none of the mixed ones', async () => {
    const teacher = await teacherOf();
    assert.throws(() => new Trainer({ ...setup(), teacher, mix: { features: general } }), { code: 'E_TRAIN_TEACHER' });
  });

  test('handing it over to PyTorch', async () => {
    const given = { ...setup({}, temporary()), teacher: await teacherOf() };
    await assert.rejects(new Trainer(given).prepare(), { code: 'E_TRAIN_OPTION', message: /leave out teacher/ });
  });
});

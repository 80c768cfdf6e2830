// What stops a run: data that cannot be trained on, losses that are no numbers, backends that fail; what was good stays.
import assert from 'node:assert/strict';
import path from 'node:path';
import test, { before, describe } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { AdamW } from '../../src/engine/adamw';
import { EngineError } from '../../src/engine/errors';
import { backendError } from '../../src/training/guards';
import { latestCheckpoint } from '../../src/training/checkpoints';
import { readRunFile } from '../../src/training/run-file';
import type { StepReport } from '../../src/training/state';
import { Trainer } from '../../src/training/trainer';
import { startBackend } from '../engine/backend';
import { makeFeatures } from './features';
import { features, setup, smallModel, temporary, weightsOf } from './small';

before(startBackend);

const ids = Array.from({ length: 64 }, (_, i) => `q${i}`);

describe('data', () => {
  test('without rows', () => {
    assert.throws(() => new Trainer({ ...setup(), features: makeFeatures([]) }), { code: 'E_TRAIN_DATA' });
  });

  for (const [title, start, end] of [
    ['an end beyond its row', 3, 8],
    ['a start after the end', 5, 4],
    ['a start before the row', -1, 2],
  ] as const) {
    test(title, () => {
      const changed = { ...features, startPositions: features.startPositions.slice(), endPositions: features.endPositions.slice() }; // prettier-ignore
      [changed.startPositions[9], changed.endPositions[9]] = [start, end];
      const message = new RegExp(`answer of row 9 \\(questions q9\\) is at tokens ${start} to ${end} of 8`);
      assert.throws(() => new Trainer({ ...setup(), features: changed, ids }), { code: 'E_TRAIN_LABEL', message });
    });
  }

  test('rows longer than the model', async () => {
    const trainer = new Trainer({ ...setup(), features: makeFeatures([40]) });
    await assert.rejects(trainer.run(), { code: 'E_MODEL_INPUT', message: /40 tokens.*32/ });
  });
});

/** A run that something breaks after step 6, with checkpoints every 4 steps. */
async function brokenRun(breakIt: (model: ReturnType<typeof smallModel>) => void) {
  const output = temporary();
  const given = setup({ checkpointEvery: 4 }, output);
  const onStep = ({ step }: StepReport) => void (step === 6 && breakIt(given.model));
  const error = await new Trainer({ ...given, ids, onStep }).run().then(
    () => assert.fail('nothing went wrong'),
    (thrown: Error & { code: string }) => thrown,
  );
  return { output, error, weights: weightsOf(given.model) };
}

/** The run goes on to the weights that it has without the break. */
async function checkResumes(output: string): Promise<void> {
  const [resumed, whole] = [setup({ checkpointEvery: 4 }, output), setup()];
  await new Trainer(resumed).run({ resume: 'latest', acceptChanges: true }); // without what failed
  await new Trainer(whole).run();
  assert.deepEqual(weightsOf(resumed.model), weightsOf(whole.model));
}

describe('while training', () => {
  const tensors = () => tf.memory().numTensors;

  test('a loss that is not a number: step and questions are named, the last good checkpoint stays', async () => {
    const { output, error } = await brokenRun((model) => model.parameters.set('answer.bias', tf.tensor([NaN, 0])));
    assert.equal(error.code, 'E_TRAIN_LOSS');
    assert.match(
      error.message,
      /the loss is NaN at step 7, rows \d+(, \d+){7} \(questions q\d+(, q\d+){7}\);.*checkpoint-4 is good/,
    );
    assert.equal(latestCheckpoint(output)?.head.state.step, 4);
    const { status, error: recorded } = readRunFile(output);
    assert.deepEqual([status, recorded], ['failed', error.message]);
    await checkResumes(output);
  });

  test('a gradient that is infinite: the weights do not change', async () => {
    let before: unknown;
    const { output, error, weights } = await brokenRun((model) => {
      before = weightsOf(model);
      const compute = model.lossAndGradients.bind(model);
      model.lossAndGradients = (...args) => {
        const { loss, gradients } = compute(...args);
        gradients['answer.bias'].dispose();
        return { loss, gradients: { ...gradients, 'answer.bias': tf.tensor1d([Infinity, 0]) } };
      };
    });
    assert.equal(error.code, 'E_TRAIN_LOSS');
    assert.match(error.message, /the gradient norm is (Infinity|NaN) at step 7/);
    assert.deepEqual(weights, before);
    assert.equal(latestCheckpoint(output)?.head.state.step, 4);
  });

  test('the optimizer leaves weights and moments as they are', async () => {
    const model = smallModel();
    const optimizer = new AdamW(model.parameters);
    const before = weightsOf(model);
    assert.equal(Number.isFinite(await optimizer.step({ 'answer.bias': tf.tensor1d([NaN, 1]) })), false);
    assert.deepEqual([weightsOf(model), optimizer.stepCount], [before, 0]);
  });

  test('memory runs out: what to change is said, and the state before the step is saved', async () => {
    const { output, error } = await brokenRun((model) => {
      model.lossAndGradients = () => {
        throw new Error('OOM when allocating tensor with shape[16,12,384,384] and type float');
      };
    });
    assert.equal(error.code, 'E_OUT_OF_MEMORY');
    assert.match(
      error.message,
      /step 7, with 8 rows of up to \d+ tokens.*halve the batch.*recompute.*checkpoint-6 is good/,
    );
    await checkResumes(output);
  });

  test('the backend fails: the state before the step is saved', async () => {
    const { output, error } = await brokenRun((model) => {
      model.lossAndGradients = () => {
        throw new Error('Invoking MatMul failed:\nwith a trace');
      };
    });
    assert.equal(error.code, 'E_TRAIN_BACKEND');
    assert.match(error.message, /failed at step 7: Invoking MatMul failed:; .*checkpoint-6 is good: resume latest$/);
    await checkResumes(output);
  });

  test('the backend fails in the middle of an update: only the older checkpoint counts', async (context) => {
    const { output, error } = await brokenRun(() => {
      context.mock.method(AdamW.prototype, 'step', () => {
        throw new Error('Invoking AdamW failed');
      });
    });
    context.mock.restoreAll();
    assert.equal(error.code, 'E_TRAIN_BACKEND');
    assert.match(error.message, new RegExp(`${path.join(output, 'checkpoint-4')} is good`));
    await checkResumes(output);
  });

  test('a callback that throws is no failure of the backend, and costs no step', async () => {
    const { output, error } = await brokenRun(() => {
      throw new Error('mine');
    });
    assert.deepEqual([error.message, error.code], ['mine', undefined]);
    assert.equal(latestCheckpoint(output)?.head.state.step, 6);
    await checkResumes(output);
  });

  test('an evaluation that fails costs no step', async () => {
    const output = temporary();
    const evaluate = () => Promise.reject(new Error('no such file'));
    const run = new Trainer({ ...setup({ evaluateEvery: 5, checkpointEvery: 4 }, output), evaluate }).run();
    const message = /evaluation after step 5 failed: no such file; .*checkpoint-5 is good/;
    await assert.rejects(run, { code: 'E_TRAIN_EVALUATION', message });
    await checkResumes(output);
  });

  test('an error at the first step leaves no checkpoint', async () => {
    const output = temporary();
    const trainer = new Trainer({ ...setup({}, output), features: makeFeatures([40]) });
    await assert.rejects(trainer.run(), { code: 'E_MODEL_INPUT' });
    assert.equal(latestCheckpoint(output), undefined);
    assert.equal(readRunFile(output).status, 'failed');
  });

  test('no tensor is left of a step that failed', async () => {
    const model = smallModel();
    model.parameters.set('answer.bias', tf.tensor([NaN, 0]));
    await assert.rejects(new Trainer({ ...setup(), model }).run());
    const count = tensors();
    await assert.rejects(new Trainer({ ...setup(), model }).run());
    assert.equal(tensors(), count);
  });
});

test('words of backends for full memory', () => {
  const words = [
    ...['OOM when allocating tensor', 'RESOURCE_EXHAUSTED: failed to allocate', 'std::bad_alloc', 'out of memory'],
    ...['Array buffer allocation failed', 'Invalid TF_Status: 8'],
  ];
  const size = { rows: 1, longest: 1 };
  for (const text of words) assert.equal(backendError(new Error(text), 1, size).code, 'E_OUT_OF_MEMORY', text);
  assert.equal(backendError(new EngineError('E_OUT_OF_MEMORY', 'malloc gave 0'), 1, size).code, 'E_OUT_OF_MEMORY');
  assert.equal(backendError(new Error('room for improvement'), 1, size).code, 'E_TRAIN_BACKEND');
});

test('weights that the last step spoils are not saved as a model', async () => {
  const output = temporary();
  const given = setup({}, output);
  const name = given.model.parameters.names.at(-1)!;
  const spoil = () => given.model.parameters.set(name, tf.fill(given.model.parameters.shape(name), Infinity));
  const onStep = ({ step, totalSteps }: StepReport) => {
    if (step === totalSteps) spoil();
  };
  await assert.rejects(new Trainer({ ...given, onStep }).run(), {
    code: 'E_TRAIN_LOSS',
    message: new RegExp(`${name} holds what is no finite number after step 16; lower the learning rate`),
  });
});

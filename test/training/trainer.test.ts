// Training learns, repeats bit by bit, stops when asked, evaluates, refuses what cannot work, and leaks nothing.
import assert from 'node:assert/strict';
import test, { before, describe } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { liveHandles } from '../../src/engine/native/binding';
import { AdamW } from '../../src/engine/adamw';
import { DataLoader } from '../../src/training/loader';
import { schedule } from '../../src/training/schedule';
import type { TrainerOptions } from '../../src/training/options';
import type { StepReport } from '../../src/training/state';
import type { TrainerSetup } from '../../src/training/setup';
import { Trainer } from '../../src/training/trainer';
import { dropoutSeed } from '../../src/training/update';
import { startBackend } from '../engine/backend';
import { features, setup, smallModel, temporary, weightsOf } from './small';

before(startBackend);

const train = (options: Partial<TrainerOptions> = {}, more: Partial<TrainerSetup> = {}) =>
  new Trainer({ ...setup(options), ...more }).run();

describe('learning', () => {
  test('the loss falls far below that of guessing', async () => {
    const result = await train({ epochs: 16 });
    assert.equal(result.steps, 128);
    assert.equal(result.epochLosses.length, 16);
    assert.ok(result.epochLosses[0] > 2, `${result.epochLosses[0]}`);
    assert.ok(result.epochLosses[15] < 0.8, `${result.epochLosses[15]}`);
  });

  test('the same seed gives the same weights, bit by bit, with dropout and shuffling; another seed does not', async () => {
    const run = async (seed: number, steps: number) => {
      const model = smallModel();
      await train({ steps, seed }, { model });
      return weightsOf(model);
    };
    assert.deepEqual(await run(5, 50), await run(5, 50));
    assert.notDeepEqual(await run(6, 2), await run(5, 2));
  });

  test('the loop of the tutorial, written out, gives the same weights', async () => {
    const [model, trained] = [smallModel(), smallModel()];
    const loader = new DataLoader(features, { batchSize: 8, shuffle: true, seed: 0 });
    const optimizer = new AdamW(model.parameters, { learningRate: 3e-3 });
    const rate = schedule('linear', 16, 1);
    let step = 0;
    for (const epoch of [0, 1]) {
      for (const batch of loader.epoch(epoch)) {
        const { loss, gradients } = model.lossAndGradients(batch, dropoutSeed(0, step));
        await optimizer.step(gradients, 3e-3 * rate(step++));
        tf.dispose([loss, gradients]);
        batch.dispose();
      }
    }
    await train({}, { model: trained });
    assert.deepEqual(weightsOf(trained), weightsOf(model));
  });

  test('batches that are accumulated make the update of one large batch', async () => {
    // no dropout, since its masks differ; one batch takes all rows in order
    const run = async (options: Partial<TrainerOptions>) => {
      const model = smallModel();
      Object.assign(model.config, { hiddenDropout: 0, attentionDropout: 0 });
      await train({ shuffle: false, bucket: false, epochs: 3, warmup: 0, learningRate: 1e-3, ...options }, { model });
      return weightsOf(model);
    };
    const large = await run({ batchSize: 64 });
    const small = await run({ batchSize: 24, accumulate: 3 }); // 24, 24 and 16 rows
    for (const [name, values] of Object.entries(large).filter(([name]) => !/qkv\.bias|answer\.bias/.test(name))) {
      values.forEach((value, i) => assert.ok(Math.abs(value - small[name][i]) < 2e-4, `${name} ${i}`));
    }
  });

  test('steps in place of epochs; the last batches of an epoch make an update of their own', async () => {
    const reports: StepReport[] = [];
    const onStep = (report: StepReport) => void reports.push(report);
    await train({ steps: 5, batchSize: 10, accumulate: 3, shuffle: false }, { onStep }); // 7 batches an epoch: 3 updates
    assert.deepEqual(
      reports.map(({ epoch }) => epoch),
      [0, 0, 0, 1, 1],
    );
    assert.deepEqual(
      reports.map(({ examples }) => examples),
      [30, 60, 64, 94, 124],
    );
  });
});

describe('running', () => {
  test('tensors and handles stay constant from step to step, also with accumulation', async () => {
    for (const accumulate of [1, 2]) {
      const counts: string[] = [];
      const onStep = () => void counts.push(`${tf.memory().numTensors} ${liveHandles()}`);
      await train({ epochs: 5, accumulate }, { onStep });
      assert.equal(new Set(counts.slice(1)).size, 1, counts.join('; '));
    }
  });

  test('a run gives back all that it took, but the weights', async () => {
    const trainer = new Trainer(setup({ checkpointEvery: 4 }, temporary()));
    await trainer.run();
    const before = `${tf.memory().numTensors} ${liveHandles()}`;
    await trainer.run({ resume: 'latest' });
    await trainer.run({ resume: 'latest' });
    assert.equal(`${tf.memory().numTensors} ${liveHandles()}`, before);
  });

  test('steps report epoch, rate, norm, speed and memory', async () => {
    const reports: StepReport[] = [];
    await train({}, { onStep: (report) => void reports.push(report) });
    assert.deepEqual(
      reports.map((report) => report.step),
      Array.from({ length: 16 }, (_, i) => i + 1),
    );
    assert.deepEqual(new Set(reports.map((report) => report.epoch)), new Set([0, 1]));
    assert.equal(reports[0].learningRate, 0); // a warm-up starts at 0
    assert.equal(reports[15].examples, 128);
    const isComplete = (report: StepReport) =>
      report.gradientNorm > 0 && report.totalSteps === 16 && report.tokensPerSecond > 0 && report.memory > 1e6;
    assert.ok(reports.every(isComplete));
  });

  test('the signal stops it after the step in progress', async () => {
    const controller = new AbortController();
    const onStep = ({ step }: StepReport) => void (step === 3 && controller.abort());
    const result = await new Trainer({ ...setup(), onStep }).run({ signal: controller.signal });
    assert.deepEqual([result.steps, result.stopped], [3, true]);
  });

  test('a signal that comes with the last step stops nothing', async () => {
    const controller = new AbortController();
    const onStep = ({ step }: StepReport) => void (step === 16 && controller.abort());
    const result = await new Trainer({ ...setup(), onStep }).run({ signal: controller.signal });
    assert.deepEqual([result.steps, result.stopped], [16, false]);
  });

  test('dropout seeds of runs and batches differ', () => {
    const seeds = [0, 1, 2].flatMap((seed) => Array.from({ length: 1000 }, (_, step) => dropoutSeed(seed, step)));
    assert.equal(new Set(seeds).size, 3000);
  });
});

describe('evaluation', () => {
  /** Evaluates to the numbers of a list, one after the other, and keeps the weights that they are for. */
  function metrics(values: number[], model = smallModel()) {
    const seen: Record<string, number[]>[] = [];
    const evaluate = () => Promise.resolve({ f1: values[seen.push(weightsOf(model)) - 1] });
    return { model, evaluate, seen };
  }

  test('comes every N steps and at the end', async () => {
    const steps: number[] = [];
    const { model, evaluate } = metrics([1, 2, 3, 4]);
    await train({ evaluateEvery: 6 }, { model, evaluate, onEvaluation: (step) => void steps.push(step) });
    assert.deepEqual(steps, [6, 12, 16]);
  });

  test('the best model is the one that comes out', async () => {
    const { model, evaluate, seen } = metrics([3, 9, 5]);
    const trainer = new Trainer({ ...setup({ evaluateEvery: 6, checkpointEvery: 0 }, temporary()), model, evaluate });
    const result = await trainer.run();
    assert.deepEqual([result.bestStep, result.bestValue], [12, 9]);
    assert.notDeepEqual(seen[1], seen[2]);
    assert.deepEqual(weightsOf(model), seen[1]);
  });

  test('of losses the smallest is best', async () => {
    const { model, evaluate } = metrics([3, 1, 2]);
    const named = async () => ({ 'dev loss': (await evaluate()).f1 });
    const result = await train({ evaluateEvery: 6, bestMetric: 'dev loss' }, { model, evaluate: named });
    assert.equal(result.bestStep, 12);
  });

  test('patience ends it when nothing gets better', async () => {
    const { model, evaluate } = metrics([5, 4, 5, 3, 6, 7, 8, 9]);
    const result = await train({ evaluateEvery: 2, patience: 3 }, { model, evaluate });
    assert.deepEqual([result.steps, result.bestStep, result.stopped], [8, 2, false]);
  });

  test('a mark that the evaluation does not give is an error with those that it gives', async () => {
    const evaluate = () => Promise.resolve({ accuracy: 1 });
    const error = { code: 'E_TRAIN_OPTION', message: /bestMetric is "f1".*accuracy/ };
    await assert.rejects(train({ evaluateEvery: 2 }, { evaluate }), error);
  });
});

describe('options', () => {
  const refused: [title: string, options: Record<string, unknown>, message: RegExp][] = [
    ['an unknown name', { epoch: 3 }, /unknown option "epoch"/],
    ['a number out of range', { batchSize: 0 }, /batchSize is 0; it takes >=1/],
    ['half a row', { batchSize: 2.5 }, /batchSize is 2\.5; it takes a whole number/],
    ['text for a number', { learningRate: 'fast' }, /learningRate is "fast"; it takes number/],
    ['a schedule that there is not', { schedule: 'stairs' }, /schedule is "stairs"; it takes .*linear/],
    ['a share above 1', { warmup: 1.5 }, /warmup is 1\.5; it takes <=1/],
  ];
  for (const [title, options, message] of refused) {
    test(`${title} is refused by name`, () => {
      assert.throws(() => new Trainer(setup(options)), { code: 'E_TRAIN_OPTION', message });
    });
  }

  test('output without a tokenizer, and evaluateEvery without evaluate, are refused', () => {
    const output = temporary();
    assert.throws(() => new Trainer({ ...setup(), output }), { code: 'E_TRAIN_OPTION', message: /tokenizer/ });
    assert.throws(() => new Trainer(setup({ evaluateEvery: 3 })), { code: 'E_TRAIN_OPTION', message: /evaluate/ });
  });

  test('precision and recomputation reach the model', async () => {
    const model = smallModel();
    await train({ steps: 1, recompute: true }, { model, features });
    const { precision, recompute } = model.compute;
    assert.deepEqual({ precision, recompute }, { precision: 'fp32', recompute: true });
  });
});

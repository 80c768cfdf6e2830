// Training learns, repeats bit by bit, stops when asked, refuses what cannot work, and leaks nothing.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { liveHandles } from '../../src/engine/native/binding';
import { parseConfig } from '../../src/model/config';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import type { StepReport } from '../../src/training/train';
import { dropoutSeed, train } from '../../src/training/train';
import { startBackend } from '../engine/backend';
import { makeFeatures } from './features';

const CONFIG = parseConfig({
  ...{ model_type: 'bert', vocab_size: 50, hidden_size: 16, num_hidden_layers: 2, num_attention_heads: 2 },
  ...{ intermediate_size: 32, max_position_embeddings: 32, initializer_range: 0.1 },
});
const features = makeFeatures(Array.from({ length: 64 }, (_, i) => 8 + (i % 9)));
const options = { epochs: 2, batchSize: 8, learningRate: 3e-3 };

const weightsOf = (model: QuestionAnsweringModel) =>
  model.parameters.names.map((name) => Array.from(model.parameters.get(name).dataSync()));

before(startBackend);

test('the loss falls far below that of guessing', async () => {
  const model = QuestionAnsweringModel.fromConfig(CONFIG);
  const result = await train(model, features, { ...options, epochs: 25 });
  assert.equal(result.steps, 200);
  assert.equal(result.epochLosses.length, 25);
  assert.ok(result.epochLosses[0] > 2, `${result.epochLosses[0]}`);
  assert.ok(result.epochLosses[24] < 0.5, `${result.epochLosses[24]}`);
});

test('the same seed gives the same weights, bit by bit, with dropout and shuffling; another seed does not', async () => {
  const run = async (seed: number) => {
    const model = QuestionAnsweringModel.fromConfig(CONFIG, { seed: 1 });
    await train(model, features, { ...options, epochs: 7, seed }); // 56 steps
    return weightsOf(model);
  };
  const first = await run(5);
  assert.deepEqual(await run(5), first);
  assert.notDeepEqual(await run(6), first);
});

test('tensors and handles stay constant from step to step', async () => {
  const model = QuestionAnsweringModel.fromConfig(CONFIG);
  const counts: string[] = [];
  await train(model, features, {
    ...options,
    epochs: 5,
    onStep: () => void counts.push(`${tf.memory().numTensors} ${liveHandles()}`),
  });
  assert.equal(new Set(counts.slice(1)).size, 1, counts.join('; '));
});

test('steps report epoch, rate, norm and progress', async () => {
  const reports: StepReport[] = [];
  await train(QuestionAnsweringModel.fromConfig(CONFIG), features, { ...options, onStep: (r) => void reports.push(r) });
  assert.deepEqual(
    reports.map((report) => report.step),
    Array.from({ length: 16 }, (_, i) => i + 1),
  );
  assert.deepEqual(new Set(reports.map((report) => report.epoch)), new Set([0, 1]));
  assert.equal(reports[0].learningRate, 0); // a warm-up starts at 0
  assert.equal(reports[15].examples, 128);
  assert.ok(reports.every((report) => report.gradientNorm > 0 && report.totalSteps === 16));
});

test('the signal stops it after the step in progress', async () => {
  const controller = new AbortController();
  const stopAtThree = ({ step }: StepReport) => void (step === 3 && controller.abort());
  const model = QuestionAnsweringModel.fromConfig(CONFIG);
  const result = await train(model, features, { ...options, signal: controller.signal, onStep: stopAtThree });
  assert.equal(result.steps, 3);
  assert.equal(result.stopped, true);
});

test('no rows, and a loss that is not a number, are coded errors', async () => {
  const model = QuestionAnsweringModel.fromConfig(CONFIG);
  await assert.rejects(train(model, makeFeatures([]), options), { code: 'E_TRAIN_DATA' });
  model.parameters.set('answer.bias', tf.tensor([NaN, 0]));
  await assert.rejects(train(model, features, options), { code: 'E_TRAIN_LOSS', message: /step 1 \(rows / });
});

test('rows longer than the model are refused before anything is computed', async () => {
  const model = QuestionAnsweringModel.fromConfig(CONFIG);
  await assert.rejects(train(model, makeFeatures([40]), options), { code: 'E_MODEL_INPUT', message: /40 tokens.*32/ });
});

test('dropout seeds of runs and steps differ', () => {
  const seeds = [0, 1, 2].flatMap((seed) => Array.from({ length: 1000 }, (_, step) => dropoutSeed(seed, step)));
  assert.equal(new Set(seeds).size, 3000);
});

// A step of training as one function that XLA compiles, beside the same steps operation by operation.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { AdamW } from '../../src/engine/adamw';
import { borrow, download, free, INT32, liveHandles, toTensor, upload } from '../../src/engine/native/binding';
import { hashedMask } from '../../src/engine/native/graph/dropout';
import { trace } from '../../src/engine/native/graph/trace';
import { Workspace } from '../../src/engine/native/workspace';
import { operationsKind } from '../../src/engine/operations';
import type { Precision } from '../../src/engine/pass';
import { CompiledStep } from '../../src/model/compiled-step';
import { parseConfig } from '../../src/model/config';
import type { LabelledInputs } from '../../src/model/inputs';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { relativeDifference, startBackend } from './backend';

const STEPS = 5;
const asked = process.env.SPANLAB_OPERATIONS;

before(async () => {
  process.env.XLA_FLAGS = '--xla_backend_optimization_level=0'; // compiles in a third of the time
  assert.match(await startBackend(), /^tensorflow/, 'these tests need the native library: npm run setup');
  process.env.SPANLAB_OPERATIONS = 'compiled';
  assert.equal(operationsKind(), 'compiled');
});
after(() => {
  if (asked === undefined) delete process.env.SPANLAB_OPERATIONS;
  else process.env.SPANLAB_OPERATIONS = asked;
});

function makeTraining(precision: Precision, dropout = 0) {
  const size = { vocab_size: 60, hidden_size: 32, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 48 };
  const rates = { hidden_dropout_prob: dropout, attention_probs_dropout_prob: dropout };
  const config = parseConfig({
    model_type: 'bert',
    max_position_embeddings: 16,
    type_vocab_size: 2,
    ...size,
    ...rates,
  });
  const model = QuestionAnsweringModel.fromConfig(config, { seed: 3 });
  model.compute.precision = precision;
  const optimizer = new AdamW(model.parameters, { learningRate: 1e-3 });
  const compiled = new CompiledStep(model, optimizer);
  const dispose = () => [compiled, optimizer, model].forEach((part) => part.dispose());
  return { model, optimizer, compiled, dispose };
}

function makeInputs(): LabelledInputs & { inputIds: tf.Tensor2D } {
  const ids = Int32Array.from({ length: 3 * 12 }, (_, i) => 1 + ((i * 37) % 59));
  return {
    inputIds: tf.tensor2d(ids, [3, 12], 'int32'),
    startPositions: tf.tensor1d([0, 3, 5], 'int32'),
    endPositions: tf.tensor1d([2, 3, 6], 'int32'),
    lengths: [12, 7, 10],
  };
}

/** Losses and norms of a few steps one by one. */
async function stepByStep({ model, optimizer }: ReturnType<typeof makeTraining>, inputs: LabelledInputs) {
  const results: { loss: number; gradientNorm: number }[] = [];
  for (let step = 0; step < STEPS; step++) {
    const { loss, gradients } = model.lossAndGradients(inputs);
    const gradientNorm = await optimizer.step(gradients);
    results.push({ loss: loss.dataSync()[0], gradientNorm });
    tf.dispose([loss, gradients]);
  }
  return results;
}

/**
 * Softmax does not see what is added to all keys, nor to all scores: these biases have no gradient but rounding errors, which AdamW
 * makes as large as any.
 */
const isNoise = (name: string) => /(?:qkv|outputNorm|answer)\.bias$/.test(name);

for (const [precision, limit] of [
  ['fp32', 1e-5],
  ['bf16', 5e-3],
] as const) {
  // prettier-ignore
  test(`in ${precision} a compiled step changes the weights as the operations one by one do`, async () => {
    const inputs = makeInputs();
    const [plain, whole] = [makeTraining(precision), makeTraining(precision)];
    const expected = await stepByStep(plain, inputs);
    const actual = Array.from({ length: STEPS }, () => whole.compiled.run(inputs));
    for (const part of ['loss', 'gradientNorm'] as const) {
      const lists = [actual, expected].map((results) => results.map((result) => result[part]));
      assert.ok(relativeDifference(lists[0], lists[1]) < limit, `${part}: ${lists.join(' | ')}`);
    }
    assert.equal(whole.optimizer.stepCount, STEPS);
    for (const name of plain.model.parameters.names.filter((name) => !isNoise(name))) {
      const [a, b] = [whole, plain].map(({ model }) => model.parameters.get(name).dataSync());
      assert.ok(relativeDifference(a, b) < 10 * limit, `${name}: ${relativeDifference(a, b)}`);
    }
    [plain, whole].forEach((training) => training.dispose());
    tf.dispose(inputs as unknown as tf.TensorContainer);
  });
}

test('dropout follows its seed, a step leaves no tensor behind, and gradients that are no numbers change nothing', () => {
  const inputs = makeInputs();
  const training = makeTraining('fp32', 0.2);
  const loss = (seed: number) => training.compiled.run(inputs, seed, 0).loss; // a learning rate of 0: the weights stay
  const first = loss(1);
  const held = [tf.memory().numTensors, liveHandles()];
  assert.notEqual(loss(2), first);
  assert.equal(loss(1), first);
  assert.deepEqual([tf.memory().numTensors, liveHandles()], held);
  const { parameters } = training.model;
  const [name] = parameters.names.filter((each) => parameters.shape(each).length === 1);
  parameters.set(name, tf.fill(parameters.shape(name), NaN));
  const other = parameters.names.find((each) => each !== name)!;
  const before = parameters.get(other).dataSync().slice();
  const steps = training.optimizer.stepCount;
  assert.ok(Number.isNaN(training.compiled.run(inputs, 1, 1).gradientNorm));
  assert.deepEqual(parameters.get(other).dataSync(), before);
  assert.equal(training.optimizer.stepCount, steps);
  training.dispose();
  tf.dispose(inputs as unknown as tf.TensorContainer);
});

/** `kept` of kernels/dropout.h with one stream for all. */
function keptByHash(seed: number, site: number, rate: number, number: number): number {
  const mix = (word: number) => {
    let x = Math.imul(word ^ (word >>> 16), 0x7feb352d);
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
    return x ^ (x >>> 16);
  };
  const first = mix(mix(0x9e3779b9 ^ seed) + site);
  const second = mix(first + 0x85ebca6b);
  let x = (Math.imul(number, 0x9e3779b1) + first) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul((x ^ (x >>> 15)) + second, 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0 >= Math.round(rate * 2 ** 32) ? 1 : 0;
}

test('a compiled mask of dropout is the hash of its elements', () => {
  const [seed, site, rate, shape] = [-12345, 6, 0.1, [5, 40, 24]];
  const mask = trace([{ shape: [], dtype: INT32 }], [], ([given]) => {
    const w = new Workspace();
    const tensor = toTensor<tf.Scalar>(given);
    const kept = w.take(w.cast(hashedMask(w, shape, rate, tensor, site), INT32));
    tensor.dispose();
    return [kept];
  });
  const handle = upload(Int32Array.of(seed), []);
  const [result] = mask.run([handle]);
  const kept = Array.from(download(result));
  free(handle, result);
  mask.dispose();
  assert.deepEqual(
    kept,
    Array.from({ length: 5 * 40 * 24 }, (_, number) => keptByHash(seed, site, rate, number)),
  );
  const share = kept.reduce((a, b) => a + b, 0) / kept.length;
  assert.ok(Math.abs(share - 0.9) < 4 * Math.sqrt((0.9 * 0.1) / kept.length), `${share}`);
});

test('a trace that reads values is refused, and leaves the backend as it was', () => {
  const x = tf.tensor1d([1, 2]);
  const handle = borrow(x);
  const reads = () =>
    trace([handle], [], ([given]) => {
      const w = new Workspace();
      const square = w.take(w.square(given));
      tf.tidy(() => tf.square(x).dataSync());
      return [square];
    });
  assert.throws(reads, { code: 'E_TRACE', message: /not known while a step is compiled/ });
  assert.deepEqual(Array.from(tf.square(x).dataSync()), [1, 4]);
});

// The WebAssembly backend trains, with its mends: the same loss and gradients as PyTorch, on the tiny models.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { AdamW } from '../../src/engine/adamw';
import { chooseBackend } from '../../src/engine/backend';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { exportWeights } from '../../src/model/weights';
import { relativeDifference } from './backend';

test('a step on wasm: loss and gradients of the reference, then a lower loss', async () => {
  const { name } = await chooseBackend('wasm');
  assert.equal(name, 'wasm');
  const folder = path.join(__dirname, '..', 'reference', 'tiny', 'bert');
  const reference = JSON.parse(fs.readFileSync(path.join(folder, 'reference.json'), 'utf8'));
  const model = QuestionAnsweringModel.fromPretrained(folder);
  const inputs = {
    inputIds: tf.tensor2d(reference.inputs.input_ids as number[][], undefined, 'int32'),
    attentionMask: tf.tensor2d(reference.inputs.attention_mask as number[][], undefined, 'int32'),
    tokenTypeIds: tf.tensor2d(reference.inputs.token_type_ids as number[][], undefined, 'int32'),
    startPositions: tf.tensor1d(reference.start as number[], 'int32'),
    endPositions: tf.tensor1d(reference.end as number[], 'int32'),
  };
  const { loss, gradients } = model.lossAndGradients(inputs);
  const [first] = loss.dataSync();
  assert.ok(Math.abs(first - reference.loss) < 1e-5, `${first} ${reference.loss}`);
  const ours = exportWeights(model.config, (weight) => gradients[weight].dataSync() as Float32Array);
  for (const weight of ['bert.embeddings.word_embeddings.weight', 'bert.encoder.layer.0.attention.self.query.weight']) {
    assert.ok(relativeDifference(ours.get(weight)!.values, reference.gradients[weight]) < 1e-4, weight);
  }
  const optimizer = new AdamW(model.parameters, { learningRate: 1e-3 });
  await optimizer.step(gradients);
  assert.ok(model.loss(inputs).dataSync()[0] < first);
});

test('rows go through in parts where they are many, with the same loss and gradients', async () => {
  await chooseBackend('wasm');
  const folder = path.join(__dirname, '..', 'reference', 'tiny', 'distilbert');
  const model = QuestionAnsweringModel.fromPretrained(folder);
  const rows = 80; // of 16 tokens: more than one part
  const ids = Int32Array.from({ length: rows * 16 }, (_, i) => 1 + ((i * 7) % 49));
  const labels = tf.tensor1d(
    Int32Array.from({ length: rows }, (_, i) => i % 16),
    'int32',
  );
  const inputs = { inputIds: tf.tensor2d(ids, [rows, 16], 'int32'), startPositions: labels, endPositions: labels };
  const tensors = tf.memory().numTensors;
  const parts = model.lossAndGradients(inputs);
  assert.equal(tf.memory().numTensors - tensors, 1 + model.parameters.names.length);
  const whole = tf.engine().gradients(
    () => model.loss(inputs),
    model.parameters.names.map((weight) => model.parameters.get(weight)),
    undefined,
    true,
  );
  assert.ok(Math.abs(parts.loss.dataSync()[0] - whole.value.dataSync()[0]) < 1e-5);
  model.parameters.names.forEach((weight, i) => {
    if (/answer\.bias|qkv\.bias|layers\.1\.outputNorm\.bias/.test(weight)) return; // zero by construction, wholly or in part
    assert.ok(relativeDifference(parts.gradients[weight].dataSync(), whole.grads[i].dataSync()) < 1e-4, weight);
  });
});

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
  optimizer.step(gradients);
  assert.ok(model.loss(inputs).dataSync()[0] < first);
});

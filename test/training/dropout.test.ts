// The rate of dropout that a training is told, in the place of the model's own.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { chooseBackend } from '../../src/engine/backend';
import { parseConfig } from '../../src/model/config';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { parseOptions } from '../../src/training/options';

const sizes = { vocab_size: 50, hidden_size: 16, num_hidden_layers: 2, num_attention_heads: 2, intermediate_size: 32 };
const rates = (rate: number) => ({ hidden_dropout_prob: rate, attention_probs_dropout_prob: rate });
const modelOf = (rate: number) =>
  QuestionAnsweringModel.fromConfig(
    parseConfig({ model_type: 'bert', ...sizes, max_position_embeddings: 16, ...rates(rate) }),
    { seed: 3 },
  );

before(() => chooseBackend());

function lossOf(model: QuestionAnsweringModel, seed?: number): number {
  return tf.tidy(() => {
    const inputs = {
      inputIds: tf.tensor2d([[2, 7, 9, 11, 3, 8, 5, 3]], [1, 8], 'int32'),
      startPositions: tf.tensor1d([5], 'int32'),
      endPositions: tf.tensor1d([6], 'int32'),
      lengths: [8],
    };
    return model.loss(inputs, seed).dataSync()[0];
  });
}

test('a rate that is told gives what a model with that rate in its config.json gives', () => {
  const [told, own] = [modelOf(0.1), modelOf(0.4)];
  told.compute.dropout = 0.4;
  assert.equal(lossOf(told, 7), lossOf(own, 7));
  assert.notEqual(lossOf(modelOf(0.1), 7), lossOf(own, 7));
});

test('none drops nothing in training, and no rate changes what a model says', () => {
  const model = modelOf(0.1);
  const silent = lossOf(model);
  model.compute.dropout = 0;
  assert.equal(lossOf(model, 7), silent);
  model.compute.dropout = 0.4;
  assert.equal(lossOf(model), silent);
  assert.equal(model.config.hiddenDropout, 0.1); // what is saved stays the model's own
});

test('is absent unless it is told, and is no rate at 1', () => {
  assert.equal(parseOptions({}).dropout, undefined);
  assert.equal(parseOptions({ dropout: 0.05 }).dropout, 0.05);
  assert.throws(() => parseOptions({ dropout: 1 }), { code: 'E_TRAIN_OPTION' });
});

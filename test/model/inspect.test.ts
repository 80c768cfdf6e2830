// Hidden states and attention weights beside transformers', for BERT, DistilBERT and ELECTRA, and beside our own logits.
// Expected: torch 2.15.0 and transformers 5.23.0 (eager attention), written by test/reference/inside.py.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { before, describe } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { answerScores, inspect } from '../../src/model/inspect';
import type { Inspection } from '../../src/model/inspect';
import type { ModelInputs } from '../../src/model/inputs';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { largestDifference, startBackend } from '../engine/backend';

const REFERENCE = path.join(__dirname, '..', 'reference');
const read = (...parts: string[]) => JSON.parse(fs.readFileSync(path.join(REFERENCE, ...parts), 'utf8'));
const inside = read('inside.json') as Record<string, { hiddenStates: number[][]; attentions: number[][] }>;
const LENGTHS = [9, 7, 5, 8];

function inputsOf(name: string): ModelInputs {
  const { inputs } = read('tiny', name, 'reference.json') as { inputs: Record<string, number[][]> };
  const tensor = (key: string) => inputs[key] && tf.tensor2d(inputs[key], undefined, 'int32');
  const tokenTypeIds = tensor('token_type_ids');
  return {
    inputIds: tensor('input_ids'),
    attentionMask: tensor('attention_mask'),
    ...(tokenTypeIds && { tokenTypeIds }),
  };
}

const dispose = (inspection: Inspection) => tf.dispose(inspection as unknown as tf.TensorContainer);

before(startBackend);

for (const name of ['bert', 'distilbert', 'electra']) {
  describe(name, () => {
    const load = () => QuestionAnsweringModel.fromPretrained(path.join(REFERENCE, 'tiny', name));

    test('every hidden state and attention weight within 1e-5 of the reference', () => {
      const { hiddenStates, attentions } = inspect(load(), inputsOf(name));
      const expected = inside[name];
      assert.equal(hiddenStates.length, expected.hiddenStates.length);
      assert.equal(attentions.length, expected.attentions.length);
      hiddenStates.forEach((state, i) => {
        assert.deepEqual(state.shape, [4, 9, 12]);
        const difference = largestDifference(state.dataSync(), expected.hiddenStates[i]);
        assert.ok(difference < 1e-5, `hidden state ${i}: ${difference}`);
      });
      attentions.forEach((attention, i) => {
        assert.deepEqual(attention.shape, [4, 3, 9, 9]);
        const difference = largestDifference(attention.dataSync(), expected.attentions[i]);
        assert.ok(difference < 1e-5, `attention of layer ${i}: ${difference}`);
      });
    });

    test("the logits are the model's own, with a mask and with lengths", () => {
      const model = load();
      const { attentionMask, ...inputs } = inputsOf(name);
      for (const given of [
        { ...inputs, attentionMask },
        { ...inputs, lengths: LENGTHS },
      ]) {
        const [ours, own] = [inspect(model, given), model.forward(given)];
        for (const key of ['startLogits', 'endLogits'] as const) {
          const [a, b] = [ours[key].dataSync(), own[key].dataSync()];
          // padding has -1e30 in both
          assert.ok(a.every((value, i) => Math.abs(value - b[i]) < 1e-4), key); // prettier-ignore
        }
      }
    });

    test('the head on the last hidden state gives the logits', () => {
      const model = load();
      const { hiddenStates, startLogits } = inspect(model, inputsOf(name));
      const scores = answerScores(model, tf.reshape(hiddenStates.at(-1)!, [36, 12]));
      const starts = tf.slice(scores, [0, 0], [36, 1]).dataSync();
      assert.ok(largestDifference(starts, startLogits.dataSync()) < 1e-6);
    });
  });
}

test('a token attends to 1 in all, and not at all to padding', () => {
  const model = QuestionAnsweringModel.fromPretrained(path.join(REFERENCE, 'tiny', 'bert'));
  const { attentions } = inspect(model, { ...inputsOf('bert'), lengths: LENGTHS });
  for (const attention of attentions) {
    const sums = tf.sum(attention, -1).dataSync();
    assert.ok(sums.every((sum) => Math.abs(sum - 1) < 1e-5));
    const third = tf.slice(attention, [2, 0, 0, 5], [1, 3, 9, 4]).dataSync(); // the third row has 5 tokens
    assert.ok(third.every((weight) => weight === 0));
  }
});

test('the caller owns the result, and nothing else is left behind', () => {
  const model = QuestionAnsweringModel.fromPretrained(path.join(REFERENCE, 'tiny', 'bert'));
  const inputs = inputsOf('bert');
  dispose(inspect(model, inputs)); // what the backend makes once
  const { numTensors } = tf.memory();
  const inspection = inspect(model, inputs);
  assert.equal(tf.memory().numTensors, numTensors + 3 + 2 + 2);
  dispose(inspection);
  assert.equal(tf.memory().numTensors, numTensors);
});

test('rows longer than the positions are refused', () => {
  const model = QuestionAnsweringModel.fromPretrained(path.join(REFERENCE, 'tiny', 'bert'));
  const { numTensors } = tf.memory();
  const inputIds = tf.ones([1, 17], 'int32') as tf.Tensor2D;
  assert.throws(() => inspect(model, { inputIds }), { code: 'E_MODEL_INPUT', message: /17 tokens.*16/ });
  inputIds.dispose();
  assert.equal(tf.memory().numTensors, numTensors);
});

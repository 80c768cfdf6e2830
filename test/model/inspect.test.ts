// Hidden states and attention weights beside transformers', for BERT, DistilBERT and ELECTRA, and beside our own logits.
// Expected: torch 2.15.0 and transformers 5.23.0 (eager attention), written by test/reference/inside.py.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { before, describe } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { answerScores, inspect, type Inspection } from '../../src/model/inspect';
import type { ModelInputs } from '../../src/model/inputs';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { largestDifference, startBackend } from '../engine/backend';
import { TINY_FAMILIES } from '../reference/tiny-families';

const REFERENCE = path.join(__dirname, '..', 'reference');
const read = (...parts: string[]) => JSON.parse(fs.readFileSync(path.join(REFERENCE, ...parts), 'utf8'));
const inside = read('inside.json') as Record<
  string,
  { hiddenStates: number[][]; attentions: number[][]; shape: [number, number, number] }
>;
const LENGTHS = [9, 7, 5, 8];

/** How many tokens each row of a batch has. */
const lengthsOf = (inputs: ModelInputs) => Array.from(tf.sum(inputs.attentionMask!, 1).dataSync());

/** The largest difference of numbers that belong to tokens which are not padding; each has as many numbers. */
function tokenDifference(ours: ArrayLike<number>, theirs: number[], mask: ArrayLike<number>): number {
  assert.equal(ours.length, theirs.length);
  const each = theirs.length / mask.length;
  const differences = theirs.map((value, i) => (mask[Math.floor(i / each)] ? Math.abs(ours[i] - value) : 0));
  return differences.reduce((a, b) => Math.max(a, b), 0);
}

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

for (const name of TINY_FAMILIES) {
  describe(name, () => {
    const load = () => QuestionAnsweringModel.fromPretrained(path.join(REFERENCE, 'tiny', name));

    test('every hidden state and attention weight within 1e-5 of the reference', () => {
      const inputs = inputsOf(name);
      const { hiddenStates, attentions } = inspect(load(), inputs);
      const expected = inside[name];
      const [batch, sequence, width] = expected.shape;
      const mask = inputs.attentionMask!.dataSync();
      assert.equal(hiddenStates.length, expected.hiddenStates.length);
      assert.equal(attentions.length, expected.attentions.length);
      hiddenStates.forEach((state, i) => {
        assert.equal(state.shape.length, 3);
        assert.equal(state.size, expected.hiddenStates[i].length); // those of narrow embeddings, too
        const difference = tokenDifference(state.dataSync(), expected.hiddenStates[i], mask);
        assert.ok(difference < 1e-5, `hidden state ${i}: ${difference}`);
      });
      assert.deepEqual(hiddenStates.at(-1)!.shape, [batch, sequence, width]);
      attentions.forEach((attention, i) => {
        assert.deepEqual(attention.shape, [batch, 3, sequence, sequence]);
        // the rows of tokens that are not padding: [batch, sequence, heads, sequence]
        const [ours, theirs] = [attention, tf.tensor(expected.attentions[i], attention.shape)].map((tensor) =>
          tf.transpose(tensor, [0, 2, 1, 3]).dataSync(),
        );
        const difference = tokenDifference(ours, Array.from(theirs), mask);
        assert.ok(difference < 1e-5, `attention of layer ${i}: ${difference}`);
      });
    });

    test("the logits are the model's own, with a mask and with lengths", () => {
      const model = load();
      const { attentionMask, ...inputs } = inputsOf(name);
      for (const given of [
        { ...inputs, attentionMask },
        { ...inputs, lengths: lengthsOf({ ...inputs, attentionMask }) },
      ]) {
        const [ours, own] = [inspect(model, given), model.forward(given)];
        for (const key of ['startLogits', 'endLogits'] as const) {
          const [a, b] = [ours[key].dataSync(), own[key].dataSync()];
          assert.ok(tokenDifference(a, Array.from(b), attentionMask!.dataSync()) < 1e-4, key);
        }
      }
    });

    test('the head on the last hidden state gives the logits', () => {
      const model = load();
      const { hiddenStates, startLogits } = inspect(model, inputsOf(name));
      const last = hiddenStates.at(-1)!;
      const scores = answerScores(model, tf.reshape(last, [-1, last.shape[2]]));
      const starts = tf.slice(scores, [0, 0], [-1, 1]).dataSync();
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

// Rows of different lengths: with `lengths` each row gives what it gives alone, whatever the operations do about padding.
import assert from 'node:assert/strict';
import test, { before, describe } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import type { OperationsKind } from '../../src/engine/operations';
import { parseConfig } from '../../src/model/config';
import { PADDING_SCORE } from '../../src/model/layout';
import type { LabelledInputs } from '../../src/model/inputs';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { largestDifference, relativeDifference, startBackend } from '../engine/backend';

before(startBackend);

const SIZES = { hidden_size: 16, num_hidden_layers: 2, num_attention_heads: 2, intermediate_size: 24 };
const model = () =>
  QuestionAnsweringModel.fromConfig(
    parseConfig({ model_type: 'bert', vocab_size: 60, max_position_embeddings: 40, initializer_range: 0.3, ...SIZES }),
  );

const LENGTHS = [33, 5, 2, 18];
const SEQUENCE = 36;
const token = (row: number, i: number) => 1 + ((7 * row + 5 * i + i * i) % 59);

/** Rows padded to `sequence`; `from` and `to` choose some of them. */
function makeInputs(sequence: number, from = 0, to = LENGTHS.length): LabelledInputs {
  const rows = LENGTHS.slice(from, to);
  const table = (value: (row: number, i: number) => number) =>
    tf.tensor2d(
      rows.map((length, r) => Array.from({ length: sequence }, (_, i) => (i < length ? value(from + r, i) : 0))),
      [rows.length, sequence],
      'int32',
    );
  return {
    inputIds: table(token),
    tokenTypeIds: table((_, i) => Number(i > 2)),
    attentionMask: table(() => 1),
    startPositions: tf.tensor1d(
      rows.map((length) => Math.floor(length / 3)),
      'int32',
    ),
    endPositions: tf.tensor1d(
      rows.map((length) => Math.floor(length / 2)),
      'int32',
    ),
  };
}

/** The model, run with one kind of operations. */
function within<T>(kind: OperationsKind, work: () => T): T {
  process.env.SPANLAB_OPERATIONS = kind;
  try {
    return work();
  } finally {
    delete process.env.SPANLAB_OPERATIONS;
  }
}

for (const kind of ['plain', 'kernels', 'fused'] as const) {
  describe(`${kind} operations`, () => {
    test('scores are those of each row alone, and padding has none', () => {
      const qa = model();
      const batch = within(kind, () => qa.forward({ ...makeInputs(SEQUENCE), lengths: LENGTHS }));
      for (const name of ['startLogits', 'endLogits'] as const) {
        const rows = batch[name].arraySync();
        LENGTHS.forEach((length, row) => {
          const { inputIds, tokenTypeIds } = makeInputs(length, row, row + 1);
          const alone = within('plain', () => qa.forward({ inputIds, tokenTypeIds }))[name].dataSync();
          assert.ok(largestDifference(rows[row].slice(0, length), alone) < 1e-5, `${name} of row ${row}`);
          assert.ok(rows[row].slice(length).every((score) => score === Math.fround(PADDING_SCORE)));
        });
      }
    });

    test('the loss and its gradients are the mean of those of each row alone', () => {
      const qa = model();
      const batch = within(kind, () => qa.lossAndGradients({ ...makeInputs(SEQUENCE), lengths: LENGTHS }));
      const alone = LENGTHS.map((length, row) => {
        const inputs = { ...makeInputs(length, row, row + 1), attentionMask: undefined };
        return within('plain', () => qa.lossAndGradients(inputs));
      });
      const mean = (list: tf.Tensor[]) => tf.div(tf.addN(list), list.length).dataSync();
      const expected = mean(alone.map(({ loss }) => loss))[0];
      assert.ok(Math.abs(batch.loss.dataSync()[0] - expected) < 1e-5);
      for (const [name, gradient] of Object.entries(batch.gradients)) {
        const means = mean(alone.map(({ gradients }) => gradients[name]));
        // biases that a softmax does not see have no gradient, only noise
        const noise = /qkv\.bias|answer\.bias|1\.outputNorm\.bias/.test(name) ? 1e-6 : 0;
        const difference = relativeDifference(gradient.dataSync(), means);
        assert.ok(difference < 1e-4 || largestDifference(gradient.dataSync(), means) < noise, `${name}: ${difference}`);
      }
    });

    test('a mask with padding in front is what the plain operations make of it', () => {
      const qa = model();
      const { inputIds } = makeInputs(SEQUENCE);
      const attentionMask = tf.tidy(() => tf.tile(tf.tensor2d([[0, 0, 1]], [1, 3], 'int32'), [4, SEQUENCE / 3]));
      const scores = (ops: OperationsKind) => within(ops, () => qa.forward({ inputIds, attentionMask })).startLogits;
      assert.ok(largestDifference(scores(kind).dataSync(), scores('plain').dataSync()) < 1e-5);
    });

    test('lengths that do not fit are refused', () => {
      const qa = model();
      for (const lengths of [
        [1, 2, 3],
        [33, 5, 0, 18],
        [37, 5, 1, 18],
      ]) {
        assert.throws(() => within(kind, () => qa.forward({ ...makeInputs(SEQUENCE), lengths })), {
          code: 'E_MODEL_INPUT',
          message: /do not fit 4 rows of 36 tokens/,
        });
      }
    });
  });
}

// The workshop's real encoder gives PyTorch's hidden states.
// Expected: torch 2.15.0 and transformers 5.23.0, written by test/reference/encoder.py (three numbers a token).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { ensureWorkshopEncoder } from '../../src/model/workshop-encoder';
import { startBackend } from '../engine/backend';

interface Reference {
  inputIds: number[][];
  attentionMask: number[][];
  tokenTypeIds: number[][];
  hidden: number[][][];
}

test('hidden states of MiniLM within 1e-4, padding and all', async () => {
  await startBackend();
  const file = path.join(__dirname, '..', 'reference', 'encoder.json');
  const reference = JSON.parse(fs.readFileSync(file, 'utf8')) as Reference;
  const model = QuestionAnsweringModel.fromPretrained(await ensureWorkshopEncoder());
  const [batch, sequence] = [reference.inputIds.length, reference.inputIds[0].length];
  const inputs = {
    inputIds: tf.tensor2d(reference.inputIds, undefined, 'int32'),
    attentionMask: tf.tensor2d(reference.attentionMask, undefined, 'int32'),
    tokenTypeIds: tf.tensor2d(reference.tokenTypeIds, undefined, 'int32'),
  };
  const hidden = tf.tidy(() => tf.reshape(model.encode(inputs), [batch, sequence, 384]).arraySync()) as number[][][];
  reference.hidden.forEach((row, i) =>
    row.forEach((token, j) =>
      token.forEach((value, k) => assert.ok(Math.abs(hidden[i][j][k] - value) < 1e-4, `row ${i} token ${j}`)),
    ),
  );
  assert.deepEqual(model.report.missing, ['qa_outputs.weight', 'qa_outputs.bias']);
});

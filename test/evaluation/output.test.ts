// The files of an evaluation, and the threshold that is chosen on held-out data and stored with the model.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { describe } from 'node:test';
import type { Evaluation } from '../../src/evaluation/evaluate';
import { defaultThreshold } from '../../src/evaluation/evaluate';
import { writeEvaluation, writeLogits } from '../../src/evaluation/output';
import type { Prediction } from '../../src/evaluation/spans';
import { storeThreshold, tuneThreshold } from '../../src/evaluation/tune';
import { readConfig } from '../../src/model/config';
import { SafetensorsFile } from '../../src/model/safetensors';
import type { SquadRecord } from '../../src/squad/record';
import { makeFeatures } from '../training/features';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));

/** A question whose answer is "Ada", or that has none. */
function record(id: string, isImpossible: boolean): SquadRecord {
  const answers = isImpossible ? [] : [{ text: 'Ada', answerStart: 0 }];
  return { id, title: '', context: 'Ada won.', question: 'Who?', answers, plausibleAnswers: [], isImpossible };
}

function prediction(id: string, text: string, nullOdds: number): Prediction {
  return { id, best: [{ text, start: 0, end: text.length, logit: 3, probability: 1 }], nullOdds };
}

describe('threshold', () => {
  const records = [record('a', false), record('b', false), record('c', true), record('d', true)];
  const predictions = [
    prediction('a', 'Ada', 1), // right, though "no answer" scores a little higher
    prediction('b', 'Ada', -4),
    prediction('c', 'won', 3),
    prediction('d', 'won', 2),
  ];

  test('the one that withholds what is wrong and nothing else, where enough questions say so', () => {
    const many = Array.from({ length: 5 }, (_, copy) => copy);
    const manyRecords = many.flatMap((copy) => records.map((one) => ({ ...one, id: `${one.id}${copy}` })));
    const manyPredictions = many.flatMap((copy) => predictions.map((one) => ({ ...one, id: `${one.id}${copy}` })));
    const { threshold, f1, f1AtZero } = tuneThreshold(manyRecords, manyPredictions);
    assert.deepEqual([threshold, f1, f1AtZero], [1.5, 100, 75]);
  });

  test('one question of four is no reason to leave 0', () => {
    const { threshold, f1, f1AtZero } = tuneThreshold(records, predictions);
    assert.deepEqual([threshold, f1, f1AtZero], [0, 75, 75]);
  });

  test('it takes questions of both kinds', () => {
    for (const some of [records.slice(0, 2), records.slice(2)]) {
      const theirs = predictions.filter(({ id }) => some.some((r) => r.id === id));
      assert.throws(() => tuneThreshold(some, theirs), { code: 'E_TUNE_DATA', message: /of both kinds/ });
    }
  });

  test('it is stored with the model, whose other fields stay, and refused when it is no number', () => {
    const source = path.join(__dirname, '..', 'reference', 'tiny', 'bert', 'config.json');
    const file = path.join(folder, 'config.json');
    fs.copyFileSync(source, file);
    assert.equal(readConfig(folder).nullThreshold, undefined);
    storeThreshold(folder, -1.5);
    assert.equal(readConfig(folder).nullThreshold, -1.5);
    const { null_score_diff_threshold: stored, ...rest } = JSON.parse(fs.readFileSync(file, 'utf8'));
    assert.equal(stored, -1.5);
    assert.deepEqual(rest, JSON.parse(fs.readFileSync(source, 'utf8')));
    fs.writeFileSync(file, JSON.stringify({ ...rest, null_score_diff_threshold: 'high' }));
    assert.throws(() => readConfig(folder), { code: 'E_MODEL_CONFIG', message: /threshold is "high"/ });
  });

  test('without one 0 is taken where a question is impossible, and none where all have answers', () => {
    assert.equal(defaultThreshold(records), 0);
    assert.equal(defaultThreshold(records, -2), -2);
    assert.equal(defaultThreshold(records.slice(0, 2), -2), Infinity);
  });
});

describe('files', () => {
  test("predictions, n-best lists, null odds and marks under run_qa's names", () => {
    const predictions = [prediction('a', 'Ada', -3), prediction('b', 'won', 2)];
    const out = path.join(folder, 'new', 'out');
    writeEvaluation(out, { predictions, threshold: 0, metrics: { exact: 50 } } as unknown as Evaluation);
    const read = (name: string) => JSON.parse(fs.readFileSync(path.join(out, name), 'utf8')) as unknown;
    assert.deepEqual(read('predictions.json'), { a: 'Ada', b: '' });
    assert.deepEqual(read('null_odds.json'), { a: -3, b: 2 });
    assert.deepEqual(read('eval_results.json'), { exact: 50, null_threshold: 0 });
    const entry = { probability: 1, score: 3, start: 0, end: 3 };
    assert.deepEqual(read('nbest_predictions.json'), {
      a: [{ text: 'Ada', ...entry }],
      b: [{ text: 'won', ...entry }],
    });
  });

  test('a place that cannot be written is a coded error', () => {
    const file = path.join(folder, 'a-file');
    fs.writeFileSync(file, '');
    assert.throws(() => writeEvaluation(path.join(file, 'out'), { predictions: [] } as unknown as Evaluation), {
      name: 'FileError',
    });
  });

  test('raw scores in data order, zeros behind each feature', () => {
    const features = makeFeatures([3, 1, 2]);
    const startLogits = Float32Array.of(1, 2, 3, 4, 5, 6);
    const file = path.join(folder, 'logits.safetensors');
    writeLogits(file, features, { startLogits, endLogits: startLogits.map((x) => -x) });
    const read = new SafetensorsFile(file);
    assert.deepEqual(read.tensors.get('start_logits')!.shape, [3, 3]);
    assert.deepEqual(Array.from(read.readFloat32('start_logits')), [1, 2, 3, 4, 0, 0, 5, 6, 0]);
    assert.deepEqual(Array.from(read.readFloat32('end_logits')), [-1, -2, -3, -4, 0, 0, -5, -6, 0]);
    const lengths = read.readBytes('lengths');
    assert.equal(read.tensors.get('lengths')!.dtype, 'I32');
    assert.deepEqual(
      Array.from({ length: 3 }, (_, i) => lengths.readInt32LE(4 * i)),
      [3, 1, 2],
    );
    read.close();
  });
});

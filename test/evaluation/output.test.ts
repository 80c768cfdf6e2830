// The files of an evaluation, and the threshold that is chosen on held-out data and stored with the model.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { describe } from 'node:test';
import { type Evaluation, defaultThreshold } from '../../src/evaluation/evaluate';
import { writeEvaluation, writeLogits } from '../../src/evaluation/output';
import type { Prediction, ScoredPrediction } from '../../src/evaluation/spans';
import { storeThreshold, tuneThreshold } from '../../src/evaluation/tune';
import { readConfig } from '../../src/model/config';
import { SafetensorsFile } from '../../src/model/safetensors/file';
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

  test('beyond all null odds of the questions there is none', () => {
    const many = (odds: Record<string, number>, texts: Record<string, string>) => {
      const copies = Array.from({ length: 8 }, (_, copy) => records.map((one) => ({ ...one, id: `${one.id}${copy}` })));
      const theirs = copies.flat();
      return tuneThreshold(theirs, theirs.map(({ id }) => prediction(id, texts[id[0]], odds[id[0]]))); // prettier-ignore
    };
    const all = many({ a: -3, b: -2, c: -4, d: -5 }, { a: 'cup', b: 'cup', c: 'won', d: 'won' });
    assert.deepEqual(all, { threshold: 0, edge: 'all', f1: 0, f1AtZero: 0 });
    const none = many({ a: 3, b: 4, c: 1, d: -2 }, { a: 'Ada', b: 'Ada', c: '', d: 'won' });
    assert.deepEqual([none.threshold, none.edge, none.f1], [0, 'none', none.f1AtZero]);
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
  const scored = (id: string, text: string, nullOdds: number): ScoredPrediction => {
    const span = { text, start: 0, end: text.length, startLogit: 1, endLogit: 2, logit: 3, probability: 1 };
    const logit = 3 + nullOdds;
    const none = { text: '', start: 0, end: 0, startLogit: logit, endLogit: 0, logit, probability: 0 };
    return { id, best: [span], none, nullOdds };
  };
  const metrics = { exact: 50, f1: 60, total: 2, startAccuracy: 0.25, endAccuracy: 0.5 };
  const write = (records: SquadRecord[], threshold: number) => {
    const out = fs.mkdtempSync(path.join(folder, 'out-'));
    const predictions = [scored('a', 'Ada', -3), scored('b', 'won', 2)];
    const evaluation = { records, predictions, threshold, metrics: metrics, features: { count: 3 } };
    writeEvaluation(path.join(out, 'new'), evaluation as unknown as Evaluation);
    return (name: string) => JSON.parse(fs.readFileSync(path.join(out, 'new', name), 'utf8')) as never;
  };

  test('for data with impossible questions, "no answer" stands in the lists', () => {
    const read = write([record('a', false), record('b', true)], 0);
    assert.deepEqual(read('predictions.json'), { a: 'Ada', b: '' });
    assert.deepEqual(read('null_odds.json'), { a: -3, b: 2 });
    const lists: Record<string, { text: string; probability: number }[]> = read('nbest_predictions.json');
    assert.deepEqual(
      lists.b.map(({ text }) => text),
      ['', 'won'],
    );
    const [none, won] = lists.b.map(({ probability }) => probability);
    assert.ok(Math.abs(none + won - 1) < 1e-12 && Math.abs(Math.log(none / won) - 2) < 1e-12);
    const accuracies = { eval_start_accuracy: 0.25, eval_end_accuracy: 0.5, eval_samples: 3 };
    const expected = { eval_null_threshold: 0, eval_exact: 50, eval_f1: 60, eval_total: 2, ...accuracies };
    assert.deepEqual(read('eval_results.json'), expected);
  });

  test('where every question has an answer, it does not', () => {
    const read = write([record('a', false), record('b', false)], Infinity);
    assert.deepEqual(read('predictions.json'), { a: 'Ada', b: 'won' });
    assert.deepEqual(read('nbest_predictions.json'), {
      a: [{ start_logit: 1, end_logit: 2, text: 'Ada', probability: 1 }],
      b: [{ start_logit: 1, end_logit: 2, text: 'won', probability: 1 }],
    });
    const results: Record<string, number> = read('eval_results.json');
    assert.deepEqual([results.eval_exact_match, results.eval_f1, 'eval_null_threshold' in results], [50, 60, false]);
  });

  test('a place that cannot be written is a coded error', () => {
    const file = path.join(folder, 'a-file');
    fs.writeFileSync(file, '');
    const nothing = { records: [], predictions: [], metrics: {}, features: {} } as unknown as Evaluation;
    assert.throws(() => writeEvaluation(path.join(file, 'out'), nothing), { name: 'FileError' });
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

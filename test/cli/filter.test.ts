// `spanlab filter`: what a model answers as the file does is kept, everything else goes.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { before } from 'node:test';
import type { Evaluation } from '../../src/evaluation/evaluate';
import { roundTrip } from '../../src/evaluation/round-trip';
import { readSquadRecords } from '../../src/squad/read';
import { onePassage, question, temporaryFile } from '../squad/files';
import { spanlab } from './run';
import { smallModel } from './small-model';

const context = 'The lighthouse was built in 1874 by Agnes Holm, who lived in it until 1901.';
const ask = (text: string, id: number) => question(text, context.indexOf(text), String(id));

test('the same words, a part of them, none', () => {
  const records = ['1874', 'Agnes Holm', 'lived', ''].map((text, i) => ({
    id: String(i),
    title: '',
    context,
    question: 'Q',
    answers: text === '' ? [] : [{ text, answerStart: 0 }],
    isImpossible: text === '',
    plausibleAnswers: [],
  }));
  const predictions = ['1874', 'Holm', 'Agnes', 'until'].map((text, i) => ({
    id: String(i),
    best: [{ text }],
    nullOdds: i === 3 ? 2 : -2,
  }));
  const evaluation = { records, predictions, threshold: 0 } as unknown as Evaluation;
  assert.deepEqual(roundTrip(evaluation, 1), { kept: [0, 3], dropped: [1, 2] });
  assert.deepEqual(roundTrip(evaluation, 0.5).kept, [0, 1, 3]);
  assert.deepEqual(roundTrip({ ...evaluation, threshold: Infinity }, 0.5).kept, [0, 1]);
});

let model: string;
before(async () => (model = await smallModel()));

test('of questions with the answers that the model gives and others, the first are kept, and can be read again', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
  const file = temporaryFile(onePassage(context, ['1874', 'Agnes Holm', '1901', 'lived'].map(ask)));
  const predicted = path.join(folder, 'answers');
  const { code, stderr } = await spanlab(['evaluate', '--model', model, '--data', file, '--out', predicted]);
  assert.equal(code, 0, stderr);
  const answers = JSON.parse(fs.readFileSync(path.join(predicted, 'predictions.json'), 'utf8')) as Record<
    string,
    string
  >;
  const synthetic = temporaryFile(
    onePassage(context, [ask(answers[0], 0), ask(answers[1], 1), ask('in it', 2), ask('built in', 3)]),
  );
  const out = path.join(folder, 'kept.json');
  const kept = await spanlab(['filter', '--model', model, '--data', synthetic, '--out', out, '--json']);
  assert.equal(kept.code, 0, kept.stderr);
  const expected = [answers[0], answers[1], 'in it', 'built in'].flatMap((text, i) => (answers[i] === text ? [String(i)] : [])); // prettier-ignore
  assert.ok(expected.length >= 2 && expected.length < 4);
  assert.deepEqual(readSquadRecords(out).map(({ id }) => id), expected); // prettier-ignore

  const none = temporaryFile(onePassage(context, [ask('in it', 2)]));
  const refused = await spanlab(['filter', '--model', model, '--data', none, '--out', path.join(folder, 'none.json')]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /error: E_SQUAD_EMPTY: .*the model finds none of 1 answer; lower --least/);
  assert.ok(!fs.existsSync(path.join(folder, 'none.json')));
});

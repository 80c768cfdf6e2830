// A control character in a text of JSON is called what it is, with its place, wherever JSON is read.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after } from 'node:test';
import { readPredictions } from '../src/evaluation/prediction-files';
import { parseJsonObject } from '../src/json-file';
import { rawControls } from '../src/raw-control';
import { importData } from '../src/squad/import';
import { readSquadChecked } from '../src/squad/problems';
import { readSquad } from '../src/squad/read';
import { readOptionsFile } from '../src/training/options';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-controls-'));
after(() => fs.rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  fs.writeFileSync(path.join(folder, name), text);
  return path.join(folder, name);
}

const squad = (context: string) =>
  `{"version": "v2.0",\n "data": [{"title": "T", "paragraphs": [{"context": "${context}", "qas": [{"id": "a", "question": "Who?", "answers": [{"text": "Ada", "answer_start": 0}], "is_impossible": false}]}]}]}`;

const CASES: [sign: string, said: string][] = [
  ['\n', 'a line break (U+000A) stands in a text as it is, at line 2, column 65, where JSON wants \\n'],
  ['\t', 'a tab (U+0009) stands in a text as it is, at line 2, column 65, where JSON wants \\t'],
  ['\x01', 'a control character (U+0001) stands in a text as it is, at line 2, column 65, where JSON wants \\u0001'],
  ['\x1f', 'a control character (U+001F) stands in a text as it is, at line 2, column 65, where JSON wants \\u001f'],
  ['\0', 'a control character (U+0000) stands in a text as it is, at line 2, column 65, where JSON wants \\u0000'],
  [
    '\r\n',
    'a carriage return (U+000D) stands in a text as it is, at line 2, column 65, where JSON wants \\r (the first of 2)',
  ],
];

test('a file of questions: read with a word, and refused by the readers that are strict', () => {
  for (const [sign, said] of CASES) {
    const name = file('own.json', squad(`Ada said "${sign}" and won.`.replaceAll('"', '\\"')));
    const { records, problems } = importData(name);
    assert.equal(records[0].context, `Ada said "${sign}" and won.`);
    assert.deepEqual(problems.map(({ path: place, what, remedy }) => [place, what, remedy]), [['the file', said, 'mended']]); // prettier-ignore
    for (const read of [readSquad, readSquadChecked]) {
      const message = `${name}: not valid JSON: ${said}; \`spanlab data convert --mend\` writes it so`;
      assert.throws(() => read(name), { code: 'E_SQUAD_JSON', message });
    }
  }
});

test('JSON Lines: the line, and the column in it', () => {
  const row = '{"question": "Who?", "context": "Ada won.", "answer": "Ada"}';
  const { records, problems } = importData(file('own.jsonl', `${row}\n${row.replace('Ada won', 'Ada\twon')}\n`));
  assert.equal(records.length, 2);
  assert.deepEqual(problems.filter(({ kind }) => kind === 'format').map(({ path: place, what }) => `${place}: ${what}`), ['line 2: a tab (U+0009) stands in a text as it is, at column 37, where JSON wants \\t']); // prettier-ignore
});

test('settings, options and predictions', () => {
  const message =
    /not valid JSON: a tab \(U\+0009\) stands in a text as it is, at line 1, column 9, where JSON wants \\t/;
  const text = '{"a": "x\ty"}';
  assert.throws(() => parseJsonObject(text), { message });
  assert.throws(() => readOptionsFile(file('options.json', text)), { message });
  assert.throws(() => readPredictions(file('predictions.json', text)), { message });
});

test('what is wrong in another way is not called so', () => {
  for (const text of ["{'a': 'x\ty'}", '{"a": "x\ty", }', '{"a": "x\ty', '{"a":\t"x"}', '{"a": "x\\\ty"}', '']) {
    assert.equal(rawControls(text), undefined, JSON.stringify(text));
  }
});

test('an id twice in predictions', () => {
  const name = file('twice.json', '{"a": "x", "b": "y", "a": "z"}');
  assert.throws(() => readPredictions(name), {
    code: 'E_SCORE_FILE',
    message: /question "a" stands twice in it; delete/,
  });
});

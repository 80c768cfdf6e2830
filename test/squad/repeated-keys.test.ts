// A name that stands twice in one object of a data file: a note with its place, and a refusal where the reading is strict.
import assert from 'node:assert/strict';
import test from 'node:test';
import { importData } from '../../src/squad/import';
import { readSquadChecked } from '../../src/squad/problems';
import { readSquad, readSquadRecords } from '../../src/squad/read';
import { temporaryFile } from './files';

const QAS =
  '[{"id": "q", "question": "Who won?", "answers": [], "question": "Who?", "answers": [{"text": "Ada", "answer_start": 0}]}]';

test('JSON and JSON Lines: place and name', () => {
  const squad = `{"version": "v2.0", "data": [{"title": "T", "paragraphs": [{"context": "Ada won.", "qas": ${QAS}}]}]}`;
  const { records, problems } = importData(temporaryFile(squad, 'twice.json'));
  assert.deepEqual([records[0].question, records[0].answers[0].text], ['Who?', 'Ada']);
  const said = problems.filter(({ kind }) => kind === 'repeated field').map(({ path, what }) => `${path}: ${what}`);
  assert.deepEqual(said, ['question', 'answers'].map((key) => `data[0].paragraphs[0].qas[0]: "${key}" stands twice in it: the last one counts, the others are lost`)); // prettier-ignore

  const row = '{"question": "Who?", "context": "Ada won.", "answer": "won", "answer": "Ada"}';
  const lines = importData(temporaryFile(`${row}\n${row}\n`, 'twice.jsonl'));
  const places = lines.problems.filter(({ kind }) => kind === 'repeated field').map(({ path }) => path);
  assert.deepEqual(places, ['line 1', 'line 2']);

  assert.throws(() => readSquadChecked(temporaryFile(squad, 'strict.json')), {
    code: 'E_SQUAD_PROBLEM',
    message: /2 problems, the first: data\[0\]\.paragraphs\[0\]\.qas\[0\]: "question" stands twice/,
  });
});

test('what is not quite JSON: the same word', () => {
  const python = `{'data': [{'title': 'T', 'paragraphs': [{'context': 'Ada won.', 'qas': ${QAS.replaceAll('"', "'")}}]}]}`;
  const raw = `{"data": [{"title": "T", "paragraphs": [{"context": "Ada\nwon.", "qas": ${QAS}}]}]}`;
  for (const text of [python, raw, `${python}\n`.replace("'T'", 'None')]) {
    const { problems } = importData(temporaryFile(text, 'loose.json'));
    const said = problems.filter(({ kind }) => kind === 'repeated field').map(({ path, what }) => `${path}: ${what}`);
    assert.deepEqual(said.map((one) => one.replace(/:.*/, '')), ['data[0].paragraphs[0].qas[0]', 'data[0].paragraphs[0].qas[0]'], text); // prettier-ignore
    assert.match(said[0], /"question" stands twice in it: the last one counts, the others are lost/);
  }
  const row = "{'question': 'Who?', 'context': 'Ada won.', 'answer': 'won', 'answer': 'Ada'}";
  const lines = importData(temporaryFile(`${row}\n${row}\n`, 'loose.jsonl'));
  assert.deepEqual(lines.problems.filter(({ kind }) => kind === 'repeated field').map(({ path }) => path), ['line 1', 'line 2']); // prettier-ignore
});

test('the lesson’s readers refuse what they would lose', () => {
  const file = (inner: string) => temporaryFile(`{"version": "v2.0", "data": [{"title": "T", "paragraphs": [{"context": "Ada won.", "qas": [{"question": "Who?", ${inner}}]}]}]}`); // prettier-ignore
  const answers = '"answers": [{"text": "Ada", "answer_start": 0}]';
  const cases = [
    [file(`"id": "a", "id": "b", ${answers}`), /: one problem: data\[0\]\.paragraphs\[0\]\.qas\[0\]: "id" stands twice in it: the last one counts, the others are lost; .*--mend/],
    [file(`"id": "a", ${answers}, "answers": []`), /"answers" stands twice in it/],
    [file(`"id": "a", ${answers.replace('"text"', '"text": "won", "text"')}`), /qas\[0\]\.answers\[0\]: "text" stands twice in it/],
    [file(`"id": "a", ${answers}, "${'answers'.replace('a', '\\u0061')}": []`), /"answers" stands twice in it/],
  ] as const; // prettier-ignore
  for (const [path, message] of cases) {
    for (const read of [readSquad, readSquadRecords]) {
      assert.throws(() => read(path), { code: 'E_SQUAD_PROBLEM', message });
    }
  }
});

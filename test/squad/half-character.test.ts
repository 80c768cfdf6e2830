// A surrogate without its other half is no character: it is named in every form, and stays as it is.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { importBytes } from '../../src/squad/import';
import { readSquadChecked } from '../../src/squad/problems';

const CONTEXT = 'Ada \ud83d won 🚀.';
const qas = ['a', 'b'].map((id) => ({
  id,
  question: id === 'a' ? 'Who?' : 'Who \udc00?',
  answers: [{ text: 'Ada', answer_start: 0 }],
}));
const squad = JSON.stringify({ data: [{ title: 'T', paragraphs: [{ context: CONTEXT, qas }] }] });
const rows = qas.map(({ question }) => JSON.stringify({ question, context: CONTEXT, answer: 'Ada' })).join('\n');

test('it is said once for each text, with its place and what becomes of it', () => {
  for (const [name, content, places] of [
    ['data.json', squad, ['data[0].paragraphs[0].context', 'data[0].paragraphs[0].qas[1].question']],
    ['data.jsonl', rows, ['line 1', 'line 2', 'line 2']],
  ] as const) {
    const { records, problems } = importBytes(Buffer.from(content), name);
    assert.equal(records.length, 2);
    assert.equal(records[0].context, CONTEXT);
    const said = problems.filter(({ kind }) => kind === 'half a character');
    assert.deepEqual(said.map(({ path, remedy }) => [path.split(',')[0], remedy]), places.map((place) => [place, 'kept'])); // prettier-ignore
    assert.match(said[0].what, /half a character, \\ud83d, at 4: it stays, models read it as U\+FFFD/);
  }
});

test('an emoji is a whole one, and a file that JSON allows is strictly right', () => {
  const whole = importBytes(Buffer.from(squad.replaceAll('\\ud83d won', 'won').replaceAll('\\udc00', '')), 'data.json');
  assert.deepEqual(whole.problems, []);
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'data.json');
  fs.writeFileSync(file, squad);
  assert.equal(readSquadChecked(file).records.length, 2);
});

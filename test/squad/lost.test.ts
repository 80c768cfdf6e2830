// What a form cannot hold is counted when it is written: places, spaces, titles, further answers.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { FORMS } from '../../src/squad/forms';
import { importBytes } from '../../src/squad/import';
import { lostIn } from '../../src/squad/lost';
import type { SquadRecord } from '../../src/squad/record';
import { spanlab } from '../cli/run';

const context = 'Ada  won.\nThen Ada’s mill\tburned, and Ada wept. 🚀 Ada!';
const second = context.indexOf('Ada', 5);
const record = (id: string, ...answers: [text: string, answerStart: number][]): SquadRecord => ({
  ...{
    id,
    title: 'Mill',
    context,
    question: `Who is ${id}?`,
    plausibleAnswers: [],
    isImpossible: answers.length === 0,
  },
  answers: answers.map(([text, answerStart]) => ({ text, answerStart })),
});
const RECORDS = [
  record('a', ['Ada', second]),
  record('b', ['Ada', context.lastIndexOf('Ada')], ['mill', context.indexOf('mill')]),
  record('c'),
];
const formOf = (name: string) => FORMS.find((form) => form.name === name)!;

test('the second of two equal words, and spaces of every kind, come back from MTurk and Natural Questions', () => {
  for (const name of ['mturk', 'natural-questions', 'squad', 'doccano', 'rows']) {
    const form = formOf(name);
    const again = importBytes(Buffer.from(form.write(RECORDS)), `again.${form.ending}`).records;
    const essence = (records: SquadRecord[]) => records.map(({ context, answers }) => [context, answers.map(({ text, answerStart }) => [text, answerStart])]); // prettier-ignore
    assert.deepEqual(essence(again), essence(RECORDS), name);
  }
});

test('what is lost is told in numbers', () => {
  const lost = (name: string) => lostIn(`written.${formOf(name).ending}`, RECORDS, formOf(name).write(RECORDS));
  assert.deepEqual(lost('cmrc'), ['the places of 2 answers: another one with the same words counts']);
  assert.deepEqual(lost('squad'), []);
  assert.deepEqual(lost('mturk'), ['the titles of 3 questions']);
  assert.deepEqual(lost('natural-questions'), []);
  assert.match(lost('korquad2').join('; '), /1 further answer/);
});

test('convert says so', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
  const [from, out] = ['from.json', 'out.json'].map((name) => path.join(folder, name));
  fs.writeFileSync(from, formOf('squad').write(RECORDS));
  const { code, stderr } = await spanlab(['data', 'convert', from, '--out', out, '--to', 'cmrc']);
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /out\.json: the form cmrc cannot hold everything; lost: the places of 2 answers: another one with the same words counts\n/,
  );
});

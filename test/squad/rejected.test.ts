// What an annotator rejected, skipped or left as a draft is never an answer, in any form that has such a notion, and is said.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { importBytes } from '../../src/squad/import';
import { readRows } from '../../src/squad/table-file';

const CONTEXT = 'Ada was born in London in 1815 and died in Paris.';
const jsonLines = (rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const studio = (annotation: object) => [{ data: { text: CONTEXT, question: 'Where?' }, annotations: [{ result: [{ type: 'labels', value: { start: 16, end: 22, text: 'London', labels: ['Answer'] } }], ...annotation }] }]; // prettier-ignore
const task = (answer: string, more: object = {}) => ({ text: CONTEXT, question: `${answer}?`, spans: [{ start: 16, end: 22, label: 'A' }], answer, ...more }); // prettier-ignore

/** Each has one record whose only answer was turned down. */
const REJECTED: [name: string, content: unknown][] = [
  ['Prodigy, rejected', jsonLines([task('reject')])],
  ['Prodigy, ignored', jsonLines([task('ignore')])],
  ['Prodigy, rejected without spans', jsonLines([task('reject', { spans: undefined, _task_hash: 1 })])],
  ['Prodigy, rejected, the question as the label', jsonLines([task('reject', { question: undefined })])],
  ['Label Studio, cancelled', studio({ was_cancelled: true })],
  ['Label Studio, skipped', studio({ last_action: 'skipped' })],
  ['Label Studio, rejected by a reviewer', studio({ reviews: [{ accepted: true }, { accepted: false }] })],
  ['doccano, not approved', jsonLines([{ text: CONTEXT, question: 'Where?', label: [[16, 22, 'A']], is_approved: false }])],
  ['Argilla, discarded', [{ context: CONTEXT, question: 'Where?', answer: [{ user_id: 'a', value: 'London', status: 'discarded' }] }]],
  ['Argilla, a draft', [{ context: CONTEXT, question: 'Where?', answers: [{ value: 'London', status: 'draft' }] }]],
  ['Argilla, columns', [{ context: CONTEXT, question: 'Where?', 'answer.responses': ['London'], 'answer.responses.status': ['discarded'] }]],
  ['Mechanical Turk', `HITId,AssignmentStatus,Input.context,Input.question,Answer.answer\nh,Rejected,"${CONTEXT}",Where?,London\n`],
]; // prettier-ignore

const read = (content: unknown) => importBytes(Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)), 'data.json'); // prettier-ignore

for (const [name, content] of REJECTED) {
  test(name, () => {
    const { records, problems } = read(content);
    assert.deepEqual(
      records.flatMap(({ answers }) => answers),
      [],
    );
    // that somebody turned it down says nothing about whether there is an answer
    assert.ok(records.every(({ isUnlabelled }) => isUnlabelled));
    assert.ok(problems.some(({ kind, remedy }) => kind === 'rejected' && remedy === 'left out'));
  });
}

test('Prodigy: what was accepted is read; none marked is none, none looked at is no label', () => {
  const lines = [task('accept', { meta: { title: 'T' } }), task('reject'), task('ignore'), task('accept', { question: 'None?', spans: [] }), task('accept', { question: 'Open?', spans: undefined })]; // prettier-ignore
  const { records, form, leftOut } = read(jsonLines(lines));
  assert.deepEqual([form.name, leftOut], ['prodigy', 2]);
  assert.deepEqual(records.map(({ question, isImpossible, isUnlabelled, answers }) => [question, isImpossible, isUnlabelled, answers[0]?.text]), [
    ['accept?', false, undefined, 'London'],
    ['None?', true, undefined, undefined],
    ['Open?', false, true, undefined],
  ]); // prettier-ignore
  assert.equal(records[0].title, 'T');
});

test('two annotators of whom one skipped: the other counts', () => {
  const [one] = studio({});
  const both = [{ ...one, annotations: [{ ...one.annotations[0], was_cancelled: true }, one.annotations[0]] }];
  assert.deepEqual(
    read(both).records[0].answers.map(({ text }) => text),
    ['London'],
  );
  const responses = [{ context: CONTEXT, question: 'Where?', answer: [{ value: 'Paris', status: 'discarded' }, { value: 'London', status: 'submitted' }] }]; // prettier-ignore
  assert.deepEqual(
    read(responses).records[0].answers.map(({ text }) => text),
    ['London'],
  );
});

test('doccano: lines that nobody approved are named where others are approved', () => {
  const line = (id: number, approver: string | null) => ({ id, text: CONTEXT, question: `q${id}`, label: [[16, 22, 'A']], annotation_approver: approver }); // prettier-ignore
  const kinds = (...lines: unknown[]) => read(jsonLines(lines)).problems.map(({ kind, path: place }) => `${kind} ${place}`); // prettier-ignore
  assert.deepEqual(kinds(line(1, 'ada'), line(2, null)), ['rejected line 2']);
  assert.deepEqual(kinds(line(1, null), line(2, null)), []);
});

test('the rows of a table reader name Prodigy, and do not read it', () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'data.jsonl');
  fs.writeFileSync(file, jsonLines([task('reject')]));
  assert.throws(() => readRows(file), { code: 'E_SQUAD_TABLE', message: /it is no table, but Prodigy/ });
});

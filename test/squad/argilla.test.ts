// Argilla's records, in both of its versions: responses of every type of question, and what was discarded or left as a draft.
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { importBytes } from '../../src/squad/import';

const CONTEXT = 'The old mill of Tarn was bought by Ilse Brandt in 1903.';
const fields = { context: CONTEXT, question: 'Who bought it?' };
const read = (...rows: unknown[]) => importBytes(Buffer.from(JSON.stringify(rows)), 'data.json');
type Read = ReturnType<typeof read>;
const found = ({ records }: Read) =>
  records.map(({ id, isImpossible, isUnlabelled, answers }) => [id, isUnlabelled ? 'no label' : isImpossible ? 'none' : answers.map(({ text, answerStart }) => `${text} at ${answerStart}`).join(', ')]); // prettier-ignore
const kinds = ({ problems }: Read) => problems.map(({ kind, remedy }) => `${kind}, ${remedy}`);

type Given = [value: unknown, status: string];
const VERSIONS: Record<string, (id: string, answers: Given[], name?: string) => unknown> = {
  'version 1': (id, answers, name = 'answer') => ({
    ...{ id, fields, metadata: {}, suggestions: [] },
    responses: answers.map(([value, status]) => ({ user_id: 'u', status, values: { [name]: { value } } })),
  }),
  'version 2': (id, answers, name = 'answer') => ({
    ...{ id, status: 'completed', fields, metadata: {}, suggestions: {}, vectors: {} },
    responses: { [name]: answers.map(([value, status]) => ({ value, status, user_id: 'u' })) },
  }),
};
const SPAN = [{ start: 35, end: 46, label: 'answer' }];

for (const [version, record] of Object.entries(VERSIONS)) {
  describe(version, () => {
    test('texts and marked parts; what was discarded or left as a draft does not count', () => {
      const texts = read(record('a', [['Ilse Brandt', 'submitted'], ['mill', 'discarded'], ['Tarn', 'draft']])); // prettier-ignore
      assert.equal(texts.form.name, 'rows');
      assert.deepEqual(found(texts), [['a', 'Ilse Brandt at 35']]);
      assert.deepEqual(kinds(texts), ['rejected, left out', 'rejected, left out']);
      const spans = read(record('a', [[SPAN, 'submitted'], [[{ start: 8, end: 12, label: 'answer' }], 'discarded']])); // prettier-ignore
      assert.deepEqual(found(spans), [['a', 'Ilse Brandt at 35']]);
    });
    test('nothing marked is no answer; nothing that counts, or nothing said, is no label', () => {
      const all = read(record('a', [[[], 'submitted']]), record('b', [['mill', 'discarded']]), record('c', []), record('d', [['mill', 'draft']])); // prettier-ignore
      assert.deepEqual(found(all), [['a', 'none'], ['b', 'no label'], ['c', 'no label'], ['d', 'no label']]); // prettier-ignore
    });
    test('labels tell answers from other marks', () => {
      const spans = read(record('a', [[[...SPAN, { start: 8, end: 12, label: 'evidence' }], 'submitted']]));
      assert.deepEqual(found(spans), [['a', 'Ilse Brandt at 35']]);
      assert.deepEqual(kinds(spans), ['other labels, kept']);
    });
    test('a response of another name is not used, and --columns names it', () => {
      const rows = [record('a', [['Ilse Brandt', 'submitted']], 'reply')];
      assert.match(read(...rows).problems.map(({ what }) => what).join(), /not used: the field "reply"; .*--columns "answer=reply"/); // prettier-ignore
      const named = importBytes(Buffer.from(JSON.stringify(rows)), 'a.json', { columns: { answer: 'reply' } });
      assert.deepEqual(found(named), [['a', 'Ilse Brandt at 35']]);
    });
    test('JSON Lines', () => {
      const rows = ['a', 'b'].map((id) => `${JSON.stringify(record(id, [['Ilse Brandt', 'submitted']]))}\n`).join('');
      const lines = importBytes(Buffer.from(rows), 'data.jsonl');
      assert.deepEqual(found(lines), [['a', 'Ilse Brandt at 35'], ['b', 'Ilse Brandt at 35']]); // prettier-ignore
      assert.deepEqual(kinds(lines), ['repeated question, kept']);
    });
  });
}

test('a record that was discarded as a whole', () => {
  const row = { id: 'a', fields, responses: [{ user_id: 'u', values: null, status: 'discarded' }] };
  assert.deepEqual(found(read(row)), [['a', 'no label']]);
});

test('no response: no label; what a model proposed is named and no answer', () => {
  const bare = { id: 'a', fields, responses: {}, suggestions: { answer: { value: 'mill', score: null, agent: 'm' } } };
  const first = read(bare);
  assert.deepEqual(found(first), [['a', 'no label']]);
  assert.match(first.problems.map(({ what }) => what).join(), /not used: the field "answer\.suggestion"/);
  const old = { ...bare, responses: [], suggestions: [{ question_name: 'answer', value: 'mill' }] };
  assert.deepEqual(found(read(old)), [['a', 'no label']]);
});

test('other questions: whether there is an answer, the question itself, the title', () => {
  const said = (value: unknown) => [{ value, status: 'submitted', user_id: 'u' }];
  const none = { id: 'a', fields, responses: { answer: said([]), answerable: said('No') }, metadata: { title: 'T' } };
  assert.deepEqual([found(read(none)), read(none).records[0].title], [[['a', 'none']], 'T']);
  const asked = { id: 'a', fields: { text: CONTEXT }, responses: { question: said('Who?'), answer: said('Ilse Brandt') } }; // prettier-ignore
  assert.deepEqual([read(asked).records[0].question, found(read(asked))], ['Who?', [['a', 'Ilse Brandt at 35']]]);
});

test('columns of marked parts', () => {
  const row = { id: 'a', ...fields, 'answer.responses': [SPAN, [{ start: 8, end: 12, label: 'answer' }]], 'answer.responses.status': ['submitted', 'draft'] }; // prettier-ignore
  assert.deepEqual(found(read(row)), [['a', 'Ilse Brandt at 35']]);
  const listed = { id: 'b', ...fields, answer: [{ user_id: 'u', value: SPAN, status: 'submitted' }] };
  assert.deepEqual(found(read(listed)), [['b', 'Ilse Brandt at 35']]);
});

test('a row, or an answer, that is marked as not correct has no label', () => {
  const csv = `question,context,answer,is_correct\nWho?,"${CONTEXT}",Ilse Brandt,TRUE\nWhat?,"${CONTEXT}",Tarn,FALSE\n`;
  const table = importBytes(Buffer.from(csv), 'a.csv');
  assert.deepEqual(found(table), [['row-2', 'Ilse Brandt at 35'], ['row-3', 'no label']]); // prettier-ignore
  assert.deepEqual(kinds(table), ['rejected, left out', 'no label, kept']);
  const answers = [{ text: 'Tarn', is_correct: false }, { text: 'Ilse Brandt', is_correct: true }]; // prettier-ignore
  assert.deepEqual(found(read({ id: 'a', ...fields, answers })), [['a', 'Ilse Brandt at 35']]);
});

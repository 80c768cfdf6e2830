// Files with several lists of records, of several forms, in several places of a record: all is read, and what is not is named.
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { zipSync } from 'fflate';
import { importBytes } from '../../src/squad/import';
import { readSquadRecords } from '../../src/squad/read';
import { temporaryFile } from './files';

const CONTEXT = 'The old mill of Tarn was bought by Ilse Brandt in 1903.';
const answers = [{ text: 'Ilse Brandt', answer_start: 35 }];
const hugging = { text: ['Ilse Brandt'], answer_start: [35] };
const row = (id: string) => ({ id, context: CONTEXT, question: `Who is ${id}?`, answers: hugging });
const qa = (id: string) => ({ id, question: `Who is ${id}?`, answers });
const paragraph = (...ids: string[]) => ({ context: CONTEXT, qas: ids.map(qa) });
const article = (...ids: string[]) => ({ title: 'T', paragraphs: [paragraph(...ids)] });
const columns = (...ids: string[]) => ({ id: ids, context: ids.map(() => CONTEXT), question: ids.map((id) => `Who is ${id}?`), answers: ids.map(() => hugging) }); // prettier-ignore
const span = { type: 'labels', value: { start: 35, end: 46, text: 'Ilse Brandt', labels: ['Answer'] } };
const task = (id: string, more = {}) => ({ id, data: { text: CONTEXT, question: `Who is ${id}?` }, annotations: [{ result: [span] }], ...more }); // prettier-ignore
const lines = (...values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const area = (...text: string[]) => ({ type: 'textarea', from_name: 'question', value: { text } });

const read = (content: unknown, name = 'data.json') =>
  importBytes(Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)), name);
const idsOf = (content: unknown, name?: string) => read(content, name).records.map(({ id }) => id).join(' '); // prettier-ignore
const said = (content: unknown, name?: string) => read(content, name).problems.map(({ path, what }) => `${path}: ${what}`); // prettier-ignore

const PARTS: [name: string, content: unknown, ids: string, parts: string][] = [
  ['splits of rows', { train: [row('a'), row('b')], test: [row('c')] }, 'a b c', '"train" (2), "test" (1)'],
  ['splits of articles', { train: [article('a')], validation: [article('b')] }, 'a b', '"train" (1), "validation" (1)'],
  ['data and more', { version: '1', data: [article('a')], more: [article('b')] }, 'a b', '"data" (1), "more" (1)'],
  ['splits within data', { data: { train: [row('a')], test: [row('b')] } }, 'a b', '"data.train" (1), "data.test" (1)'],
  ['a DatasetDict', { train: columns('a', 'b'), test: columns('c') }, 'a b c', '"train" (2), "test" (1)'],
  ['frames by split', { train: { 0: row('a') }, test: { 0: row('b') } }, 'a b', '"train" (1), "test" (1)'],
  ['whole files by split', { train: { version: '1', data: [article('a')] }, dev: { data: [article('b')] } }, 'a b', '"train.data" (1), "dev.data" (1)'],
  ['a list of whole files', [{ data: [article('a')] }, { data: [article('b')] }], 'a b', '"[0].data" (1), "[1].data" (1)'],
  ['two levels', { squad: { data: { x: [row('a')], y: [row('b')] } } }, 'a b', '"squad.data.x" (1), "squad.data.y" (1)'],
  ['lists of tasks', { tasks: [task('a')], reviewed: [task('b')] }, 'a b', '"tasks" (1), "reviewed" (1)'],
  ['lists in a list', [[row('a')], [row('b')]], 'a b', '"[0]" (1), "[1]" (1)'],
  ['records by name beside a version', { version: '1', q: row('a'), r: row('b') }, 'a b', '"q" (1), "r" (1)'],
]; // prettier-ignore

describe('every list of records is read, and said', () => {
  for (const [name, content, ids, parts] of PARTS) {
    test(name, () => {
      assert.equal(idsOf(content), ids);
      const what = `the file: its records are in 2 parts, ${parts}: all of them are read as one file`;
      assert.ok(said(content).includes(what), said(content).join('\n'));
      assert.equal(read(content).official, undefined);
    });
  }

  test('one list under any name is nothing to say', () => {
    assert.deepEqual([idsOf({ version: '1', articles: [article('a')] }), said({ version: '1', articles: [article('a')] })], ['a', []]); // prettier-ignore
    assert.deepEqual(said({ data: [], more: [article('a')] }), []);
    assert.equal(idsOf({ data: [], more: [article('a')] }), 'a');
  });

  test('questions without ids get different ones in each part', () => {
    const bare = [{ paragraphs: [{ context: CONTEXT, qas: [{ question: 'Who?', answers }] }] }];
    assert.equal(idsOf({ train: bare, test: bare }), 'question-train-1-1-1 question-test-1-1-1');
    const rows = [{ context: CONTEXT, question: 'Who?', answer: 'Ilse Brandt' }];
    assert.equal(idsOf({ train: rows, test: rows }), 'row-1 row-2');
  });

  test('a list of no form is named: a split as left out, anything else as not used', () => {
    const { problems, leftOut } = read({ train: [row('a')], test: [{ foo: 1 }], documents: [{ t: 1 }], features: [{ name: 'id' }], about: {} }); // prettier-ignore
    assert.deepEqual(problems.map(({ kind, path, what, remedy }) => [kind, path, what, remedy]), [
      ['format', 'test', 'its records are of no form that spanlab knows', 'left out'],
      ['unused field', 'the file', 'not used: "documents"', 'kept'],
    ]); // prettier-ignore
    assert.equal(leftOut, 1);
  });

  test('the lesson’s own reader refuses what it would lose', () => {
    const data = [{ title: 'T', paragraphs: [paragraph('a')] }];
    assert.equal(readSquadRecords(temporaryFile({ data, authors: [{ name: 'x' }] })).length, 1);
    const aside = [
      { data, more: data },
      { data: [{ ...data[0], qas: [qa('b')] }] },
      { data: [{ paragraphs: [{ ...paragraph('a'), questions: [qa('b')] }] }] },
    ];
    for (const value of aside) assert.throws(() => readSquadRecords(temporaryFile(value)), { code: 'E_SQUAD_SCHEMA', message: /--mend` reads all/ }); // prettier-ignore
  });
});

describe('lines', () => {
  test('each in its own form', () => {
    const mixed = lines(row('a'), article('b'), task('c'), paragraph('d'));
    assert.equal(idsOf(mixed, 'data.jsonl'), 'a b c d');
    assert.ok(said(mixed, 'data.jsonl').includes('the file: its records are of 3 forms (1 of rows, 2 of squad, 1 of label-studio): all of them are read')); // prettier-ignore
  });

  test('files one after the other, and a bracket too many', () => {
    const files = lines({ data: [article('a')] }, { train: [article('b')], test: [article('c')] });
    for (const name of ['data.jsonl', 'data.json']) assert.equal(idsOf(files, name), 'a b c');
    const { records, problems } = read(`${JSON.stringify({ data: [article('a')] })}\n}\n`);
    assert.equal(records.length, 1);
    assert.deepEqual(problems.map(({ path, remedy }) => [path, remedy]), [['line 2', 'left out']]); // prettier-ignore
  });

  test('MRQA: a header with questions, a line without detected answers', () => {
    const detected = [{ text: 'Ilse Brandt', char_spans: [[35, 45]] }];
    const first = { header: {}, context: CONTEXT, qas: [{ qid: 'a', question: 'Who?', answers: [], detected_answers: detected }] }; // prettier-ignore
    const second = { context: CONTEXT, qas: [{ qid: 'b', question: 'Who?', answers: ['Ilse Brandt'] }] };
    const { records, form } = read(lines(first, second), 'data.jsonl');
    assert.deepEqual([form.name, ...records.map(({ id, answers: [{ text }] }) => [id, text])], ['mrqa', ['a', 'Ilse Brandt'], ['b', 'Ilse Brandt']]); // prettier-ignore
  });
});

describe('within a record', () => {
  const inArticle = (more: object) => ({ data: [{ title: 'T', paragraphs: [paragraph('a')], ...more }] });
  const PLACES: [name: string, content: unknown][] = [
    ['questions beside qas', { data: [{ paragraphs: [{ ...paragraph('a'), questions: [qa('b')] }] }] }],
    ['qas beside paragraphs', inArticle({ context: CONTEXT, qas: [qa('b')] })],
    ['passages beside paragraphs', inArticle({ passages: [paragraph('b')] })],
    ['a list of questions in a row', [{ ...row('a'), qas: [qa('b')] }]],
    ['rows for paragraphs', { data: [{ title: 'T', paragraphs: [row('a'), row('b')] }] }],
  ];
  for (const [name, content] of PLACES) test(name, () => assert.equal(idsOf(content), 'a b'));

  test('a column that is shorter than others takes no row away', () => {
    assert.equal(idsOf({ ...columns('a', 'b'), id: ['a'] }), 'a row-2');
    assert.equal(idsOf({ id: ['a'], context: [CONTEXT], question: ['Who?', 'What?'], answers: [hugging] }), 'a');
    assert.equal(read({ id: ['a'], context: [CONTEXT], question: ['Who?', 'What?'], answers: [hugging] }).leftOut, 1);
  });

  test('an empty list beside the one that is filled', () => {
    const texts = (content: unknown, name?: string) => read(content, name).records.map(({ answers }) => answers[0]?.text); // prettier-ignore
    assert.deepEqual(texts([{ ...row('a'), answers: [], answer: 'Ilse Brandt' }]), ['Ilse Brandt']);
    assert.deepEqual(texts([task('a', { annotations: [], completions: [{ result: [span] }] })]), ['Ilse Brandt']);
    const line = { id: 1, text: CONTEXT, question: 'Who?', label: [], entities: [[35, 46, 'ANSWER']] };
    assert.deepEqual(texts(lines(line), 'data.jsonl'), ['Ilse Brandt']);
  });

  test('Label Studio: a question of each annotator, each with his own answers; two of one are said', () => {
    const year = { type: 'labels', value: { start: 50, end: 54, text: '1903', labels: ['Answer'] } };
    const two = { id: 1, data: { text: CONTEXT }, annotations: [{ result: [area('Who?'), span] }, { result: [area('When?'), year] }] }; // prettier-ignore
    const found = read([two]).records.map(({ id, question, answers }) => [id, question, ...answers.map(({ text }) => text)]); // prettier-ignore
    assert.deepEqual(found, [['1', 'Who?', 'Ilse Brandt'], ['1-2', 'When?', '1903']]); // prettier-ignore
    const one = read([{ id: 1, data: { text: CONTEXT }, annotations: [{ result: [area('Who?', 'When?'), span] }] }]);
    assert.deepEqual([one.records.length, one.leftOut], [1, 1]);
    assert.match(one.problems[0].what, /^"When\?" is one of several questions/);
  });
});

test('what has the words of our fields and no questions is no file of questions', () => {
  const vocabulary = { question: 1, text: 2, header: 3, qas: 4, paragraphs: 5 };
  assert.throws(() => read({ model: { vocab: vocabulary } }), { code: 'E_SQUAD_SCHEMA' });
  const odd = [{ context: CONTEXT, question: 'Who?', answers: 'Ilse Brandt', answer_start: [{ toString: 0 }] }];
  assert.equal(read(odd).records.length, 1);
});

test('an archive: what is not read is named', () => {
  const rows = Buffer.from(lines(row('a')));
  const { problems } = importBytes(Buffer.from(zipSync({ 'a.jsonl': rows, 'more.txt': rows })), 'data.zip');
  assert.deepEqual(problems.map(({ what }) => what), ['of the archive only "a.jsonl" is read, and not "more.txt"']); // prettier-ignore
  for (const other of ['b.tab', 'b.zip', 'b.xlsx']) {
    const archive = Buffer.from(zipSync({ 'a.jsonl': rows, [other]: rows }));
    assert.throws(() => importBytes(archive, 'data.zip'), { code: 'E_SQUAD_PACKED', message: /it holds 2 files/ });
  }
});

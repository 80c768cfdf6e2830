// Tables as pandas turns them in JSON, columns without names, and places that no text has.
import assert from 'node:assert/strict';
import test from 'node:test';
import { importData } from '../../src/squad/import';
import { onePassage, question, temporaryFile } from './files';

const ROWS = [
  { question: 'Who won?', context: 'In the end Ada won.', answer: 'Ada' },
  { question: 'Who lost?', context: 'Bob lost.', answer: 'Bob' },
];
const NAMES = ['question', 'context', 'answer'] as const;
const byKey = (keys: string[]) => Object.fromEntries(ROWS.map((row, i) => [keys[i], row]));

test("pandas: orient = 'index', 'columns', 'split', 'records' and 'table' are the same questions", () => {
  const cells = ROWS.map((row) => NAMES.map((name) => row[name]));
  const columns = Object.fromEntries(
    NAMES.map((name) => [name, Object.fromEntries(ROWS.map((row, i) => [i, row[name]]))]),
  );
  const forms: [string, unknown][] = [
    ['index', byKey(['0', '1'])],
    ['index of a part', byKey(['17', '4'])],
    ['index in a field', { data: byKey(['0', '1']) }],
    ['columns', columns],
    ['split', { columns: NAMES, index: [0, 1], data: cells }],
    ['records', ROWS],
    ['table', { schema: { fields: [] }, data: ROWS.map((row, index) => ({ index, ...row })) }],
  ];
  for (const [name, value] of forms) {
    const { records, problems, form } = importData(temporaryFile(value));
    const found = records.map(({ question, context, answers }) => ({ question, context, answer: answers[0].text }));
    assert.deepEqual(found.sort((a, b) => b.question.localeCompare(a.question)), ROWS, name); // prettier-ignore
    assert.deepEqual([form.name, problems], ['rows', []], name);
  }
});

test('rows by their ids keep them', () => {
  const { records } = importData(temporaryFile(byKey(['q-a', 'q-b'])));
  assert.deepEqual(records.map(({ id }) => id), ['q-a', 'q-b']); // prettier-ignore
});

test('other names are shown as those of a row, values without names with the way out', () => {
  const other = { frage: { 0: 'Wer?', 1: 'Wer?' }, absatz: { 0: 'Ada gewann.', 1: 'Bob verlor.' } };
  assert.throws(() => importData(temporaryFile(other)), { code: 'E_SQUAD_SCHEMA', message: /row 1 has "frage" \("Wer\?"\), "absatz" .*question=frage,context=absatz/ }); // prettier-ignore
  const values = temporaryFile(ROWS.map((row) => Object.values(row)));
  assert.throws(() => importData(values), { code: 'E_SQUAD_SCHEMA', message: /a list of lists, the first \["Who won\?",.*orient='records'/ }); // prettier-ignore
});

test('columns without names have one by their place', () => {
  const row = 'Who?,In the end Ada won.,Ada,note\n';
  const some = importData(temporaryFile(`,question,context,answer,\n0,${row}`, 'unnamed.csv'));
  assert.deepEqual(some.problems.map(({ what }) => what), ['not used: the column "column_5"']); // prettier-ignore
  const [none, one] = [`,,,\n${row}`, `question,,answer,\n${row}`].map((text, i) => temporaryFile(text, `unnamed-${i}.csv`)); // prettier-ignore
  assert.throws(
    () => importData(none),
    /"column_1" \("Who\?"\).*--columns "question=column_1,context=column_2,answer=column_3"/,
  );
  assert.throws(() => importData(one), /no column context, .*context=column_2,answer=answer/);
  const columns = { question: 'column_1', context: 'column_2', answer: 'column_3' };
  assert.equal(importData(none, { columns }).records[0].answers[0].text, 'Ada');
});

test('a place that no text has is said as one', () => {
  const said = (start: unknown) => importData(temporaryFile(onePassage('In the end Ada won.', [{ ...question('Ada', 0), answers: [{ text: 'Ada', answer_start: start }] }]))).problems.map(({ what }) => what); // prettier-ignore
  assert.deepEqual(said(1e20), ['the place 1e+20 is beyond any text; the answer is looked for']);
  assert.deepEqual(said('1e300'), ['the place 1e+300 is beyond any text; the answer is looked for']);
  assert.deepEqual(said(1.5), ['the place 1.5 is no whole number; the answer is looked for']);
});

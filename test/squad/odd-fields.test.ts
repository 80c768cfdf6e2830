// Fields as real files have them: places that are too few, words for no answer, ids of data bases, cells that were cut off or merged.
import assert from 'node:assert/strict';
import test from 'node:test';
import { importBytes } from '../../src/squad/import';
import { readRows } from '../../src/squad/table-file';
import { temporaryFile } from './files';

const CONTEXT = 'Ada was born in London in 1815 and died in Paris, not in London.';
const read = (content: unknown, name = 'data.json') => importBytes(Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)), name); // prettier-ignore
const row = (more: object) => ({ id: 'a', context: CONTEXT, question: 'Where?', ...more });
const answersOf = (content: unknown) => read(content).records[0].answers.map(({ text, answerStart }) => [text, answerStart]); // prettier-ignore
const said = (content: unknown, name?: string) => read(content, name).problems.map(({ kind, path, what }) => `${kind}, ${path}: ${what}`).join('\n'); // prettier-ignore

test('a place that is alone is that of the first answer; the others are looked for, which is said', () => {
  const two = [['London', 57], ['1815', 26]]; // prettier-ignore
  for (const given of [{ answers: ['London', '1815'], answer_start: 57 }, { answers: ['London', '1815'], answer_start: [57] }, { answers: { text: ['London', '1815'], answer_start: [57] } }, { answers: { text: ['London', '1815'], answer_start: 57 } }]) {
    assert.deepEqual(answersOf([row(given)]), two);
    assert.match(said([row(given)]), /positions, .*\[1\].*: there are fewer places than answers; this one is looked for/);
  }
  for (const given of [{ answer: 'London', answer_start: [57] }, { answers: { text: 'London', answer_start: [57] } }, { answers: { text: ['London'], answer_start: 57 } }, { answers: ['London'], answer_start: 57 }]) {
    assert.deepEqual(answersOf([row(given)]), [['London', 57]]);
    assert.equal(said([row(given)]), '');
  }
}); // prettier-ignore

test('QuAC: CANNOTANSWER is no answer, and that is said', () => {
  const context = `${CONTEXT} CANNOTANSWER`;
  const none = { text: 'CANNOTANSWER', answer_start: context.length - 12 };
  const asked = (id: string, ...answers: unknown[]) => ({ id, question: `q${id}`, answers });
  const qas = [asked('1', none), asked('2', { text: 'Paris', answer_start: 43 }, none)];
  const { records, problems } = read({ data: [{ title: 'T', paragraphs: [{ context, qas }] }] });
  assert.deepEqual(records.map(({ isImpossible, answers }) => [isImpossible, answers.map(({ text }) => text)]), [[true, []], [false, ['Paris']]]); // prettier-ignore
  assert.deepEqual(problems.map(({ what }) => what), [
    'CANNOTANSWER says that there is no answer: it counts as impossible',
    'CANNOTANSWER says that there is no answer',
  ]); // prettier-ignore
});

test('ids of data bases, and numbers as they are written', () => {
  const line = (id: string) => `{"id": ${id}, "paid": 1.50, "context": "${CONTEXT}", "question": "q ${id.replaceAll('"', '')}", "answer": "1815"}`; // prettier-ignore
  const ids = (...written: string[]) => read(written.map(line).join('\n'), 'data.jsonl').records.map(({ id }) => id);
  assert.deepEqual(ids('{"$oid": "5f0c"}', '{"$numberLong": "7"}'), ['5f0c', '7']);
  assert.deepEqual(ids('1.50', '1.5', '1e3', '1000', '-0', '0', 'null'), ['1.50', '1.5', '1e3', '1000', '-0', '0', 'row-7']); // prettier-ignore
  assert.deepEqual(ids('"say \\"id\\": 1.50"'), ['say "id": 1.50']);
});

test('questions that are labels get ids by their record', () => {
  const label = [[16, 22, 'Where?'], [26, 30, 'When?']]; // prettier-ignore
  const doccano = (more: object) => read(`${JSON.stringify({ text: CONTEXT, label, ...more })}\n`, 'a.jsonl').records.map(({ id }) => id); // prettier-ignore
  assert.deepEqual(doccano({}), ['row-1', 'row-1-2']);
  assert.deepEqual(doccano({ id: null }), ['row-1', 'row-1-2']);
  assert.deepEqual(doccano({ id: 7 }), ['7', '7-2']);
  const result = label.map(([start, end, name]) => ({ type: 'labels', value: { start, end, labels: [name] } }));
  const studio = [{ data: { text: CONTEXT }, annotations: [{ result }] }];
  assert.deepEqual(read(studio).records.map(({ id }) => id), ['row-1', 'row-1-2']); // prettier-ignore
});

test('rows of the data set viewer that were cut off are left out, with a word', () => {
  const viewer = (...cells: string[][]) => ({ features: [], rows: cells.map((cut, i) => ({ row_idx: i, row: row({ id: `${i}`, title: 'T', answer: '1815' }), truncated_cells: cut })) }); // prettier-ignore
  const { records, leftOut, problems } = read(viewer([], ['context'], ['title'], ['question', 'answer']));
  assert.deepEqual([records.map(({ id }) => id), leftOut], [['0', '2'], 2]);
  assert.deepEqual(problems.filter(({ kind }) => kind === 'cut off').map(({ path, remedy }) => [path, remedy]), [['rows[1]', 'left out'], ['rows[2]', 'kept'], ['rows[3]', 'left out']]); // prettier-ignore
  const mapped = importBytes(Buffer.from(JSON.stringify({ rows: [{ row_idx: 0, row: { frage: 'Wo?', absatz: CONTEXT, antwort: '1815' }, truncated_cells: ['absatz'] }] })), 'a.json', { columns: { question: 'frage', context: 'absatz', answer: 'antwort' } }); // prettier-ignore
  assert.deepEqual([mapped.records.length, mapped.leftOut], [0, 1]);
  assert.throws(() => readRows(temporaryFile(viewer([], ['context']))), { code: 'E_SQUAD_TABLE', message: /rows\[1\]: the viewer cut off "context"/ }); // prettier-ignore
  assert.equal(readRows(temporaryFile(viewer([], ['context'])), []).length, 1);
});

test('merged cells and columns of several answers: what to do is said', () => {
  assert.match(said(`context,question,answer\n"${CONTEXT}",Where?,Paris\n,When?,1815\n`, 'a.csv'), /empty context, row 3: the context is empty; where cells were merged, .*: fill it down/); // prettier-ignore
  const hint = said(`context,question,answer1,answer2\n"${CONTEXT}",Where?,Paris,London\n`, 'a.csv');
  assert.match(
    hint,
    /if "answer1", "answer2" are answers of one question, put them into one column answers, as a list/,
  );
});

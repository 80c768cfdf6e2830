// Every mistake of a table is found, with its row, and only what is beyond doubt is mended.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { describe } from 'node:test';
import { exampleRows } from '../../src/squad/example-table';
import { type TableRow, readRows } from '../../src/squad/table-file';
import { readTable, writeRows } from '../../src/squad/own-data';
import { checkRows, mendRows } from '../../src/squad/table-check';

const good = { question: 'Who won?', context: 'In 1912 Ada “the first” won in 12 minutes.', answer: 'Ada' };
const rowOf = (cells: TableRow['cells'], number = 1) => ({ number, cells: { ...good, ...cells } });
const problemsOf = (cells: TableRow['cells']) => checkRows([rowOf(cells)]);

describe('a row', () => {
  test('that is right has no problems', () => {
    assert.deepEqual(problemsOf({}), []);
    assert.deepEqual(problemsOf({ answer: '12', answer_start: 5 }), []);
    assert.deepEqual(problemsOf({ answer: '12', answer_start: '31' }), []);
  });

  const cases: [
    what: string,
    cells: TableRow['cells'],
    kind: string,
    message: RegExp,
    mend?: Record<string, string>,
  ][] = [
    ['without a question', { question: ' ' }, 'error', /the question is empty/],
    ['without a text', { context: undefined }, 'error', /the context is empty/],
    ['without an answer', { answer: '' }, 'look', /no answer: .* impossible/],
    ['with null for an answer', { answer: null }, 'look', /no answer/],
    ['with an answer from memory', { answer: 'Bob' }, 'error', /"Bob" is nowhere in its context/],
    ['in capitals', { answer: 'ADA ' }, 'error', /which has "Ada"/, { answer: 'Ada', answer_start: '' }],
    ['with other quotes', { answer: '"the first"' }, 'error', /which has/, { answer: '“the first”', answer_start: '' }],
    ['with other spaces', { answer: 'Ada\n “the' }, 'error', /which has/, { answer: 'Ada “the', answer_start: '' }],
    ['with special characters', { answer: 'Ada (the) [first' }, 'error', /is nowhere in its context/],
    ['with a part of a word', { answer: '19' }, 'error', /stands only within other words: in "1912" at 3/],
    ['with a word twice', { context: 'Ada, or Ada.' }, 'look', /stands at 0, 8: 0 counts, unless/],
    [
      'with a wrong place, and the letters in a word',
      { answer: '12', answer_start: 2 },
      'error',
      /not at 2 but at 31, its only place/,
      { answer_start: '31' },
    ],
    ['with a wrong place', { answer_start: 3 }, 'error', /is not at 3 but at 8, its only place/, { answer_start: '8' }],
    ['with a negative place', { context: 'Ada won.', answer_start: -1 }, 'error', /but at 0/, { answer_start: '0' }],
    [
      'with a word for a place',
      { context: 'Ada won.', answer_start: 'x' },
      'error',
      /no whole number; the answer is looked for/,
      { answer_start: '' },
    ],
    [
      'with two places, none right',
      { context: 'In 12 years 12.', answer: '12', answer_start: 8 },
      'error',
      /occurs more than once, at 3, 12/,
    ],
  ];
  for (const [what, cells, kind, message, mend] of cases) {
    test(what, () => {
      const [problem, ...more] = problemsOf(cells);
      assert.deepEqual([problem.row, problem.kind, more], [1, kind, []]);
      assert.match(problem.what, message);
      assert.deepEqual(problem.mend, mend);
    });
  }

  test('places count code points', () => {
    const cells = { context: '🎉 Ada', answer_start: 3 };
    assert.deepEqual(problemsOf(cells)[0].mend, { answer_start: '2' });
    assert.deepEqual(problemsOf({ ...cells, answer_start: 2 }), []);
  });
});

test('rows together: an id twice, a question twice', () => {
  const rows = [rowOf({ id: 'a' }), rowOf({ id: 'a', question: 'Who?' }, 2), rowOf({ answer: 'won' }, 3), rowOf({}, 4)];
  const found = checkRows(rows).map(({ row, kind, what }) => [row, kind, what]);
  assert.deepEqual(found, [
    [2, 'error', 'the id a is that of row 1; it becomes "a-2"'],
    [3, 'look', 'asks what row 1 asks, with another answer'],
    [4, 'look', 'asks what row 1 asks, with the same answer'],
  ]);
});

test('a spoilt table: strict reading refuses it, mended it is read; rows beyond doubt only are changed', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
  for (const name of ['own.csv', 'own.jsonl']) {
    const file = path.join(folder, name);
    const first = name.endsWith('.csv') ? 2 : 1; // a CSV begins with the names of its columns
    const rows = exampleRows(3).map((cells, i) => ({ number: i + first, cells: { ...cells, answer_start: '' } }));
    const answer = rows[2].cells.answer;
    rows[2].cells.answer = answer.toUpperCase();
    rows[3].cells.answer_start = '1';
    writeRows(file, rows);
    assert.throws(() => readTable(file), {
      code: 'E_SQUAD_ANSWER',
      message: name.endsWith('.csv') ? /row 4/ : /line 3/,
    });
    const back = readRows(file);
    assert.deepEqual(back, rows);
    const mended = mendRows(back, checkRows(back));
    assert.deepEqual(back, rows); // it makes new ones
    assert.equal(mended[2].cells.answer, answer);
    writeRows(file, mended);
    const records = readTable(file);
    assert.ok(records.every(({ context, answers }) => answers.every(({ text, answerStart }) => context.startsWith(text, answerStart)))); // prettier-ignore
    assert.deepEqual(records.map(({ answers }) => answers[0]?.text ?? ''), exampleRows(3).map((row) => row.answer)); // prettier-ignore
  }
  fs.rmSync(folder, { recursive: true });
});

test('the example: its answers stand in their texts, once; some questions have none; a seed fixes it', () => {
  const rows = exampleRows();
  assert.equal(rows.length, 160);
  const problems = checkRows(rows.map((cells, i) => ({ number: i + 1, cells: { ...cells } })));
  assert.ok(problems.length > 10 && problems.every(({ what }) => what.startsWith('no answer')), JSON.stringify(problems[0])); // prettier-ignore
  assert.deepEqual(exampleRows(), rows);
  assert.notDeepEqual(exampleRows(20, 1), rows);
});

test('JSON Lines that are no objects are refused with their row', () => {
  const file = path.join(os.tmpdir(), `spanlab-${process.pid}.jsonl`);
  fs.writeFileSync(file, '{"question": "a"}\n5\n');
  assert.throws(() => readRows(file), { code: 'E_SQUAD_TABLE', message: /line 2: not an object/ });
  fs.rmSync(file);
});

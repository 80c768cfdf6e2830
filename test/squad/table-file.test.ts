// Tables as spreadsheets save them: any separator, any case of the names, rows counted as on the screen.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, describe } from 'node:test';
import fc from 'fast-check';
import { Names } from '../../src/squad/fields';
import { rows as rowForm } from '../../src/squad/forms/rows';
import { importData, importQuestions, rowsOf } from '../../src/squad/import';
import { readTable, writeRows } from '../../src/squad/own-data';
import type { Problem } from '../../src/squad/problem';
import { checkRows } from '../../src/squad/table-check';
import { type TableRow, isTable, readRows } from '../../src/squad/table-file';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
after(() => fs.rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, text);
  return file;
}

describe('the same table in every form', () => {
  const cells = { question: 'Who won?', context: 'Ada, "the fox"; won.', answer: 'Ada' };
  const forms: [name: string, text: string][] = [
    ['comma.csv', 'question,context,answer\nWho won?,"Ada, ""the fox""; won.",Ada\n'],
    ['semicolon.csv', 'question;context;answer\r\nWho won?;"Ada, ""the fox""; won.";Ada\r\n'],
    ['tab.csv', 'question\tcontext\tanswer\nWho won?\t"Ada, ""the fox""; won."\tAda'],
    ['tab.tsv', '\ufeffquestion\tcontext\tanswer\nWho won?\t"Ada, ""the fox""; won."\tAda\n'],
    ['names.csv', ' Question , CONTEXT,Answer\nWho won?,"Ada, ""the fox""; won.",Ada\n'],
    ['lines.jsonl', `\ufeff${JSON.stringify(cells)}\n`],
  ];
  for (const [name, text] of forms) {
    test(name, () => {
      const file = write(name, text);
      assert.ok(isTable(file));
      assert.deepEqual(readRows(file), [{ number: name.endsWith('.jsonl') ? 1 : 2, cells }]);
      assert.deepEqual(readTable(file)[0].answers, [{ text: 'Ada', answerStart: 0 }]);
    });
  }
});

test('rows are counted as a spreadsheet shows them, empty ones and those of several lines too', () => {
  const file = write('gaps.csv', 'question,context,answer\na,"one\ntwo",\n\n\nb,x,\n');
  assert.deepEqual(
    readRows(file).map(({ number }) => number),
    [2, 5],
  );
  const lines = write('gaps.jsonl', '\n{"question":"a","context":"x"}\n\n{"question":"b","context":"x"}');
  assert.deepEqual(
    readRows(lines).map(({ number }) => number),
    [2, 4],
  );
});

test('questions about one text get one title, and ids that no row of its own has', () => {
  const rows = 'A?,one,\nB?,one,\nC?,two,\nD?,two,mine\n'.replaceAll(/,(mine)?\n/g, ',,$1,\n');
  const records = readTable(write('titles.csv', `question,context,answer,title,id\n${rows}`));
  assert.deepEqual(
    records.map(({ title, id }) => [title, id]),
    [
      ['text 2', 'row-2'],
      ['text 2', 'row-3'],
      ['text 4', 'row-4'],
      ['mine', 'row-5'],
    ],
  );
});

test('numbers are answers like others, and null is an empty cell', () => {
  const row = { question: 'When?', context: 'In 1912.', answer: 1912, title: null, id: 7, answer_start: null };
  const [record] = readTable(write('number.jsonl', JSON.stringify(row)));
  assert.deepEqual([record.id, record.answers], ['7', [{ text: '1912', answerStart: 3 }]]);
  const [empty] = readTable(write('blank.csv', 'question,context,answer\nWho?,Ada won., \n'));
  assert.equal(empty.isImpossible, true);
});

test('rows that were emptied, names in capitals, and the form of Python’s datasets', () => {
  const emptied = readRows(write('emptied.CSV', 'question;context;answer\n;;\nWho?;Ada won.;Ada\n;;\n'));
  assert.deepEqual(
    emptied.map(({ number }) => number),
    [3],
  );
  const base = { context: 'Ada won.', question: 'Who?' };
  const rows = [
    { ...base, Answer: 'Ada' },
    { ...base, answers: { text: ['won', 'Ada won'], answer_start: [4, 0] } },
    { ...base, answers: { text: [], answer_start: [] } },
  ];
  const records = readTable(write('forms.jsonl', rows.map((row) => JSON.stringify(row)).join('\n')));
  assert.deepEqual(
    records.map(({ answers }) => answers),
    [
      [{ text: 'Ada', answerStart: 0 }],
      [
        { text: 'won', answerStart: 4 },
        { text: 'Ada won', answerStart: 0 },
      ],
      [],
    ],
  );
});

test('an id of its own is not that of another row; a place is a whole number', () => {
  const ids = 'question,context,answer,id\nA?,one.,one,row-3\nB?,one.,one,\n';
  const [problem] = checkRows(readRows(write('ids.csv', ids)));
  assert.deepEqual([problem.row, problem.what], [3, 'the id row-3 is that of row 2; it becomes "row-3-2"']);
  const half = write('half.csv', 'question,context,answer,answer_start\nWho?,In 1912.,1912,3.5\n');
  assert.throws(() => readTable(half), { code: 'E_SQUAD_ANSWER', message: /the place "3\.5" is no whole number/ });
});

describe('refused', () => {
  const cases: [name: string, text: string, code: string, message: RegExp][] = [
    ['empty.csv', '', 'E_SQUAD_TABLE', /empty\.csv: it is empty; name the columns question/],
    ['blank.csv', '\n\n', 'E_SQUAD_TABLE', /it is empty/],
    ['empty.jsonl', ' \n', 'E_SQUAD_TABLE', /it is empty; write a line/],
    ['foreign.csv', 'Frage;Text;Antwort\na;b;c', 'E_SQUAD_TABLE', /no column question, but "Frage" \("a"\), "Text" \("b"\), "Antwort" \("c"\); .*--columns "question=…,context=Text/],
    ['no-answers.csv', 'question,context\na,b', 'E_SQUAD_TABLE', /row 2: nobody has said what its answer is/],
    ['none.jsonl', '{"question": "a", "context": "c"}', 'E_SQUAD_TABLE', /line 1: nobody has said/],
    ['list.jsonl', '["a"]', 'E_SQUAD_TABLE', /it has no questions/],
    ['object.jsonl', '{"question": {}, "context": "c"}', 'E_SQUAD_TABLE', /the question is neither a text nor a number|no form that spanlab knows/],
    ['quote.csv', 'question,context,answer\na,"b,c\n', 'E_SQUAD_TABLE', /[Qq]uote/],
  ]; // prettier-ignore
  for (const [name, text, code, message] of cases) {
    test(name, () => assert.throws(() => readTable(write(name, text)), { code, message }));
  }

  test('a table in the encoding of an old spreadsheet', () => {
    const file = path.join(folder, 'latin.csv');
    fs.writeFileSync(file, Buffer.from('question,context,answer\nWho?,Café,\n', 'latin1'));
    assert.throws(() => readTable(file), { code: 'E_SQUAD_TABLE', message: /read as Windows-1252/ });
  });
});

describe('a table read tolerantly', () => {
  const context = 'In the end Ada won, and Ada was glad.';
  const row = (number: number, cells: TableRow['cells']): TableRow => ({
    number,
    cells: { question: `Who ${number}?`, context, answer: 'won', ...cells },
  });

  function mend(rows: TableRow[]) {
    const problems: Problem[] = [];
    const questions = rowForm.questions(rowsOf(rows, true), { names: new Names(), problems });
    return { problems, ...importQuestions(questions, problems) };
  }

  test('mends what is beyond doubt, leaves out what is not, keeps the rest', () => {
    const rows = [
      row(2, {}),
      row(3, { answer: 'WON' }), // mended
      row(4, { answer: 'Eve' }), // left out
      row(5, { answer_start: 3 }), // mended
      row(6, { answer: 'Ada', answer_start: 3 }), // left out: two places
      row(7, { question: 5, answer: '' }), // a number is a text
      row(8, { context: [] }), // left out
    ];
    const { records, problems, mended, leftOut } = mend(rows);
    assert.deepEqual(
      records.map(({ id, answers }) => [id, answers[0]?.text, answers[0]?.answerStart]),
      [
        ['row-2', 'won', 15],
        ['row-3', 'won', 15],
        ['row-5', 'won', 15],
        ['row-7', undefined, undefined],
      ],
    );
    assert.deepEqual([mended, leftOut], [3, 3]);
    assert.deepEqual(
      problems.filter(({ remedy }) => remedy !== 'kept').map(({ path }) => path),
      ['row 7', 'row 8', 'row 3', 'row 4', 'row 5', 'row 6'],
    );
  });

  test('any table: it never throws, and every answer is where it says; written again, it is strictly right', () => {
    const cell = fc.constantFrom<unknown>('', ' ', 'won', 'WON', 'Ada', 'Eve', '15', 3, -1, 1.5, null, undefined, {}, [], true, context, '🎉 Ada won'); // prettier-ignore
    const column = fc.constantFrom('question', 'context', 'answer', 'answer_start', 'id', 'title', 'other');
    const change = fc.dictionary(column, cell, { maxKeys: 3, noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), (changes) => {
        const rows = changes.map((cells, i) => row(i + 1, cells));
        const { records, mended, leftOut } = mend(rows);
        assert.equal(records.length + leftOut, rows.length);
        assert.ok(mended <= records.length);
        for (const { context, answers } of records) {
          for (const { text, answerStart } of answers) assert.ok(context.startsWith(text, answerStart));
        }
        assert.equal(new Set(records.map(({ id }) => id)).size, records.length);
      }),
      { numRuns: 2000 },
    );
  });

  test('of a file', () => {
    const file = path.join(folder, 'again.csv');
    writeRows(file, [row(2, { answer: 'WON', answer_start: '' }), row(3, { answer: 'won', answer_start: 2 })]);
    assert.deepEqual(
      importData(file).records.map(({ answers }) => answers[0]),
      [
        { text: 'won', answerStart: 15, answerEnd: 18 },
        { text: 'won', answerStart: 15, answerEnd: 18 },
      ],
    );
  });
});

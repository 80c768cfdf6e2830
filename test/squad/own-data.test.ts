// People's own tables, files that are written again, checks and splits: nothing changes on the way, and what is wrong is named.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, describe } from 'node:test';
import fc from 'fast-check';
import { checkData } from '../../src/squad/check';
import { readTable, writeTable } from '../../src/squad/own-data';
import { readSquadRecords } from '../../src/squad/read';
import type { SquadRecord } from '../../src/squad/record';
import { writeSquad } from '../../src/squad/write';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
after(() => fs.rmSync(folder, { recursive: true }));
const place = (name: string) => path.join(folder, name);
const WORKSHOP = path.join(__dirname, '..', '..', 'data', 'workshop', 'dev.json');

function writeText(name: string, text: string): string {
  fs.writeFileSync(place(name), text);
  return place(name);
}

/** Any records: contexts of any characters, answers that are slices of them. */
const anyRecords: fc.Arbitrary<SquadRecord[]> = fc
  .array(
    fc.record({
      context: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((text) => text.trim() !== ''),
      question: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== ''),
      slice: fc.tuple(fc.nat(1000), fc.integer({ min: 1, max: 8 })),
      isImpossible: fc.boolean(),
      title: fc.constantFrom('a', 'b', 'c'),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((rows) =>
    rows.map(({ context, question, slice: [at, count], isImpossible, title }, i) => {
      const characters = Array.from(context);
      const from = at % characters.length;
      const answerStart = characters.slice(0, from).join('').length;
      const answer = { text: characters.slice(from, from + count).join(''), answerStart };
      const answers = isImpossible ? [] : [answer];
      return { id: `q${i}`, title, context, question, answers, plausibleAnswers: [], isImpossible };
    }),
  );

const isNone = (text: string) => /^\s*(?:nan|null|none|<na>|n\/a|na)\s*$/i.test(text);

describe('any records come back as they were', () => {
  for (const name of ['data.json', 'data.csv', 'data.jsonl']) {
    test(name, () => {
      const file = place(name);
      const [write, read] = name.endsWith('.json') ? [writeSquad, readSquadRecords] : [writeTable, readTable];
      fc.assert(
        fc.property(anyRecords, (records) => {
          // a cell of spaces is an empty one, as a person's is: there is no answer
          // what pandas writes for nothing is a cell that is missing
          const isBlank = ({ answers, question, context }: SquadRecord) =>
            answers.some(({ text }) => text.trim() === '') || isNone(question) || isNone(context);
          fc.pre(!name.endsWith('.csv') || !records.some(isBlank));
          write(file, records);
          const back = read(file);
          assert.deepEqual(back, records);
          for (const { context, answers } of back) {
            for (const { text, answerStart } of answers) assert.ok(context.startsWith(text, answerStart));
          }
        }),
        { numRuns: 60 },
      );
    });
  }

  test('line separators within a line of JSON', () => {
    const one = { title: 't', context: 'a\u2028b', plausibleAnswers: [], isImpossible: true, answers: [] };
    const records = ['q\u2028?', 'q\u2029?'].map((question, i) => ({ id: `q${i}`, ...one, question }));
    writeTable(place('separators.jsonl'), records);
    assert.deepEqual(readTable(place('separators.jsonl')), records);
  });

  test('the workshop data, and its plausible answers', () => {
    const records = readSquadRecords(WORKSHOP);
    writeSquad(place('again.json'), records);
    assert.deepEqual(readSquadRecords(place('again.json')), records);
  });
});

describe('a table', () => {
  test('with a byte order mark, CRLF, quotes and line breaks in a cell', () => {
    const file = writeText(
      'own.csv',
      '\ufeffquestion,context,answer\r\nWho?,"Ada, ""the first"",\nwon.",Ada\r\nWhen?,Ada won.,\r\n',
    );
    const [first, second] = readTable(file);
    assert.deepEqual(first.answers, [{ text: 'Ada', answerStart: 0 }]);
    assert.equal(first.context, 'Ada, "the first",\nwon.');
    assert.deepEqual([second.isImpossible, second.answers, second.id], [true, [], 'row-3']);
  });

  test('answer_start counts code points, and is looked for where it is not given', () => {
    const rows = [
      { question: 'Who?', context: '🎉🎉 Ada and Ada', answer: 'Ada', answer_start: 3 },
      { question: 'Who?', context: '🎉🎉 Ada and Ada', answer: 'Ada', answer_start: '11' },
      { question: 'Who?', context: '🎉🎉 Ada and Ada', answer: 'Ada', answer_start: null },
    ];
    const file = writeText('own.jsonl', rows.map((row) => JSON.stringify(row)).join('\n\n'));
    const starts = readTable(file).map(({ answers }) => answers[0].answerStart);
    assert.deepEqual(starts, [5, 13, 5]);
  });

  const cases: [name: string, text: string, code: string, message: RegExp][] = [
    [
      'no-column.csv',
      'question,answer\nWho?,Ada\n',
      'E_SQUAD_TABLE',
      /row 1 has no column context, but "question" \("Who\?"\), "answer" \("Ada"\); say which is which: .* --columns "question=question,context=…,answer=answer"/,
    ],
    [
      'no-names.csv',
      'Who won?,Ada won the race.,Ada\nWho left?,Bo left at nine.,Bo\n',
      'E_SQUAD_TABLE',
      /row 1 is a question, not the names of the columns.* 1 \("Who won\?"\).* --columns "question=1,context=2,answer=3"/,
    ],
    ['empty.jsonl', '{"question": "", "context": "x"}', 'E_SQUAD_TABLE', /line 1: the question is empty/],
    ['broken.jsonl', '{"question": "a", "context": "x"}\n{"que', 'E_SQUAD_TABLE', /line 2: not valid JSON/],
    [
      'ragged.csv',
      'question,context,answer\na,b\n',
      'E_SQUAD_TABLE',
      /row 2: it has 2 cells, and row 1 names 3 columns/,
    ],
    [
      'absent.csv',
      'question,context,answer\nWho?,Ada won.,Bob\n',
      'E_SQUAD_ANSWER',
      /row 2: "Bob" is nowhere in its context/,
    ],
    [
      'shifted.csv',
      'question,context,answer,answer_start\nWho?,Ada won.,won,5\n',
      'E_SQUAD_ANSWER',
      /row 2: "won" is not at 5 but at 4/,
    ],
  ];
  for (const [name, text, code, message] of cases) {
    test(`refused: ${name}`, () => assert.throws(() => readTable(writeText(name, text)), { code, message }));
  }

  test('refused: a file that is not there', () => {
    assert.throws(() => readTable(place('none.csv')), { code: 'E_FILE_MISSING' });
  });
});

describe('a check', () => {
  /** Six questions about one text, their answers moved by these distances. */
  const moved = (shifts: number[]): SquadRecord[] =>
    shifts.map((shift, i) => ({
      id: `${i}`,
      title: 't',
      context: 'In the end Ada Lovelace won.',
      question: 'Who?',
      answers: [{ text: 'Lovelace', answerStart: 15 + shift }],
      plausibleAnswers: [],
      isImpossible: false,
    }));

  test('says how far answers are off, and changes nothing', () => {
    const records = moved([0, -1, -1, -2, 1, 2, 9]);
    const report = checkData(records);
    assert.deepEqual(report.repair, { exact: 1, oneLeft: 1, twoLeft: 1, elsewhere: 4, notFound: 0 });
    assert.deepEqual(report.distances, { '+1': 2, '+2': 1, '-1': 1, '-2': 1, '-9': 1 });
    assert.deepEqual(records, moved([0, -1, -1, -2, 1, 2, 9]));
  });

  test('counts what is there', () => {
    const records = [...readSquadRecords(WORKSHOP), ...moved([0]), { ...moved([0])[0], context: ' ', answers: [] }];
    const { articles, contexts, questions, impossible, duplicateIds, emptyContexts, repair } = checkData(records);
    assert.deepEqual([articles, contexts, questions, impossible], [28, 29, 226, 55]);
    assert.deepEqual([duplicateIds, emptyContexts, repair.exact], [1, 1, 314]);
  });

  test('an answer that is nowhere', () => {
    const [record] = moved([0]);
    const report = checkData([{ ...record, answers: [{ text: 'Bob', answerStart: 3 }] }]);
    assert.deepEqual([report.repair.notFound, report.distances], [1, {}]);
  });
});

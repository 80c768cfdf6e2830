// Reading: the lesson's lists and the honest records, positions in any script, and errors with the path to the field.
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import fc from 'fast-check';
import { toCodePoints, toUtf16 } from '../../src/squad/code-points';
import { SquadError } from '../../src/squad/errors';
import { readSquad, readSquadRecords } from '../../src/squad/read';
import { onePassage, question, temporaryFile } from './files';

const impossible = {
  id: 'i',
  question: 'When?',
  answers: [],
  is_impossible: true,
  plausible_answers: [{ text: 'Ada', answer_start: 0 }],
};
const small = () => temporaryFile(onePassage('Ada won.', [question('Ada', 0), impossible]));

describe('lists and records', () => {
  test('the lesson takes a plausible answer as a true one', () => {
    assert.deepEqual(readSquad(small()), {
      contexts: ['Ada won.', 'Ada won.'],
      questions: ['Which?', 'When?'],
      answers: [
        { text: 'Ada', answerStart: 0 },
        { text: 'Ada', answerStart: 0 },
      ],
    });
  });

  test('the honest way keeps the row, without an answer', () => {
    const { answers } = readSquad(small(), { answers: 'honest' });
    assert.deepEqual(answers[1], { text: '', answerStart: -1 });
  });

  test('records say everything: id, title, all answers, impossible or not', () => {
    const [first, second] = readSquadRecords(small());
    assert.deepEqual([first.id, first.title, first.isImpossible], ['q', 'T', false]);
    assert.deepEqual([second.answers, second.isImpossible], [[], true]);
    assert.deepEqual(second.plausibleAnswers, [{ text: 'Ada', answerStart: 0 }]);
    assert.equal(readSquadRecords(small(), { answers: 'lesson' })[1].isImpossible, false);
  });

  test('several answers of a question are several rows', () => {
    const answers = [
      { text: 'Ada', answer_start: 0 },
      { text: 'won', answer_start: 4 },
    ];
    const file = temporaryFile(onePassage('Ada won.', [{ id: 'a', question: 'Q?', answers }]));
    assert.deepEqual(readSquad(file).questions, ['Q?', 'Q?']);
    assert.equal(readSquadRecords(file)[0].answers.length, 2);
  });

  test('v1.1 has no titles or marks to rely on', () => {
    const data = [{ paragraphs: [{ context: 'Ada won.', qas: [{ id: 'a', question: 'Q?', answers: [] }] }] }];
    assert.equal(readSquadRecords(temporaryFile({ data }))[0].title, '');
  });
});

describe('positions', () => {
  const cases: [string, string, string][] = [
    ['emoji before the answer', 'Well 🎉🎉 done, Ada!', 'Ada'],
    ['an emoji as the answer', 'It is 🐢 here', '🐢'],
    ['combining marks', 'Cafe\u0301 und nai\u0308ve Ada', 'Ada'],
    ['Chinese beyond the plane', '𠀀𠀁 是 Ada', 'Ada'],
    ['right to left', 'שלום 😀 عليكم Ada', 'عليكم'],
  ];
  for (const [title, context, text] of cases) {
    test(title, () => {
      const start = Array.from(context.slice(0, context.indexOf(text))).length;
      const [{ answers }] = readSquadRecords(temporaryFile(onePassage(context, [question(text, start)])));
      assert.equal(context.slice(answers[0].answerStart, answers[0].answerStart + text.length), text);
    });
  }

  test('there and back in any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(60), (text, position) => {
        const inside = Math.min(position, Array.from(text).length);
        assert.equal(toCodePoints(text, toUtf16(text)(inside)), inside);
      }),
    );
  });

  test('a position beyond the end stays beyond it', () => {
    assert.equal(toUtf16('🎉')(3), 4);
    assert.equal(toUtf16('🎉')(-1), -1);
  });
});

describe('what is wrong is named', () => {
  const cases: [string, unknown, string, RegExp][] = [
    ['truncated JSON', '{"data": [', 'E_SQUAD_JSON', /not valid JSON/],
    ['no JSON', '<html>', 'E_SQUAD_JSON', /not valid JSON/],
    ['another format', [1], 'E_SQUAD_SCHEMA', /SQuAD/],
    ['no data', { version: '2' }, 'E_SQUAD_SCHEMA', /data/],
    ['no qas', { data: [{ paragraphs: [{ context: 'x' }] }] }, 'E_SQUAD_SCHEMA', /data\[0\]\.paragraphs\[0\]\.qas/],
    [
      'a start that is text',
      onePassage('x', [{ id: 'a', question: 'q', answers: [{ text: 'x', answer_start: '0' }] }]),
      'E_SQUAD_SCHEMA',
      /data\[0\]\.paragraphs\[0\]\.qas\[0\]\.answers\[0\]\.answer_start/,
    ],
    [
      'a start that is no whole number',
      onePassage('x', [{ id: 'a', question: 'q', answers: [{ text: 'x', answer_start: 0.5 }] }]),
      'E_SQUAD_SCHEMA',
      /answer_start/,
    ],
  ];
  for (const [title, content, code, message] of cases) {
    test(title, () => {
      const file = temporaryFile(content);
      assert.throws(
        () => readSquadRecords(file),
        (error: SquadError) => {
          assert.equal(error.code, code);
          assert.match(error.message, message);
          assert.ok(error.message.startsWith(file));
          return true;
        },
      );
    });
  }

  test('a missing file and a folder', () => {
    assert.throws(() => readSquad('/nowhere/x.json'), { code: 'E_FILE_MISSING' });
    assert.throws(() => readSquad('/'), { code: 'E_FILE' });
  });

  test('a byte-order mark is no fault', () => {
    const file = temporaryFile('\ufeff' + JSON.stringify(onePassage('Ada', [question('Ada', 0)])));
    assert.equal(readSquad(file).contexts.length, 1);
  });

  test('any byte changed gives a record or a coded error, never a crash', () => {
    const good = Buffer.from(JSON.stringify(onePassage('Ada 🎉 won.', [question('won', 6), impossible])));
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
        const bytes = Buffer.from(good);
        bytes[at] = byte;
        try {
          readSquadRecords(temporaryFile(bytes.toString('latin1'), 'mutated.json'));
        } catch (error) {
          assert.ok(error instanceof SquadError, String(error));
        }
      }),
      { numRuns: 500 },
    );
  });
});

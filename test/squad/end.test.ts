// The lesson's ends: exact, one left, two left, and what cannot be placed.
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import fc from 'fast-check';
import { addEndIdx, placeAnswers } from '../../src/squad/end';
import { readSquadRecords } from '../../src/squad/read';
import { onePassage, question, temporaryFile } from './files';

const NONE = { exact: 0, oneLeft: 0, twoLeft: 0, elsewhere: 0, notFound: 0 };
const context = 'In 1874 Agnes Holm built it.';

describe('addEndIdx', () => {
  const cases: [string, number, Partial<typeof NONE>, number | undefined][] = [
    ['exact', 8, { exact: 1 }, 8],
    ['one to the right of its place', 9, { oneLeft: 1 }, 8],
    ['two to the right', 10, { twoLeft: 1 }, 8],
    ['three to the right is too far', 11, { elsewhere: 1 }, undefined],
    ['one to the left: the lesson does not look there', 7, { elsewhere: 1 }, undefined],
    ['before the beginning', -3, { elsewhere: 1 }, undefined],
  ];
  for (const [title, start, expected, placed] of cases) {
    test(title, () => {
      const answer: { text: string; answerStart: number; answerEnd?: number } = {
        text: 'Agnes Holm',
        answerStart: start,
      };
      assert.deepEqual(addEndIdx([answer], [context]), { ...NONE, ...expected });
      assert.equal(answer.answerStart, placed ?? start);
      assert.equal(answer.answerEnd, placed === undefined ? undefined : placed + 10);
    });
  }

  test('not there at all', () => {
    assert.deepEqual(addEndIdx([{ text: 'Ada', answerStart: 0 }], [context]), { ...NONE, notFound: 1 });
  });

  test('lists that do not belong together are refused', () => {
    const answers = [{ text: 'In', answerStart: 0 }];
    assert.throws(() => addEndIdx(answers, []), { code: 'E_SQUAD_LISTS', message: /1 answer and 0 contexts/ });
    assert.throws(() => addEndIdx([], [context]), { code: 'E_SQUAD_LISTS' });
  });

  test('the empty answer of an impossible question counts nowhere', () => {
    assert.deepEqual(addEndIdx([{ text: '', answerStart: -1 }], [context]), NONE);
  });

  test('any slice is exact, and shifted right by one or two it is found again', () => {
    const texts = fc.string({ unit: 'grapheme', minLength: 3, maxLength: 60 });
    fc.assert(
      fc.property(
        texts,
        fc.nat(50),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 0, max: 2 }),
        (text, from, size, shift) => {
          const start = from % text.length;
          const slice = text.slice(start, start + size);
          const answer: { text: string; answerStart: number; answerEnd?: number } = {
            text: slice,
            answerStart: start + shift,
          };
          const report = addEndIdx([answer], [text]);
          assert.equal(report.exact + report.oneLeft + report.twoLeft, 1);
          assert.equal(text.slice(answer.answerStart, answer.answerEnd), slice);
        },
      ),
    );
  });
});

test('thirds shifted by 0, 1 and 2 are reported as such', () => {
  const answers = Array.from({ length: 30 }, (_, i) => ({ text: 'Agnes Holm', answerStart: 8 + (i % 3) }));
  const report = addEndIdx(
    answers,
    answers.map(() => context),
  );
  assert.deepEqual(report, { ...NONE, exact: 10, oneLeft: 10, twoLeft: 10 });
});

test('records with an answer out of place are refused with the question’s id', () => {
  const file = temporaryFile(onePassage(context, [question('Agnes Holm', 8, 'good'), question('Ada', 8, 'bad')]));
  assert.throws(() => placeAnswers(readSquadRecords(file), file), {
    code: 'E_SQUAD_ANSWER',
    message: /question bad: the answer "Ada"/,
  });
});

test('an empty answer of a question that has one is refused', () => {
  const file = temporaryFile(onePassage(context, [question('', 3, 'bad')]));
  assert.throws(() => placeAnswers(readSquadRecords(file), file), {
    code: 'E_SQUAD_ANSWER',
    message: /question bad: the answer "" is empty/,
  });
});

// Changed copies: every answer still stands where the copy says, whatever the text; the seed fixes them.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { augmentRecords } from '../../src/squad/augment';
import type { SquadRecord } from '../../src/squad/record';

const recordOf = (context: string, spans: [number, number][], question = 'Which lamp did Agnes keep?'): SquadRecord => {
  const answers = spans.map(([from, to]) => ({ text: context.slice(from, to), answerStart: from }));
  return { id: 'a', title: '', context, question, answers, plausibleAnswers: [], isImpossible: answers.length === 0 };
};
const context = 'Agnes kept the lamp. It burned oil until 1901! Who came then? Nobody knows, says the book.';
const at = (text: string): [number, number] => [context.indexOf(text), context.indexOf(text) + text.length];

test('sentences change places, and no word of the text is lost', () => {
  const copies = augmentRecords([recordOf(context, [at('1901'), at('Agnes')])], 20, 0);
  assert.equal(copies.length, 20);
  assert.ok(new Set(copies.map((copy) => copy.context)).size > 8);
  for (const { context: changed, answers } of copies) {
    assert.deepEqual(changed.split(' ').sort(), context.split(' ').sort());
    assert.deepEqual(answers.map(({ text, answerStart }) => changed.slice(answerStart, answerStart + text.length)), ['1901', 'Agnes']); // prettier-ignore
  }
});

test('an answer across two sentences keeps them where they are', () => {
  const [{ context: same, answers }] = augmentRecords([recordOf(context, [at('lamp. It')])], 1, 0);
  assert.equal(same, context);
  assert.equal(answers[0].answerStart, context.indexOf('lamp. It'));
});

test('questions: one letter left out, doubled or exchanged, or one word less; never the first word', () => {
  const questions = augmentRecords([recordOf(context, [])], 200, 1).map(({ question }) => question);
  const kinds = new Set(questions.map((question) => question.split(' ').length * 100 + question.length));
  assert.deepEqual([...kinds].sort((a, b) => a - b).map((kind) => Math.floor(kind / 100)).filter((words, i, all) => all.indexOf(words) === i), [4, 5]); // prettier-ignore
  assert.ok(kinds.has(525) && kinds.has(526) && kinds.has(527)); // 26 letters and spaces, as many, one less, one more
  assert.ok(questions.every((question) => /^W[hic]+h /.test(question) && question.endsWith('?')));
});

test('the same seed gives the same copies, another one others; ids differ', () => {
  const records = [recordOf(context, [at('1901')]), { ...recordOf(context, [at('oil')]), id: 'b' }];
  const copies = augmentRecords(records, 3, 5);
  assert.deepEqual(augmentRecords(records, 3, 5), copies);
  assert.notDeepEqual(augmentRecords(records, 3, 6), copies);
  assert.deepEqual(copies.map(({ id }) => id), ['a~1', 'b~1', 'a~2', 'b~2', 'a~3', 'b~3']); // prettier-ignore
});

test('in any text every answer stands where the copy says', () => {
  const words = fc.array(fc.constantFrom('Ada', 'won.', 'the', '1874!', '東京。', 'Łódź', '🎉', '\n', ' ', 'e\u0301t\u00e9?', 'a'), { minLength: 1, maxLength: 30 }); // prettier-ignore
  fc.assert(
    fc.property(words, fc.nat(), fc.nat(), fc.nat(1000), (parts, from, length, seed) => {
      const text = parts.join(' ');
      const start = from % text.length;
      const end = Math.min(text.length, start + 1 + (length % 12));
      for (const copy of augmentRecords([recordOf(text, [[start, end]], text)], 3, seed)) {
        const [{ text: answer, answerStart }] = copy.answers;
        assert.equal(answer, text.slice(start, end));
        assert.equal(copy.context.slice(answerStart, answerStart + answer.length), answer);
      }
    }),
    { numRuns: 300 },
  );
});

// Answers that are looked for: as whole words, or as the words of a language that hangs particles and endings on them; never within others.
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import fc from 'fast-check';
import { AnswerFinder } from '../../src/squad/find-answers';
import { importBytes } from '../../src/squad/import';
import { wordAround } from '../../src/squad/words';

/** The kind of a placement, with a + where something hangs on the answer, and its place. */
function outcome(text: string, context: string, stated?: number): string {
  const found = new AnswerFinder(context).find(text, stated);
  const place = 'start' in found ? ` ${found.start}` : '';
  return `${found.kind}${'isAttached' in found && found.isAttached ? '+' : ''}${place}`;
}

// each place counted by hand in UTF-16 units
describe('an answer without its place', () => {
  const cases: [text: string, context: string, outcome: string][] = [
    // within other words
    ['no', 'I know her.', 'inside'],
    ['yes', 'Omar Reyes sold it.', 'inside'],
    ['yes', 'It was yesterday.', 'inside'],
    ['art', 'a cart', 'inside'],
    ['190', 'In 1903.', 'inside'],
    ['903', 'In 1903.', 'inside'],
    ['cafe', 'In the cafe\u0301.', 'inside'],
    ['Ada \ud83d', 'Hi, Ada 🚀.', 'missing'],
    ['co', 'The co\u00adop sold it.', 'inside'],
    ['не', 'Он знает снег.', 'inside'],
    ['नमक', 'मैं नमकीन लाया', 'inside'],
    ['물', '물리학을 배웠다', 'inside'],
    // half a sign is none
    ['🇩', 'Made in 🇩🇪.', 'inside'],
    ['🇪🇫', 'Flags: 🇩🇪🇫🇷', 'inside'],
    ['🇫🇷', 'Flags: 🇩🇪🇫🇷', 'exact 11'],
    ['👨', 'The family 👨‍👩‍👧 came.', 'inside'],
    ['👩‍👧', 'The family 👨‍👩‍👧 came.', 'inside'],
    ['👨‍👩‍👧', 'The family 👨‍👩‍👧 came.', 'exact 11'],
    ['The family 👨', 'The family 👨‍👩‍👧 came.', 'inside'],
    ['👍', 'It was 👍🏽 by all.', 'inside'],
    ['🏴', 'Made in 🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}.', 'inside'],
    ['♥', 'with ♥\u20d3 and', 'inside'],
    ['1', 'Press 1\ufe0f\u20e3.', 'inside'],
    ['ทองค', 'ทองคำแท้', 'inside'],
    // what is only the choice of a picture is no other half
    ['❤', 'with ❤\ufe0f and', 'exact 5'],
    ['❤', 'with ❤\ufe0f and ❤', 'several 5'],
    ['❤\ufe0f', 'with ❤ and', 'respelled 5'],
    ['w ❤ a', 'w ❤\ufe0f a', 'respelled 0'],
    ['Ada', 'Ada\u200d won', 'exact 0'],
    ['🎉', 'Ada🎉won', 'exact 3'],
    ['🎉', 'party 🎉\u200d', 'exact 6'],
    // an apostrophe belongs to its word
    ['don', "They don't know.", 'inside'],
    ['don', 'They don’t know.', 'inside'],
    ['t', "They don't.", 'inside'],
    ['They', "They're there.", 'inside'],
    ['clock', "At five o'clock.", 'inside'],
    ['s', "Anna's mill", 'inside'],
    ['L', "L'eau", 'inside'],
    ["don't", "They don't know.", 'exact 5'],
    ["don't", 'They don’t know.', 'respelled 5'],
    ['Anna', "Hanna's and Anna's mill", 'exact 12'],
    ['Anna', 'Hanna’s and Anna’s', 'exact 12'],
    ["Anna's", "It is Anna's.", 'exact 6'],
    ['Ada', "She said 'Ada'.", 'exact 10'],
    ['don', "I don't know Don.", 'respelled 13'],
    // as words, wherever else their letters are
    ['no', 'I know: no.', 'exact 8'],
    ['Ann', 'The Anna show, and Ann came.', 'exact 19'],
    ['5', 'In 1905 they had 5 cats.', 'exact 17'],
    ['no', 'Do you know? No.', 'respelled 13'],
    ['no', 'no, I know, no.', 'several 0'],
    ['Brandt', 'Ilse Brandt’s mill', 'exact 5'],
    ['eau', 'Il boit l’eau.', 'exact 10'],
    ['𝒳', 'Let 𝒳𝒴 and 𝒳 be.', 'exact 13'],
    // scripts without spaces
    ['北', '去北京', 'exact 1'],
    ['学生', '私は学生です。', 'exact 2'],
    ['ไทย', 'ประเทศไทยอยู่ในเอเชีย', 'exact 6'],
    ['1990', '在1990年出生', 'exact 1'],
    // what is written as one with a word
    ['서울', '한국의 수도는 서울은', 'exact+ 8'],
    ['IBM', 'IBM의 컴퓨터', 'exact 0'],
    ['1990', '1990년에 태어났다', 'exact 0'],
    ['2차', '제2차 세계 대전', 'exact 1'],
    ['botanikçi', 'En önemli botanikçilerinden biri', 'exact+ 10'],
    ['doktor', 'Bir Pers doktorudur.', 'exact+ 9'],
    ['Ankara', 'Başkent Ankara’dır.', 'exact 8'],
    ['القاهرة', 'يعيش بالقاهرة', 'exact+ 6'],
    ['ירושלים', 'גר בירושלים', 'exact+ 4'],
    ['1920', 'In the 1920s.', 'exact+ 7'],
    ['5', 'It weighs 5kg.', 'exact+ 10'],
    ['1911', 'On 12.03.1911 it was sold.', 'exact+ 9'],
    ['14', 'There were 14,000, of them 14 red.', 'exact 27'],
    ['old mill', 'Of old mills there are two.', 'exact+ 3'],
    ['서울'.normalize('NFD'), '수도는 서울은', 'respelled+ 4'],
  ];
  for (const [text, context, wanted] of cases) {
    test(`${text} in ${context}`, () => assert.equal(outcome(text, context), wanted));
  }
});

test('a place that the file names and that is right stays, wherever it is', () => {
  assert.equal(outcome('no', 'I know.', 3), 'exact 3');
  assert.equal(outcome('no', 'I know.', 4), 'shifted 3');
  assert.equal(outcome('yes', 'Omar Reyes said yes.', 7), 'exact 7');
});

test('a place that is wrong is no reason to look within words', () => {
  assert.equal(outcome('no', 'I know her well.', 12), 'inside');
  assert.equal(outcome('no', 'I know; no.', 30), 'elsewhere 8');
  assert.equal(outcome('no', 'no, I know; no.', 30), 'ambiguous');
});

test('whatever stands around it: an answer that is looked for is found where no word is cut', () => {
  const word = fc.stringMatching(/^[a-zé0-9]{1,6}$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), fc.nat(), fc.stringMatching(/^[a-z]{1,3}$/), (words, at, text) => {
      const context = words.join(' ');
      const found = new AnswerFinder(context).find(text);
      const isWord = words.some((one) => one === text);
      assert.equal(['exact', 'several'].includes(found.kind), isWord);
      if ('start' in found) assert.equal(words.includes(wordAround(context, found.start, found.start + text.length)), true);
      const whole = words[at % words.length];
      assert.notEqual(new AnswerFinder(context).find(whole).kind, 'inside');
    }),
  );
}); // prettier-ignore

test('a long text without spaces is not walked through for each place', () => {
  const text = 'a'.repeat(200_000);
  assert.equal(new AnswerFinder(text).find('aaaa').kind, 'inside');
  assert.equal(new AnswerFinder(text).find('aaaab').kind, 'missing');
});

describe('the report', () => {
  const read = (answer: string, context: string) => importBytes(Buffer.from(`question,context,answer\nWho?,"${context}","${answer}"\n`), 'a.csv'); // prettier-ignore
  test('refused: the word and its place', () => {
    const { records, problems, leftOut } = read('no', 'I know her.');
    assert.deepEqual([records.length, leftOut], [0, 1]);
    assert.deepEqual(problems.map(({ kind, what, remedy }) => [kind, what, remedy]), [['inside a word', '"no" stands only within other words: in "know" at 3', 'left out']]); // prettier-ignore
  });
  test('kept, and worth a look', () => {
    const { records, problems } = read('Brandt', 'The Brandts bought it.');
    assert.equal(records[0].answers[0].answerStart, 4);
    assert.deepEqual(problems.map(({ kind, what, remedy }) => [kind, what, remedy]), [['inside a word', '"Brandt" is a part of "Brandts" in the text', 'kept']]); // prettier-ignore
  });
});

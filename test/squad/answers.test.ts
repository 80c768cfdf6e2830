// Answers in shapes that no form tells of: read where their parts have names that we know, and never taken for none because they have others.
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { importBytes } from '../../src/squad/import';

const CONTEXT = 'The old mill of Tarn was bought by Ilse Brandt in 1903.';
const nested = (more: object) => ({ data: [{ title: 'M', paragraphs: [{ context: CONTEXT, qas: [{ id: 'a', question: 'Who?', ...more }] }] }] }); // prettier-ignore
const flat = (more: object) => [{ id: 'a', question: 'Who?', context: CONTEXT, ...more }];
const read = (value: unknown, name = 'a.json') => importBytes(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), name); // prettier-ignore

const READ: [name: string, answers: object][] = [
  ['in humps', { answers: [{ answerText: 'Ilse Brandt', answerStart: 35 }] }],
  ['in capitals', { answers: [{ Text: 'Ilse Brandt', Answer_Start: 35 }] }],
  ['in lists in humps', { answers: { Text: ['Ilse Brandt'], AnswerStart: [35] } }],
  ['as spans (DROP)', { answer: { number: '', date: { day: '' }, spans: ['Ilse Brandt'] } }],
];

const UNREAD: [name: string, answers: object, what: RegExp][] = [
  ['a list of objects', { answers: [{ reply: 'Ilse Brandt', at: 35 }] }, /no text that we know, but "reply", "at"/],
  ['an object of lists', { answers: { reply: ['Ilse Brandt'], at: [35] } }, /no text that we know, but "reply", "at"/],
  ['an object', { answer: { nom: 'Ilse Brandt' } }, /no text that we know, but "nom"/],
  ['a place without its end', { answers: [{ start: 35, reply: 'x' }] }, /no text that we know, but "start", "reply"/],
  ['lists in a list', { answers: [[{ text: 'Ilse Brandt' }]] }, /neither a text nor a number/],
];

const NONE: [name: string, answers: object][] = [
  ['an empty object', { answers: {} }],
  ['an empty object in a list', { answers: [{}] }],
  ['blanks', { answers: [{ reply: '', at: null, more: [] }] }],
  ['an empty text', { answers: [{ text: '', answer_start: 0, answer_category: 'NOT_GIVEN' }] }],
];

describe('in SQuAD and in rows', () => {
  for (const [name, answers] of READ) {
    test(`${name}: read`, () => {
      for (const value of [nested(answers), flat(answers)]) {
        const { records, problems } = read(value);
        assert.deepEqual(records.map(({ answers: [first] }) => [first.text, first.answerStart]), [['Ilse Brandt', 35]]); // prettier-ignore
        assert.deepEqual(problems.filter(({ remedy }) => remedy !== 'kept'), []); // prettier-ignore
      }
    });
  }
  for (const [name, answers, what] of UNREAD) {
    test(`${name}: left out and named, and no question without an answer`, () => {
      for (const value of [nested(answers), flat(answers)]) {
        const { records, problems, leftOut } = read(value);
        assert.deepEqual([records.length, leftOut], [0, 1]);
        assert.match(problems[0].what, what);
        assert.equal(problems[0].remedy, 'left out');
      }
    });
  }
  for (const [name, answers] of NONE) {
    test(`${name}: none`, () => {
      assert.deepEqual(read(nested(answers)).records.map(({ isImpossible }) => isImpossible), [true]); // prettier-ignore
    });
  }
});

test('truth in the languages of spreadsheets', () => {
  for (const [no, yes] of [['FALSCH', 'WAHR'], ['FAUX', 'VRAI'], ['FALSO', 'VERDADERO'], ['ONWAAR', 'WAAR'], ['ЛОЖЬ', 'ИСТИНА'], ['FAŁSZ', 'PRAWDA'], ['YANLIŞ', 'DOĞRU']]) {
    const text = `question;context;answer;is_impossible\nWho?;${CONTEXT};Ilse Brandt;${no}\nWho painted it?;${CONTEXT};Tarn;${yes}\n`;
    const { records, problems } = read(text, 'a.csv');
    assert.deepEqual(records.map(({ isImpossible }) => isImpossible), [false, true], yes);
    assert.deepEqual(problems.map(({ kind }) => kind), ['impossible with answer']);
    const has = read(text.replace('is_impossible', 'has_answer').replace(no, '?').replace(yes, no).replace('?', yes), 'a.csv');
    assert.deepEqual(has.records.map(({ isImpossible }) => isImpossible), [false, true], no);
  }
}); // prettier-ignore

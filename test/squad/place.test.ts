// Places as files write them: a place that can be read counts, and where it cannot, no other one is taken for it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { importBytes } from '../../src/squad/import';
import { readPlace } from '../../src/squad/place';

const context = `Omar came. ${'x. '.repeat(440)}Omar wept.`;
const last = context.lastIndexOf('Omar');
const read = (value: unknown) => importBytes(Buffer.from(JSON.stringify([value])), 'data.json');
const row = (answer: object) => ({ question: 'Who?', context, ...answer });
const startsOf = (value: object) => read(value).records.flatMap(({ answers }) => answers.map(({ answerStart }) => answerStart)); // prettier-ignore

test('numbers of spreadsheets in other languages', () => {
  const never = () => false;
  const at = (value: string, place: number) => readPlace(value, (one) => one === place).start;
  for (const [value, start] of [
    ['131', 131],
    ['131.0', 131],
    ['131,0', 131],
    ['131,00', 131],
    ['1 331', 1331],
    ['1\u202f331', 1331],
    ["1'331", 1331],
    ['1.331,0', 1331],
    ['1,331.0', 1331],
    ['1.331.000', 1331000],
    ['-1', -1],
    ['131,000', 131],
  ] as const) {
    // prettier-ignore
    assert.equal(readPlace(value, never).start, start, value);
  }
  assert.deepEqual([at('1.331', 1331), at('1,331', 1331), at('131.000', 131000), at('131.000', 131)], [1331, 1331, 131000, 131]); // prettier-ignore
  for (const value of ['1.331', '1,331', '3,5', 'x', '', '1.33.1', '1.331.5'])
    assert.equal(readPlace(value, never).start, undefined, value);
});

test('the place that the file names counts, and not the first one', () => {
  assert.equal(last, 1331);
  for (const start of ['1331,0', '1.331', '1,331', '1 331', '1.331,0', [1331], ['1331'], '[1331]']) {
    assert.deepEqual(startsOf(row({ answers: [{ text: 'Omar', answer_start: start }] })), [last], String(start));
    assert.deepEqual(startsOf(row({ answer: 'Omar', answer_start: start })), [last], String(start));
  }
  const table = `question;context;answer;answer_start\nWho?;${context};Omar;1331,0\nWho wept?;${context};Omar;1.331\n`;
  const { records, problems } = importBytes(Buffer.from(table), 'data.csv');
  assert.deepEqual(records.map(({ answers }) => answers[0].answerStart), [last, last]); // prettier-ignore
  assert.deepEqual(problems.map(({ what }) => what).filter((what) => what.includes('thousands')), ['the place "1.331" has a sign for thousands; read as 1331']); // prettier-ignore
});

test('a place that cannot be read: of several none is taken', () => {
  for (const start of ['1.330', 'x', 1.5, 1e300, '3,5', [1, 1331], true]) {
    const { records, leftOut, problems } = read(row({ answers: [{ text: 'Omar', answer_start: start }] }));
    assert.deepEqual([records.length, leftOut], [0, 1], String(start));
    assert.ok(problems.some(({ kind, remedy }) => kind === 'ambiguous answer' && remedy === 'left out'));
    assert.deepEqual(startsOf(row({ answers: [{ text: 'wept', answer_start: start }] })), [last + 5]);
  }
  // without any place the first one counts
  assert.deepEqual(startsOf(row({ answers: [{ text: 'Omar' }] })), [0]);
});

test('a length beside a start says where an answer ends', () => {
  for (const place of [
    { start: last, length: 4 },
    { start: `${last}`, length: '4' },
    { answer_start: last, answer_length: 4 },
  ]) {
    // prettier-ignore
    for (const given of [{ answer: place }, { answers: [place] }, { answers: place }]) {
      const [{ answers }] = read(row(given)).records;
      assert.deepEqual(answers.map(({ text, answerStart }) => [text, answerStart]), [['Omar', last]]); // prettier-ignore
    }
  }
});

test('columns of a start and a length are answers too; an empty cell is none', () => {
  const table = `question;context;answer_start;answer_length\nWho?;${context};1331;4\nWhat?;${context};;\n`;
  const { records } = importBytes(Buffer.from(table), 'data.csv');
  assert.deepEqual(records.map(({ answers, isImpossible }) => [answers[0]?.text, isImpossible]), [['Omar', false], [undefined, true]]); // prettier-ignore
});

test('numbers that pandas wrote with decimals are found without them', () => {
  const years = 'It was bought in 1903 and sold in 1911; 1911 was wet. 12.05 is no year.';
  const one = (answer: string, answer_start?: number) => read({ question: 'When?', context: years, answer, answer_start }); // prettier-ignore
  for (const [answer, start, place] of [
    ['1903.0', undefined, 17],
    ['1903,0', undefined, 17],
    ['1911.0', 40, 40],
    ['1903.0', 3, 17],
  ] as const) {
    // prettier-ignore
    const { records, problems } = one(answer, start);
    assert.deepEqual(records[0].answers, [{ text: answer.slice(0, 4), answerStart: place, answerEnd: place + 4 }]);
    assert.deepEqual(problems.map(({ kind, remedy }) => [kind, remedy]), [['differs in decimals', 'mended']]); // prettier-ignore
  }
  assert.equal(one('1911.0', 3).problems[0].kind, 'ambiguous answer');
  assert.equal(one('190.0').problems[0].kind, 'inside a word');
  assert.equal(one('1904.0').problems[0].kind, 'answer not found');
});

// Views of rows of tokens: what they show, and that text cannot break out of them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { lengthHistogram, rowLengths, rowOfEncoding, rowOfFeatures, rowText, shareTruncated, tokenStrip, tokenTable } from '../../src/show/tokens'; // prettier-ignore
import { windows } from '../../src/tokens/windows';
import type { SquadRecord } from '../../src/squad/record';
import { loadTokenizer } from '../tokens/vocabulary';

const context = 'Unbelievable <b>heights</b>: Mont Blanc & others 🏔.';
const record = (text: string, isImpossible = false): SquadRecord => ({
  id: text,
  title: '',
  context,
  question: 'Which "peak"?',
  answers: isImpossible ? [] : [{ text, answerStart: context.indexOf(text) }],
  plausibleAnswers: [],
  isImpossible,
});

async function rowFor(text: string, order: 'question-first' | 'context-first' = 'question-first') {
  const tokenizer = await loadTokenizer();
  const features = await windows([record(text, text === '')], tokenizer, { order });
  return { row: rowOfFeatures(features, 0, tokenizer), tokenizer, features };
}

test('a row as text, with its special tokens', async () => {
  const { row, tokenizer } = await rowFor('Mont Blanc');
  const text = await rowText(row, tokenizer);
  assert.match(text, /^\[CLS\] which " peak "\? \[SEP\] unbelievable < b > heights .*\[SEP\]$/);
});

test('a table with a line for every token', async () => {
  const { row } = await rowFor('Mont Blanc');
  const table = tokenTable(row);
  assert.deepEqual(table.columns, ['token', 'id', 'start', 'end', 'word', 'label']);
  const lines = table.values as (string | number)[][];
  assert.equal(lines.length, row.ids.length);
  const start = context.indexOf('Mont');
  const mont = lines.find(([token]) => token === 'mont')!;
  assert.deepEqual(mont, ['mont', row.ids[row.tokens.indexOf('mont')], start, start + 4, 10, 'start']);
  assert.equal(lines.find(([token]) => token === 'blanc')![5], 'end');
  assert.deepEqual(lines[0].slice(2), [0, 0, '', '']);
});

for (const order of ['question-first', 'context-first'] as const) {
  test(`a row of features shows what a row of the tokenizer shows, ${order}`, async () => {
    const { row, tokenizer } = await rowFor('Mont Blanc', order);
    const { question } = record('');
    const isQuestionFirst = order === 'question-first';
    const encoding = await tokenizer.encode(isQuestionFirst ? question : context, isQuestionFirst ? context : question);
    assert.deepEqual(rowOfEncoding(encoding, row.answer), row);
  });
}

test('an answer of one token is start and end; an impossible question has no label', async () => {
  const { row } = await rowFor('Blanc');
  assert.deepEqual((tokenTable(row).values as string[][]).map((line) => line[5]).filter(Boolean), ['start, end']); // prettier-ignore
  const { row: none } = await rowFor('');
  assert.equal(none.answer, undefined);
  assert.doesNotMatch(tokenStrip(none), /<mark/);
});

test("the lesson's label of a cut off answer marks nothing", async () => {
  const tokenizer = await loadTokenizer();
  const encoding = await tokenizer.encode(context, undefined, { truncation: true, maxLength: 6 });
  assert.equal(rowOfEncoding(encoding, [512, 3]).answer, undefined);
  assert.equal(rowOfEncoding(encoding, [512, 512]).answer, undefined);
});

test('the strip: a chip a token, the answer marked, everything escaped', async () => {
  const { row } = await rowFor('Mont Blanc');
  const html = tokenStrip(row);
  assert.equal(html.match(/<span /g)?.length, row.tokens.length);
  assert.equal(html.match(/<mark /g)?.length, 2);
  assert.match(html, /<mark [^>]*><span [^>]*>mont<\/span><\/mark>/);
  const shown = html.replace(/<\/?(div|span|mark)[^<>]*>/g, '').replace(/&(amp|lt|gt|quot|#39);/g, '');
  assert.doesNotMatch(shown, /[<>&"']/);
  assert.match(html, />&lt;<\/span>/);
});

test('neighbouring words differ in shade, pieces of one word do not', async () => {
  const { row } = await rowFor('Mont Blanc');
  const shades = [...tokenStrip(row).matchAll(/background:(#\w+)/g)].map(([, shade]) => shade);
  const first = row.tokens.indexOf('unbelievable');
  assert.notEqual(shades[first], shades[first + 1]);
  assert.equal(shades[0], shades.at(-1));
});

test('the histogram counts every row once and gives the share over each limit', () => {
  const lengths = [10, 15, 16, 128, 129, 300, 384, 385, 512, 700];
  const { data, layout } = lengthHistogram(lengths);
  assert.equal(data[0].y.reduce((a, b) => a + b), lengths.length); // prettier-ignore
  assert.deepEqual([data[0].y[0], data[0].y[1]], [2, 1]);
  assert.deepEqual(layout.annotations.map(({ text }) => text), ['> 128: 60.0 %', '> 256: 50.0 %', '> 384: 30.0 %', '> 512: 10.0 %']); // prettier-ignore
  assert.deepEqual(layout.shapes.map(({ x0 }) => x0), [128, 256, 384, 512]); // prettier-ignore
  assert.equal(shareTruncated([], 128), 0);
  assert.equal(lengthHistogram([]).data[0].y.every((count) => count === 0), true); // prettier-ignore
});

test('lengths of rows', async () => {
  const { features, row } = await rowFor('Mont Blanc');
  assert.deepEqual([...rowLengths(features)], [row.ids.length]);
});

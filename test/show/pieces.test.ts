// Views of the way from text to tokens: normalization, pieces, labels, windows, the vocabulary.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { endsTable, normalizationTable, piecesTable } from '../../src/show/pieces';
import { piecesPerWord, piecesPerWordPlot, vocabularyLengths, vocabularyTable } from '../../src/show/vocabulary';
import { windowsPlot } from '../../src/show/windows';
import type { SquadRecord } from '../../src/squad/record';
import { addTokenPositions } from '../../src/tokens/positions';
import type { Tokenizer } from '../../src/tokens/tokenizer';
import { windows } from '../../src/tokens/windows';
import { tracePieces } from '../../src/tokens/wordpiece/trace';
import { loadTokenizer } from '../tokens/vocabulary';

let tokenizer: Tokenizer;
before(async () => {
  tokenizer = await loadTokenizer('typescript');
});

test('only characters that change, with their UTF-16 positions', () => {
  const { values, columns } = normalizationTable('aÉ\u200b🎉e\u0301中\u00a0');
  assert.deepEqual(columns, ['character', 'code point', 'position', 'becomes']);
  assert.deepEqual(values, [
    ['É', 'U+00C9', 1, 'e'],
    ['U+200B', 'U+200B', 2, '(removed)'],
    ['◌\u0301', 'U+0301', 6, '(removed)'],
    ['中', 'U+4E2D', 7, '␣中␣'],
    ['U+00A0', 'U+00A0', 8, '␣'],
  ]);
});

test('the steps of a word, long lists of candidates cut', () => {
  const rows = piecesTable(tracePieces('embeddings', tokenizer)).values as string[][];
  assert.deepEqual(rows.map(([, , found]) => found), ['em', '##bed', '##ding', '##s']); // prettier-ignore
  assert.equal(rows[0][1], 'embeddings, embedding, embeddin, embeddi, … (8 in all)');
  assert.equal(rows[3][1], '');
  const unknown = piecesTable(tracePieces('☕☕', tokenizer)).values as string[][];
  assert.deepEqual(unknown, [['☕☕', '☕☕, ☕', '(nothing: the word is [UNK])']]);
});

test('ends of answers by how they were found', async () => {
  const context = 'Ada won, in Rome, 40km from here, and lost elsewhere';
  const answers = ['Ada', 'won', 'Ro', '40', 'elsewhere'].map((text) => ({ text, answerStart: context.indexOf(text) }));
  const [contexts, questions] = [answers.map(() => context), answers.map(() => 'Who?')];
  const encodings = await tokenizer.encodeBatch(contexts, questions, { truncation: true, maxLength: 18 });
  const positions = addTokenPositions(encodings, answers, { truncated: 512 });
  assert.deepEqual(endsTable(encodings, positions, answers).values, [
    ['in the answer’s last token', 1, 'Ro'],
    ['stepped back from a space', 1, 'Ada'],
    ['took the next token along', 2, 'won'],
    ['cut off', 1, 'elsewhere'],
  ]);
});

const record = (text: string): SquadRecord => {
  const context = `Start ${'word '.repeat(60)}middle ${'word '.repeat(60)}end`;
  const answers = text === '' ? [] : [{ text, answerStart: context.indexOf(text) }];
  return { id: text, title: '', context, question: 'Who?', answers, plausibleAnswers: [], isImpossible: text === '' };
};

test('windows as bars from their first to their last character, the answer as a band', async () => {
  const records = [record('Start'), record('middle')];
  const features = await windows(records, tokenizer, { maxLength: 64, docStride: 16 });
  const { data, layout } = windowsPlot(features, records[1], 1);
  const spans = data.flatMap(({ base, x, name }) =>
    (base as number[]).map((from, i) => ({ from, to: from + (x as number[])[i], name })),
  );
  assert.equal(spans.length, features.record.filter((of) => of === 1).length);
  const { answerStart } = records[1].answers[0];
  for (const { from, to, name } of spans) {
    assert.equal(name === 'holds the answer', from <= answerStart && answerStart + 6 <= to);
  }
  assert.equal(Math.max(...spans.map(({ to }) => to)), records[1].context.length);
  const [{ x0, x1 }] = layout.shapes as { x0: number; x1: number }[];
  assert.deepEqual([x0, x1], [answerStart, answerStart + 6]);
  assert.match((layout.meta as { alt: string }).alt, /overlapping bars/);
});

test('an impossible question has windows without a band', async () => {
  const records = [record('')];
  const features = await windows(records, tokenizer, { maxLength: 64, docStride: 16 });
  const { data, layout } = windowsPlot(features, records[0], 0);
  assert.deepEqual(data.map(({ name }) => name), ['does not']); // prettier-ignore
  assert.deepEqual([layout.shapes, layout.annotations], [[], []]);
  assert.match((layout.meta as { alt: string }).alt, /held by: none/);
});

test('every entry of the vocabulary has one kind', () => {
  const rows = vocabularyTable(tokenizer).values as [string, number, number, string][];
  assert.equal(rows.reduce((sum, [, count]) => sum + count, 0), tokenizer.vocabSize); // prettier-ignore
  // counted in bert-base-uncased's vocab.txt: grep -c '^##.', '^\[unused', '^\[[A-Z]'
  assert.deepEqual(rows.map(([, count]) => count), [23695, 5828, 5, 994]); // prettier-ignore
  const { data } = vocabularyLengths(tokenizer);
  const sums = data.map(({ y }) => (y as number[]).reduce((a, b) => a + b, 0));
  assert.deepEqual(sums, [23695, 5828]);
});

test('pieces of each word, words of two texts apart', async () => {
  const encodings = await tokenizer.encodeBatch(['The embeddings.'], ['Embeddings?']);
  assert.deepEqual(piecesPerWord(encodings), [1, 4, 1, 4, 1]);
  const { data, layout } = piecesPerWordPlot({ two: encodings });
  assert.deepEqual(data[0].y, [60, 0, 0, 40, 0]);
  assert.match((layout.meta as { alt: string }).alt, /two 2\.20/);
});

// A row and the questions people ask of it.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { loadTokenizer } from './vocabulary';

const question = 'Où est 🏔 it?';
const context = 'Unbelievably, the 🏔 is in Zürich.';

async function row() {
  return (await loadTokenizer()).encode(question, context, { padding: 'max_length', maxLength: 32, returnOffsetsMapping: true }); // prettier-ignore
}

test('the token of a character, in UTF-16 positions after astral characters', async () => {
  const encoding = await row();
  const zurich = encoding.tokens().indexOf('zurich');
  const at = context.indexOf('Zürich');
  for (let i = at; i < at + 6; i++) assert.equal(encoding.charToToken(i, 1), zurich);
  assert.deepEqual(encoding.tokenToChars(zurich), { start: at, end: at + 6 });
  assert.equal(encoding.charToToken(at - 1, 1), undefined);
  const peak = context.indexOf('🏔');
  assert.equal(encoding.charToToken(peak, 1), encoding.charToToken(peak + 1, 1));
  assert.equal(encoding.tokens()[encoding.charToToken(question.indexOf('it'))!], 'it');
});

test('positions outside the text, special tokens and padding answer undefined', async () => {
  const encoding = await row();
  for (const position of [-1, 1000, NaN]) assert.equal(encoding.charToToken(position, 1), undefined);
  for (const token of [-1, 0, encoding.unpaddedLength - 1, encoding.length - 1, encoding.length, 1000]) {
    assert.equal(encoding.tokenToChars(token), undefined);
    assert.equal(encoding.tokenToWord(token), undefined);
    assert.equal(encoding.tokenToSequence(token), undefined);
  }
  assert.equal(encoding.wordToTokens(99), undefined);
  assert.equal(encoding.wordToChars(99, 1), undefined);
});

test('words: all pieces of one, its characters, and back', async () => {
  const encoding = await row();
  const word = encoding.charToWord(0, 1)!;
  assert.equal(word, 0);
  const tokens = encoding.wordToTokens(word, 1)!;
  assert.equal(encoding.tokens().slice(tokens.start, tokens.end).join(''), 'un##bel##ie##va##bly');
  assert.deepEqual(encoding.wordToChars(word, 1), { start: 0, end: 'Unbelievably'.length });
  assert.equal(encoding.wordIds()[tokens.end], 1);
});

test('padding: ids, masks, types, offsets and ids of words and texts', async () => {
  const encoding = await row();
  const tokenizer = await loadTokenizer();
  const pads = encoding.length - encoding.unpaddedLength;
  assert.equal(encoding.length, 32);
  assert.ok(pads > 0);
  assert.deepEqual([...encoding.inputIds.subarray(-pads)], new Array(pads).fill(tokenizer.padId));
  assert.equal(encoding.attentionMask.reduce((a, b) => a + b), encoding.unpaddedLength); // prettier-ignore
  assert.equal(encoding.specialTokensMask.reduce((a, b) => a + b), 3 + pads); // prettier-ignore
  assert.deepEqual(encoding.offsetMapping!.at(-1), [0, 0]);
  assert.equal(encoding.sequenceIds().at(-1), undefined);
  assert.equal(encoding.tokenTypeIds.at(-1), 0);
  assert.match(await encoding.decode(), /^\[CLS\] .*\[PAD\]$/);
  assert.doesNotMatch(await encoding.decode({ skipSpecialTokens: true }), /\[(CLS|SEP|PAD)\]/);
});

test('padding to the longest, to a length, or not at all; offset pairs only when asked for', async () => {
  const tokenizer = await loadTokenizer();
  const texts = ['one', 'one two three'];
  const lengths = async (options = {}) => [...(await tokenizer.encodeBatch(texts, undefined, options))].map((encoding) => encoding.length); // prettier-ignore
  assert.deepEqual(await lengths(), [3, 5]);
  assert.deepEqual(await lengths({ padding: true }), [5, 5]);
  assert.deepEqual(await lengths({ padding: 'longest', maxLength: 9 }), [5, 5]);
  assert.deepEqual(await lengths({ padding: 'max_length', maxLength: 9 }), [9, 9]);
  assert.deepEqual(await lengths({ padding: 'max_length' }), [512, 512]);
  assert.equal((await tokenizer.encode('one')).offsetMapping, undefined);
});

test('a batch: rows by number, in turn, and the texts they came from', async () => {
  const tokenizer = await loadTokenizer();
  const options = { truncation: true, maxLength: 6, stride: 1, returnOverflowingTokens: true };
  const batch = await tokenizer.encodeBatch(['a b c d e f g h', 'x'], undefined, options);
  assert.deepEqual([...batch.overflowToSampleMapping], [0, 0, 0, 1]);
  assert.deepEqual([...batch].map((encoding) => encoding.overflow), [0, 1, 2, 0]); // prettier-ignore
  assert.deepEqual(batch.tokens(1), ['[CLS]', 'd', 'e', 'f', 'g', '[SEP]']);
  assert.equal(batch.charToToken(1, 6), 1);
  assert.deepEqual(batch.tokenToChars(1, 1), { start: 6, end: 7 });
  assert.deepEqual(batch.wordIds(1).slice(1, 5), [3, 4, 5, 6]);
  assert.deepEqual(batch.sequenceIds(3), [undefined, 0, undefined]);
  for (const number of [-1, 4, 0.5]) assert.throws(() => batch.at(number), RangeError);
});

test('every token covers the characters that ask for it, for arbitrary texts', async () => {
  const tokenizer = await loadTokenizer();
  const property = fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 60 }), async (text) => {
    const encoding = await tokenizer.encode(text);
    let last = 0;
    for (let token = 0; token < encoding.length; token++) {
      const span = encoding.tokenToChars(token);
      if (!span) continue;
      assert.ok(last <= span.start && span.start < span.end && span.end <= text.length);
      assert.ok(encoding.charToToken(span.start)! <= token);
      last = span.start;
    }
  });
  await fc.assert(property);
});

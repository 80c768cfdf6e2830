// Answers widened to whole words, in any script.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { alignToWords } from '../../src/evaluation/word-bounds';

const widened = (text: string, part: string) => {
  const start = text.indexOf(part);
  return text.slice(...alignToWords(text, start, start + part.length));
};

test('a part of a word becomes the word', () => {
  assert.equal(widened('Countess Ada Lovelace won.', 'love'.toUpperCase()[0] + 'ove'), 'Lovelace');
  assert.equal(widened('It was built in 1874.', '187'), '1874');
  assert.equal(widened('a (well-known) place', 'know'), 'known');
  assert.equal(widened('Strauß and Söhne', 'öhn'), 'Söhne');
});

test('letters beyond the basic plane and their marks belong to the word', () => {
  assert.equal(widened('by 𝒂𝒃𝒄 himself', '𝒃'), '𝒂𝒃𝒄');
  assert.equal(widened('cafe\u0301s open', 'fe'), 'cafe\u0301s');
  assert.equal(widened('🏔 Mont', '🏔'), '🏔');
});

test('scripts without spaces are left as they are', () => {
  assert.equal(widened('東京都は首都です', '首都'), '首都');
});

test('whole words, white space and empty spans stay', () => {
  assert.equal(widened('one two three', 'two'), 'two');
  assert.deepEqual(alignToWords('one two', 3, 3), [3, 3]);
});

test('any span of any text: it is kept, widened at most to its neighbours, and widening again changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.nat(60), fc.nat(60), (text, a, b) => {
      const [start, end] = [Math.min(a, b, text.length), Math.min(Math.max(a, b), text.length)];
      const [from, to] = alignToWords(text, start, end);
      assert.ok(from <= start && to >= end && to <= text.length);
      assert.deepEqual(alignToWords(text, from, to), [from, to]);
    }),
  );
});

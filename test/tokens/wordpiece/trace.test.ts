// The slow WordPiece finds the same pieces as the fast one.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { WordPieceModel } from '../../../src/tokens/wordpiece/pieces';
import { tracePieces } from '../../../src/tokens/wordpiece/trace';

const ENTRIES = ['[UNK]', 'a', 'b', 'ab', 'aba', '##a', '##b', '##ba', 'em', '##bed', '##ding', '##s', '😀', '##😀'];
const ids = new Map(ENTRIES.map((entry, id) => [entry, id]));
const vocabulary = { tokenToId: (token: string) => ids.get(token) };
const fast = new WordPieceModel({ vocab: ids, unkId: 0, prefix: '##', maxWordLength: 100 });

test('every step says what was left, what was tried, what was found', () => {
  assert.deepEqual(tracePieces('embeds', vocabulary), [
    { rest: 'embeds', missing: ['embeds', 'embed', 'embe', 'emb'], found: 'em' },
    { rest: '##beds', missing: ['##beds'], found: '##bed' },
    { rest: '##s', missing: [], found: '##s' },
  ]);
});

test('a word whose rest has no entry ends without a piece', () => {
  const steps = tracePieces('abx', vocabulary);
  assert.deepEqual(steps.at(-1), { rest: '##x', missing: ['##x'] });
  assert.equal(steps.length, 2);
  assert.deepEqual(tracePieces('', vocabulary), []);
});

test('any word gives the pieces of the fast model, or none where that one says [UNK]', () => {
  const characters = fc.constantFrom('a', 'b', 'e', 'm', 'd', 's', 'x', '😀');
  fc.assert(
    fc.property(fc.array(characters, { minLength: 1, maxLength: 9 }), (word) => {
      const found = tracePieces(word.join(''), vocabulary).map((step) => step.found);
      const expected = fast.pieces(word.join('')).ids.map((id) => ENTRIES[id]);
      assert.deepEqual(found.includes(undefined) ? ['[UNK]'] : found, expected);
    }),
  );
});

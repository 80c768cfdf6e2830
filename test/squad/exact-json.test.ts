// Ids beyond 2^53 keep their digits, in every place where JSON has numbers, and nowhere else anything changes.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parseExactly } from '../../src/squad/exact-json';
import { importData } from '../../src/squad/import';
import { temporaryFile } from './files';

test('two ids that are one as numbers stay two', () => {
  const row = (id: string) => `{"id": ${id}, "question": "Who won?", "context": "Ada won.", "answer": "Ada"}`;
  const ids = ['1234567890123456789', '1234567890123456790'];
  for (const text of [`[${ids.map(row).join(',')}]`, ids.map(row).join('\n')]) {
    const { asWritten } = importData(temporaryFile(text));
    assert.deepEqual(
      asWritten.map(({ id }) => id),
      ids,
    );
  }
});

test('long numbers within texts, with a point or an exponent are left alone', () => {
  const text =
    '{"a": "1: 1234567890123456789", "b": 1234567890123456.5, "c": 1234567890123456e2, "d": [-12345678901234567], "e": 0.12345678901234567}';
  assert.deepEqual(parseExactly(text), {
    a: '1: 1234567890123456789',
    b: 1234567890123456.5,
    c: 1234567890123456e2,
    d: ['-12345678901234567'],
    e: 0.12345678901234567,
  });
});

test('without long numbers it is JSON.parse', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      if (!/\d{16}/.test(text)) assert.deepEqual(parseExactly(text), JSON.parse(text));
    }),
  );
});

test('what is wrong is told as JSON.parse tells it', () => {
  assert.throws(() => parseExactly('{"id": 1234567890123456789'), { name: 'SyntaxError' });
});

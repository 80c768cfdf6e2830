// A split: no text on both sides, no question lost, and the same for the same seed.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { readSquadRecords } from '../../src/squad/read';
import type { SquadRecord } from '../../src/squad/record';
import { foldsByArticle, splitByArticle } from '../../src/squad/split';

const WORKSHOP = path.join(__dirname, '..', '..', 'data', 'workshop', 'dev.json');

const record = (title: string, context: string, id = `${title} ${context}`): SquadRecord => ({
  id,
  title,
  context,
  question: 'Who?',
  answers: [],
  plausibleAnswers: [],
  isImpossible: true,
});

test('shares no article and no text, loses no question, and depends on the seed alone', () => {
  const letter = fc.constantFrom(...'abcdefgh');
  const records = fc
    .array(fc.tuple(letter, letter), { minLength: 1, maxLength: 20 })
    .map((pairs) => pairs.map(([title, context], i) => record(title, context, `q${i}`)));
  fc.assert(
    fc.property(records, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(5), (all, share, seed) => {
      const [train, dev] = splitByArticle(all, share, seed);
      assert.deepEqual([...train, ...dev].map(({ id }) => id).sort(), all.map(({ id }) => id).sort());
      for (const part of ['title', 'context'] as const) {
        const known = new Set(train.map((one) => one[part]));
        assert.ok(
          dev.every((one) => !known.has(one[part])),
          part,
        );
      }
      assert.ok(train.length > 0);
      assert.deepEqual(splitByArticle(all, share, seed), [train, dev]);
    }),
    { numRuns: 500 },
  );
});

test('articles with a text in common stay together, also over a third', () => {
  const all = [record('a', '1'), record('b', '2'), record('b', '1'), record('c', '2'), record('d', '3')];
  for (let seed = 0; seed < 10; seed++) {
    const sides = splitByArticle(all, 0.2, seed).map((side) => side.map(({ title }) => title).join(''));
    assert.deepEqual(sides.sort(), ['abbc', 'd']);
  }
});

test('a large article does not make the second part many times too large; the smallest is there at least', () => {
  const large = Array.from({ length: 90 }, (_, i) => record('large', 'large', `${i}`));
  const small = Array.from({ length: 10 }, (_, i) => record(`small ${i}`, `${i}`));
  for (let seed = 0; seed < 12; seed++) {
    const [, dev] = splitByArticle([...large, ...small], 0.1, seed);
    assert.equal(dev.length, 10);
    assert.equal(splitByArticle([...large, small[0]], 0.001, seed)[1].length, 1);
  }
});

test('texts without a title are articles of their own', () => {
  const all = ['1', '2', '3', '3', '4'].map((context, i) => record('', context, `${i}`));
  const [train, dev] = splitByArticle(all, 0.4, 0);
  assert.ok(train.length >= 2 && dev.length >= 1);
});

test('the share is about what was asked for, and another seed draws others', () => {
  const records = readSquadRecords(WORKSHOP);
  const [, dev] = splitByArticle(records, 0.2, 0);
  assert.ok(dev.length >= 0.2 * records.length && dev.length < 0.25 * records.length, `${dev.length}`);
  assert.notDeepEqual(splitByArticle(records, 0.2, 1)[1], dev);
});

test('folds share no article and no text, hold every question once, and are of about one size', () => {
  const records = readSquadRecords(WORKSHOP);
  const folds = foldsByArticle(records, 5, 0);
  assert.equal(folds.length, 5);
  const heldOut = folds.flatMap(([, part]) => part.map(({ id }) => id));
  assert.deepEqual([...heldOut].sort(), records.map(({ id }) => id).sort());
  for (const [train, part] of folds) {
    assert.equal(train.length + part.length, records.length);
    const known = new Set(train.flatMap(({ title, context }) => [title, context]));
    assert.ok(part.every(({ title, context }) => !known.has(title) && !known.has(context)));
    assert.ok(Math.abs(part.length - records.length / 5) < records.length / 10, String(part.length));
  }
  assert.notDeepEqual(foldsByArticle(records, 5, 1)[0][1], folds[0][1]);
  assert.equal(foldsByArticle([record('a', 'x'), record('b', 'y')], 5, 0).length, 2);
});

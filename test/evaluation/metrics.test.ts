// Exact match and F1 equal the official evaluation's, as torchmetrics 1.9.0 carries it (test/reference/metrics.py).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { describe } from 'node:test';
import fc from 'fast-check';
import { exactMatch, f1Score, scoreQuestions, squadMetrics } from '../../src/evaluation/metrics';
import { normalizeAnswer } from '../../src/evaluation/normalize';
import type { SquadRecord } from '../../src/squad/record';

type Case = [gold: string, predicted: string, normalized: string, exact: number, f1: number];
const file = path.join(__dirname, '..', 'reference', 'metrics.json');
const { cases } = JSON.parse(fs.readFileSync(file, 'utf8')) as { cases: Case[] };

test('800 generated pairs: normalization and exact match to the letter, F1 to the float32 that torchmetrics has', () => {
  assert.equal(cases.length, 800);
  for (const [gold, predicted, normalized, exact, f1] of cases) {
    assert.equal(normalizeAnswer(gold), normalized, JSON.stringify(gold));
    assert.equal(exactMatch(gold, predicted), exact, JSON.stringify([gold, predicted]));
    assert.ok(Math.abs(f1Score(gold, predicted) - f1) < 1e-7, JSON.stringify([gold, predicted]));
  }
});

test('F1 is symmetric, between 0 and 1, and 1 for the same text', () => {
  const texts = fc.string({ unit: 'grapheme', maxLength: 30 });
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      assert.ok(Math.abs(f1Score(a, b) - f1Score(b, a)) < 1e-12);
      assert.ok(f1Score(a, b) >= 0 && f1Score(a, b) <= 1);
      assert.equal(f1Score(a, a), 1);
      if (exactMatch(a, b) === 1) assert.equal(f1Score(a, b), 1);
    }),
  );
});

const record = (id: string, answers: string[]): SquadRecord => ({
  ...{ id, title: '', context: '', question: '', plausibleAnswers: [], isImpossible: answers.length === 0 },
  answers: answers.map((text) => ({ text, answerStart: 0 })),
});

describe('a data set', () => {
  const records = [record('a', ['the cat', 'a dog']), record('b', []), record('c', ['one two'])];

  test('the best of several true answers counts; an empty prediction is right where there is none', () => {
    const scores = scoreQuestions(records, { a: 'dog', b: '', c: 'one' });
    assert.deepEqual(scores[0], { id: 'a', exact: 1, f1: 1 });
    assert.deepEqual(scores[1], { id: 'b', exact: 1, f1: 1 });
    assert.equal(scores[2].exact, 0);
    assert.ok(Math.abs(scores[2].f1 - 2 / 3) < 1e-12);
  });

  test('means over all, over those with an answer and over those without', () => {
    const metrics = squadMetrics(records, { a: 'dog', b: 'wrong', c: 'one two' });
    assert.deepEqual(metrics, {
      ...{ exact: 200 / 3, f1: 200 / 3, total: 3 },
      ...{ HasAns_exact: 100, HasAns_f1: 100, HasAns_total: 2, NoAns_exact: 0, NoAns_f1: 0, NoAns_total: 1 },
    });
  });

  test('a missing prediction is wrong, also where the answer is "none"; no questions give 0', () => {
    assert.equal(squadMetrics(records, {}).exact, 0);
    assert.deepEqual(squadMetrics([], {}), { exact: 0, f1: 0, total: 0 });
  });
});

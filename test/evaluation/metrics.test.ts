// Exact match and F1 equal the official evaluation's, as torchmetrics 1.9.0 carries it (test/reference/metrics.py).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { describe } from 'node:test';
import fc from 'fast-check';
import { exactMatch, f1Score, scoreQuestions, squadMetrics, type SquadMetrics } from '../../src/evaluation/metrics';
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
  id,
  title: '',
  context: '',
  question: '',
  plausibleAnswers: [],
  isImpossible: answers.length === 0,
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
      exact: 200 / 3,
      f1: 200 / 3,
      total: 3,
      HasAns_exact: 100,
      HasAns_f1: 100,
      HasAns_total: 2,
      NoAns_exact: 0,
      NoAns_f1: 0,
      NoAns_total: 1,
    });
  });

  test('a missing prediction is wrong, also where the answer is "none"; no questions give 0', () => {
    assert.equal(squadMetrics(records, {}).exact, 0);
    assert.deepEqual(squadMetrics([], {}), { exact: 0, f1: 0, total: 0 });
  });
});

interface DataSet {
  golds: string[][];
  predictions: string[];
  odds?: number[];
  threshold?: number;
  metrics: SquadMetrics;
}
const generated = path.join(__dirname, '..', 'reference', 'evaluation.json');
const byId = <T>(values: T[]) => Object.fromEntries(values.map((value, i) => [`q${i}`, value]));

test('600 generated data sets: every mark and best threshold of transformers 4.57.1’s evaluate-v2.0, to the last digit', () => {
  const sets = (JSON.parse(fs.readFileSync(generated, 'utf8')) as { cases: DataSet[] }).cases;
  assert.equal(sets.length, 600);
  for (const [i, { golds, predictions, odds, threshold, metrics }] of sets.entries()) {
    const records = golds.map((answers, question) => record(`q${question}`, answers));
    const noAnswer = odds && { nullOdds: byId(odds), nullThreshold: threshold };
    assert.deepEqual(squadMetrics(records, byId(predictions), noAnswer), metrics, `data set ${i}`);
  }
});

describe('null odds', () => {
  const records = [record('a', ['cat']), record('b', [])];

  test('an answer is withheld above the threshold, 1 if none is given', () => {
    const right = { a: 'cat', b: 'dog' };
    assert.equal(squadMetrics(records, right, { nullOdds: { a: 1, b: 1.1 } }).exact, 100);
    assert.equal(squadMetrics(records, right, { nullOdds: { a: -4, b: -3 }, nullThreshold: -4 }).exact, 100);
    assert.equal(squadMetrics(records, right, { nullOdds: { a: 2, b: 0 } }).exact, 0);
  });

  test('the best threshold is the odds of the last answer worth giving', () => {
    const { best_exact, best_exact_thresh } = squadMetrics(
      records,
      { a: 'cat', b: 'dog' },
      { nullOdds: { b: 5, a: -2 } },
    );
    assert.deepEqual([best_exact, best_exact_thresh], [100, -2]);
  });

  test('a question without a prediction stays wrong at every threshold', () => {
    const metrics = squadMetrics(records, { a: 'cat' }, { nullOdds: { a: 0, b: 9 } });
    assert.deepEqual([metrics.exact, metrics.NoAns_exact, metrics.best_exact], [50, 0, 50]);
  });

  test('a prediction without odds is an error that names the question', () => {
    const score = () => squadMetrics(records, { a: 'cat' }, { nullOdds: {} });
    assert.throws(score, { name: 'EvaluationError', code: 'E_SCORE_ODDS', message: /question a/ });
  });

  test('no threshold does better than the best one', () => {
    const question = fc.record({
      gold: fc.boolean(),
      right: fc.boolean(),
      odds: fc.integer({ min: -20, max: 20 }).map((n) => n / 4),
    });
    fc.assert(
      fc.property(fc.uniqueArray(question, { minLength: 1, selector: ({ odds }) => odds }), (questions) => {
        const asked = questions.map(({ gold }, i) => record(`q${i}`, gold ? ['cat'] : []));
        const answers = byId(questions.map(({ right, gold }) => (right ? (gold ? 'cat' : '') : 'dog')));
        const nullOdds = byId(questions.map(({ odds }) => odds));
        const at = (nullThreshold: number) => squadMetrics(asked, answers, { nullOdds, nullThreshold });
        const { best_exact: best, best_exact_thresh: threshold } = at(1);
        const metrics = [-Infinity, ...Object.values(nullOdds)].map((odds) => at(odds).exact);
        assert.equal(best, Math.max(...metrics));
        assert.ok(threshold === 0 || at(threshold!).exact === best);
      }),
    );
  });
});

test('of questions with the same id the last counts, once', () => {
  const { exact, total } = squadMetrics([record('a', ['cat']), record('a', ['dog'])], { a: 'dog' });
  assert.deepEqual([exact, total], [100, 1]);
});

test('an id may be a name that every object has', () => {
  assert.equal(squadMetrics([record('constructor', ['cat'])], {}).exact, 0);
  assert.equal(squadMetrics([record('__proto__', ['cat'])], JSON.parse('{"__proto__":"cat"}')).exact, 100);
});

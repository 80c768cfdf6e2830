// What may be said of ways that were tried on folds, and which of them is taken.
import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { bestWay, choicesOf } from '../../src/evaluation/choose';
import type { CurvePoint } from '../../src/evaluation/curve';
import { choicesTable } from '../../src/show/curve';

/** F1 by way, a fold each. */
const pointsOf = (ways: Record<string, number[]>): CurvePoint[] =>
  Object.entries(ways).flatMap(([way, values]) =>
    values.map((f1, seed) => ({ way, size: 100, seed, f1, exact: f1 / 2, steps: 10, seconds: 3 })),
  );
const best = (ways: Record<string, number[]>) => bestWay(choicesOf(pointsOf(ways), 'trained'));

describe('intervals of gains', () => {
  test('are those of the corrected resampled t-test (Nadeau and Bengio 2003)', () => {
    const gains = [2, 4, 3, 5, 1];
    const mix = gains.map((gain) => 40 + gain);
    const [, { gain }] = choicesOf(pointsOf({ trained: [40, 40, 40, 40, 40], mix }), 'trained');
    // t(0.975, 4) * sqrt((1/5 + 1/4) * 2.5), of five folds: each is tested on a quarter of what it is trained on
    assert.ok(Math.abs(gain!.half - 2.776 * Math.sqrt((1 / 5 + 1 / 4) * 2.5)) < 1e-9, String(gain!.half));
    assert.equal(gain!.mean, 3);
    assert.equal(gain!.isSure, true);
  });

  test('compare fold by fold, and say so where the folds do not tell the ways apart', () => {
    const choices = choicesOf(
      pointsOf({ trained: [30, 50, 40], mix: [32, 52.1, 41.9], freeze: [38, 47, 41] }),
      'trained',
    );
    const rows = choicesTable(choices);
    assert.deepEqual(rows.map(({ way }) => way), ['trained', 'mix', 'freeze']); // prettier-ignore
    assert.match(String(rows[1].gain), /^\+2\.0 ± 0\.4 over trained$/);
    assert.match(String(rows[2].gain), /^\+2\.0 ± \d+\.\d over trained \(not sure\)$/);
  });
});

describe('the way to train in', () => {
  test('is the one that gains most beyond doubt', () => {
    assert.equal(best({ trained: [30, 50, 40], mix: [32, 52, 42], freeze: [33, 53, 43.1] }), 'freeze');
  });

  test('is the plain one where no gain is sure, or what is sure is a loss', () => {
    assert.equal(best({ trained: [30, 50, 40], mix: [45, 48, 41] }), 'trained');
    assert.equal(best({ trained: [30, 50, 40], mix: [28, 48, 38] }), 'trained');
  });
});

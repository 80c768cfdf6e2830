// The trials of a sweep: every combination of a grid, the same draws for the same seed, and files that say what is wrong.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parseSweep, planTrials } from '../../src/training/sweep';

const base = { out: 'runs/s', options: { model: 'm', train: 't' } };
const plan = (more: object) => planTrials(parseSweep({ ...base, ...more }, 'sweep.json'));
const raised = (raw: unknown) => {
  try {
    parseSweep(raw, 'sweep.json');
  } catch (error) {
    return `${(error as { code: string }).code} ${(error as Error).message}`;
  }
  return 'nothing';
};

test('a grid has every combination once, the last option turning first', () => {
  const trials = plan({ search: { learningRate: [1e-4, 2e-4], schedule: ['linear', 'cosine'], seed: [7] } });
  assert.deepEqual(
    trials.map(({ name, options }) => [name, options.learningRate, options.schedule, options.seed]),
    [
      ['trial-0', 1e-4, 'linear', 7],
      ['trial-1', 1e-4, 'cosine', 7],
      ['trial-2', 2e-4, 'linear', 7],
      ['trial-3', 2e-4, 'cosine', 7],
    ],
  );
  assert.equal(trials[3].options.model, 'm');
});

test('draws stay in their range, are the same for a seed, and more trials leave the first ones', () => {
  const bounds = fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 0, max: 1000 }), fc.nat());
  fc.assert(
    fc.property(bounds, fc.boolean(), fc.boolean(), ([min, width, seed], log, integer) => {
      const search = { a: { min, max: min + width, log, integer }, b: ['x', 'y'] };
      const trials = plan({ method: 'random', trials: 6, seed, search });
      for (const { options } of trials) {
        const value = options.a as number;
        assert.ok(value >= min * 0.9999 && value <= (min + width) * 1.0001, String(value));
        assert.ok(!integer || Number.isInteger(value));
        assert.ok(['x', 'y'].includes(options.b as string));
      }
      assert.deepEqual(plan({ method: 'random', trials: 9, seed, search }).slice(0, 6), trials);
    }),
    { numRuns: 60 },
  );
});

test('on a logarithmic scale each factor of ten gets its share; other seeds draw others', () => {
  const values = (seed: number) =>
    plan({ method: 'random', trials: 300, seed, search: { a: { min: 1e-6, max: 1e-3, log: true } } }).map(
      ({ options }) => options.a as number,
    );
  const counts = [1e-6, 1e-5, 1e-4].map((low) => values(0).filter((a) => a >= low && a < 10 * low).length);
  for (const count of counts) assert.ok(count > 70 && count < 130, String(counts));
  assert.notDeepEqual(values(0), values(1));
});

test('a file that is wrong is refused by the name of what is wrong', () => {
  assert.match(raised({ ...base }), /^E_TRAIN_OPTION sweep.json: search is undefined/);
  assert.match(raised({ ...base, search: { seed: [] } }), /^E_TRAIN_OPTION sweep.json: search.seed/);
  assert.match(raised({ ...base, search: { seed: { min: 0, max: 3 } } }), /search.seed is Object; it takes Array/);
  assert.match(
    raised({ ...base, search: {}, metod: 'grid' }),
    /unknown option "metod"; .*\(out, options, search, method, /,
  );
  assert.match(raised({ ...base, search: {}, method: 'bayes' }), /method is "bayes"/);
  assert.match(raised([]), /^E_TRAIN_OPTION sweep.json: /);
});

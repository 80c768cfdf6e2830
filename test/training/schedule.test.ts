// Learning rates equal transformers' step by step (numbers of transformers 5.23.0, by test/reference/schedules.py).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { type ScheduleName, schedule } from '../../src/training/schedule';

const file = path.join(__dirname, '..', 'reference', 'schedules.json');
const reference = JSON.parse(fs.readFileSync(file, 'utf8')) as Record<ScheduleName, number[]> & {
  steps: number;
  warmup: number;
};

for (const name of ['constant', 'linear', 'cosine'] as const) {
  test(`${name} with warm-up`, () => {
    const rate = schedule(name, reference.steps, reference.warmup);
    reference[name].forEach((expected, step) => assert.ok(Math.abs(rate(step) - expected) < 1e-12, `step ${step}`));
  });
}

test('any schedule stays between 0 and 1, and warm-up starts at 0', () => {
  const names = fc.constantFrom<ScheduleName>('constant', 'linear', 'cosine');
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 500 }), fc.nat(600), fc.nat(700), (name, total, warmup, step) => {
      const value = schedule(name, total, warmup)(step);
      assert.ok(value >= 0 && value <= 1);
      if (warmup > 0) assert.equal(schedule(name, total, warmup)(0), 0);
    }),
  );
});

test('an unknown name is refused with the choices', () => {
  assert.throws(() => schedule('exponential' as ScheduleName, 10), { code: 'E_TRAIN_OPTION', message: /linear/ });
});

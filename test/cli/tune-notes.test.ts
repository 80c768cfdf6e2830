// What `spanlab tune` says of its own numbers: too few questions, or a best that is at an edge.
import assert from 'node:assert/strict';
import test from 'node:test';
import { tuneNotes } from '../../src/cli/tune-notes';
import type { SquadRecord } from '../../src/squad/record';

const records = (answerable: number, impossible: number) =>
  Array.from({ length: answerable + impossible }, (_, i) => ({ answers: i < answerable ? [{}] : [] }) as SquadRecord);
const judged = (right: number, wrong: number) =>
  Array.from({ length: right + wrong }, (_, i) => () => ({ probability: 0.5, right: i < right }));

test('nothing where there are enough questions of each kind', () => {
  const found = { threshold: 1, f1: 60, f1AtZero: 50 };
  assert.deepEqual(tuneNotes(records(80, 40), judged(60, 60), undefined, found), []);
});

test('few questions, or few of a kind', () => {
  const found = { threshold: 1, f1: 60, f1AtZero: 50 };
  const [temperature, threshold] = tuneNotes(records(90, 3), judged(50, 43), undefined, found);
  assert.match(temperature, /^warning: the temperature is by 93 questions only, 50 answered right and 43 wrong/);
  assert.match(threshold, /^warning: the threshold is by 90 questions with an answer and 3 without/);
  assert.equal(tuneNotes(records(200, 0), judged(198, 2), undefined).length, 1);
});

test('an edge is said as one, with what to do', () => {
  const [temperature, threshold] = tuneNotes(records(9, 9), judged(18, 0), 0.25, { threshold: 0, edge: 'none', f1: 1, f1AtZero: 1 }); // prettier-ignore
  assert.match(
    temperature,
    /best temperature would be 0\.25 or beyond.*18 of 18 answers are right.*take more questions/,
  );
  assert.match(threshold, /withhold no answer on these questions, and no threshold follows/);
});

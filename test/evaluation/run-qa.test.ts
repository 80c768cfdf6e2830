// The best spans of generated windows beside those of run_qa's rules in Python: test/reference/run_qa.py wrote spans.json.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { describe } from 'node:test';
import {
  type ScoredPrediction,
  type Span,
  type SpanOptions,
  predictSpans,
  withNoAnswer,
} from '../../src/evaluation/spans';
import type { SquadRecord } from '../../src/squad/record';
import type { Features } from '../../src/tokens/features';

type Row = [start: number, end: number, probability: number];
interface Case {
  words: number;
  windows: { first: number; count: number; start: number[]; end: number[] }[];
  nullOdds: number;
  nBest: Row[];
  withNull: Row[];
  maxContext: Row[];
}

const file = path.join(__dirname, '..', 'reference', 'spans.json');
const { cases } = JSON.parse(fs.readFileSync(file, 'utf8')) as { cases: Case[] };

/** One-letter words in windows behind four tokens: `[CLS]`, a question of two, `[SEP]`. */
function predict({ words, windows }: Case, options: SpanOptions): ScoredPrediction {
  const context = Array.from({ length: words }, (_, i) => String.fromCharCode(97 + (i % 26))).join(' ');
  const rowStart = new Int32Array(windows.length + 1);
  windows.forEach(({ start }, row) => (rowStart[row + 1] = rowStart[row] + start.length));
  const offsets = windows.flatMap(({ first, count }) => [
    ...new Array<number>(8).fill(0),
    ...Array.from({ length: count }, (_, i) => [2 * (first + i), 2 * (first + i) + 1]).flat(),
    ...[0, 0],
  ]);
  const zeros = new Int32Array(windows.length);
  const features: Features = {
    count: windows.length,
    rowStart,
    offsets: Int32Array.from(offsets),
    inputIds: new Int32Array(offsets.length / 2),
    tokenTypeIds: new Uint8Array(offsets.length / 2),
    contextStart: new Int32Array(windows.length).fill(4),
    contextEnd: Int32Array.from(windows, ({ count }) => 4 + count),
    startPositions: zeros,
    endPositions: zeros,
    record: zeros,
    overflow: zeros,
  };
  const scores = (of: 'start' | 'end') => Float32Array.from(windows.flatMap((window) => window[of]));
  const record = { id: 'q', context } as SquadRecord;
  return predictSpans([record], features, { startLogits: scores('start'), endLogits: scores('end') }, options)[0];
}

function assertSpans(ours: Span[], theirs: Row[]): void {
  const positions = (rows: Row[]) => rows.map(([start, end]) => [start, end]);
  const mine = ours.map(({ start, end, probability }): Row => [start, end, probability]);
  assert.deepEqual(positions(mine), positions(theirs));
  mine.forEach(([, , share], i) => assert.ok(Math.abs(share - theirs[i][2]) < 1e-5, `${share} for ${theirs[i][2]}`));
}

describe('forty contexts of up to 59 words in up to 14 windows', () => {
  test('the n best spans, their probabilities and the null odds', () => {
    for (const given of cases) {
      const prediction = predict(given, {});
      assertSpans(prediction.best, given.nBest);
      assert.ok(Math.abs(prediction.nullOdds - given.nullOdds) < 1e-5);
    }
  });

  test('the list with "no answer" in it, last where it is not among the n best', () => {
    for (const given of cases) assertSpans(withNoAnswer(predict(given, {})), given.withNull);
    assert.ok(cases.some(({ withNull }) => withNull.length === 21));
  });

  test('by the rule of the maximum context', () => {
    for (const given of cases) {
      const { best } = predict(given, { maxContext: true });
      const shares = best.slice(0, 5);
      assert.deepEqual(
        shares.map(({ start, end }) => [start, end]),
        given.maxContext.map(([start, end]) => [start, end]),
      );
    }
    assert.ok(cases.some(({ nBest, maxContext }) => nBest[0][0] !== maxContext[0][0]));
  });
});

// Learning curves: draws that hold each other, means with their intervals, gains that are only claimed where the scatter allows it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { describe } from 'node:test';
import { type CurvePoint, curveRows, drawExamples, meanOf } from '../../src/evaluation/curve';
import { curveFile, readCurve, writeCurve } from '../../src/evaluation/curve-file';
import { curvePlot, curveTable } from '../../src/show/curve';
import type { SquadRecord } from '../../src/squad/record';

const records = Array.from({ length: 40 }, (_, i) => ({ id: String(i) }) as SquadRecord);
const ids = (size: number, seed: number) => drawExamples(records, size, seed).map(({ id }) => id);

/** F1 by way, at one size, a draw each. */
const pointsOf = (ways: Record<string, number[]>, size = 16): CurvePoint[] =>
  Object.entries(ways).flatMap(([way, values]) =>
    values.map((f1, seed) => ({ way, size, seed, f1, exact: f1 / 2, steps: 10, seconds: 3 })),
  );

test('a larger draw of a seed holds the smaller ones; seeds draw differently; nothing comes twice', () => {
  assert.deepEqual(ids(20, 3).slice(0, 7), ids(7, 3));
  assert.notDeepEqual(ids(20, 3), ids(20, 4));
  assert.equal(new Set(ids(40, 3)).size, 40);
  assert.deepEqual(records.map(({ id }) => Number(id)), [...records.keys()]); // prettier-ignore
});

describe('means', () => {
  test('the interval is that of scipy.stats.t.interval(0.95, n - 1, mean, sem)', () => {
    const { mean, half, deviation } = meanOf([41.2, 43.9, 40.1, 44.4, 42.0]);
    assert.ok(Math.abs(mean - 42.32) < 1e-9);
    assert.ok(Math.abs(deviation - 1.8102) < 1e-3);
    assert.ok(Math.abs(half - 2.2477) < 1e-3, String(half)); // 2.7764 * 1.8102 / sqrt(5)
  });

  test('one draw has no interval', () => {
    assert.deepEqual(meanOf([7]), { draws: 1, mean: 7, deviation: NaN, half: NaN });
  });
});

describe('gains', () => {
  test('are compared draw by draw: what all draws share is no scatter', () => {
    const rows = curveRows(pointsOf({ trained: [30, 50, 40], mix: [32.1, 52, 41.9] }));
    const { gain } = rows.find(({ way }) => way === 'mix')!;
    assert.deepEqual([gain!.over, gain!.draws, gain!.isSure], ['trained', 3, true]);
    assert.ok(Math.abs(gain!.mean - 2) < 1e-9);
    assert.equal(rows.find(({ way }) => way === 'trained')!.gain, undefined);
  });

  test('that the scatter does not allow are not claimed, nor those of one draw', () => {
    const gain = (mix: number[]) =>
      curveTable(pointsOf({ trained: [30, 50, 40], mix })).find(({ way }) => way === 'mix')!.gain;
    assert.match(String(gain([36, 49, 42])), /^\+2\.3 ± 8\.\d over trained \(not sure\)$/);
    assert.match(String(gain([32.1, 52, 41.9])), /^\+2\.0 ± 0\.2 over trained$/);
    assert.match(String(gain([36])), /^\+6\.0 over trained \(one draw\)$/);
    assert.equal(curveRows(pointsOf({ trained: [30], mix: [36] }))[1].gain!.isSure, false);
  });
});

test('the figure has a line with error bars for each way, and a dotted one for a model without examples', () => {
  const points = [
    ...pointsOf({ bare: [5, 7], trained: [30, 32] }),
    ...pointsOf({ bare: [10, 12], trained: [40, 42] }, 64),
    ...pointsOf({ trained: [28] }, 0),
  ];
  const { data, layout } = curvePlot(points);
  assert.deepEqual(data.map(({ name }) => name), ['trained', 'trained, 0 examples', 'bare']); // prettier-ignore
  assert.deepEqual(
    [data[0].x, data[0].y],
    [
      [16, 64],
      [31, 41],
    ],
  );
  assert.equal((data[0].error_y as { array: number[] }).array[0].toFixed(1), '12.7');
  assert.deepEqual((layout.yaxis as { range: number[] }).range, [0, 100], 'no bar presses the lines together');
  assert.match(String((layout.meta as { alt: string }).alt), /trained with 64: 41\.0/);
});

describe('curve.json', () => {
  const folder = () => fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-curve-'));
  const points = pointsOf({ trained: [30, 50] });

  test('gives back what was written; other ways join, other settings of a way are refused', () => {
    const out = folder();
    assert.deepEqual(readCurve(out, { trained: { epochs: 3 } }), []);
    writeCurve(out, { trained: { epochs: 3 } }, points);
    assert.deepEqual(readCurve(out, { trained: { epochs: 3 }, mix: { epochs: 3 } }), points);
    assert.throws(() => readCurve(out, { trained: { epochs: 4 } }), { code: 'E_CURVE', message: /"trained"/ });
    writeCurve(out, { mix: { epochs: 5 } }, points);
    assert.throws(() => readCurve(out, { trained: { epochs: 4 } }), { code: 'E_CURVE' }); // settings of other ways stay
  });

  test('that is none is refused', () => {
    for (const text of ['{', '{"format":"spanlab-curve-1","settings":{},"points":[{"way":3}]}', '[]']) {
      const out = folder();
      fs.writeFileSync(curveFile(out), text);
      assert.throws(() => readCurve(out, {}), {
        code: 'E_CURVE',
        message: /curve\.json: .*; bring it back from a copy, or move it away/,
      });
    }
  });
});

// bfloat16 as processors round to it: the nearest, ties to even.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { precisionTable, toBfloat16 } from '../../src/show/training-precision';

test('exact values stay, ties go to the even neighbour, large values overflow as the format does', () => {
  const step = 2 ** -7; // between 1 and 2
  const cases: [number, number][] = [
    [1, 1],
    [-0, -0],
    [1 + step / 2, 1],
    [1 + (3 * step) / 2, 1 + 2 * step],
    [-(1 + step), -(1 + step)],
    [3.14159, 3.140625],
    [2 ** -126, 2 ** -126],
    [3.4e38, Infinity], // beyond the largest, 3.3895e38
    [Infinity, Infinity],
    [NaN, NaN],
  ];
  for (const [value, expected] of cases) assert.equal(toBfloat16(value), expected, `${value}`);
});

test('any number: at most half a step away, and rounding again changes nothing', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e30, max: 1e30, noNaN: true }), (value) => {
      const narrow = toBfloat16(value);
      assert.equal(toBfloat16(narrow), narrow);
      if (Math.abs(value) > 1e-30) assert.ok(Math.abs(narrow - value) <= Math.abs(value) * 2 ** -8 * (1 + 1e-6));
    }),
  );
});

test('the table shows numbers as people write them', () => {
  const table = precisionTable([1.001, 0.5]);
  assert.deepEqual(table.columns, ['number', 'float32', 'bfloat16', 'off by']);
  assert.deepEqual(table.values, [['1.001', '1.00100005', '1', '0.10 %'], ['0.5', '0.5', '0.5', '0.0 %']]); // prettier-ignore
});

// Half precision and eight bits, number by number.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { quantizeColumns, quantizeRows } from '../../../src/publish/onnx/quantize';
import { toHalves, transpose } from '../../../src/publish/onnx/tensors';

const half = (value: number) => toHalves(Float32Array.of(value))[0];

/** The value of sixteen bits, by the definition of IEEE 754. */
function fromHalf(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent === 0 ? 2 ** -14 * (fraction / 1024) : 2 ** (exponent - 15) * (1 + fraction / 1024));
}

test('all 65536 halves come back as they are', () => {
  for (let bits = 0; bits < 65536; bits++) {
    const value = fromHalf(bits);
    if (Number.isNaN(value)) assert.ok(Number.isNaN(fromHalf(half(value))));
    else assert.equal(half(Object.is(value, -0) ? -0 : value), bits);
  }
});

// numpy 2.4.6: numpy.float32(x).astype(numpy.float16).view(numpy.uint16)
test('rounding, limits and signs as numpy has them', () => {
  const cases: [number, number][] = [
    ...([
      [1, 0x3c00],
      [-2, 0xc000],
      [65504, 0x7bff],
      [65519, 0x7bff],
      [65520, 0x7c00],
      [-65520, 0xfc00],
    ] as [number, number][]),
    ...([
      [0.1, 0x2e66],
      [1 / 3, 0x3555],
      [2 ** -24, 0x0001],
      [2 ** -25, 0x0000],
      [2 ** -25 * 1.0001, 0x0001],
    ] as [number, number][]),
    ...([
      [1 + 2 ** -11, 0x3c00],
      [1 + 3 * 2 ** -11, 0x3c02],
      [6.1e-5, 0x03ff],
      [Infinity, 0x7c00],
      [-0, 0x8000],
    ] as [number, number][]),
  ];
  for (const [value, bits] of cases) assert.equal(half(value), bits, String(value));
});

test('the nearest half, to even where two are as near', () => {
  const number = fc.float({ noNaN: true, min: -65000, max: 65000 });
  fc.assert(
    fc.property(number, (value) => {
      const bits = half(value);
      const distance = Math.abs(fromHalf(bits) - value);
      for (const other of [bits - 1, bits + 1]) {
        if (other < 0 || other > 0xffff || !Number.isFinite(fromHalf(other))) continue;
        const otherDistance = Math.abs(fromHalf(other) - value);
        assert.ok(distance < otherDistance || (distance === otherDistance && bits % 2 === 0), `${value} → ${bits}`);
      }
    }),
    { numRuns: 2000 },
  );
});

const matrix = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })).chain(([rows, columns]) =>
  fc.record({
    shape: fc.constant<number[]>([rows, columns]),
    values: fc.float32Array({ minLength: rows * columns, maxLength: rows * columns, noNaN: true, min: -100, max: 100 }),
  }),
);

test('eight bits are off by half a step at most', () => {
  fc.assert(
    fc.property(matrix, (weight) => {
      const [rows, columns] = weight.shape;
      const byRow = quantizeRows(weight);
      const byColumn = quantizeColumns(weight);
      weight.values.forEach((value, i) => {
        const [row, column] = [byRow.scales.values[Math.floor(i / columns)], byColumn.scales.values[i % columns]];
        assert.ok(Math.abs(byRow.values[i] * row - value) <= row * 0.501);
        assert.ok(Math.abs(byColumn.values[i] * column - value) <= column * 0.501);
        assert.ok(Math.abs(byColumn.values[i]) <= 63);
      });
      assert.deepEqual([byRow.scales.shape, byColumn.scales.shape], [[rows, 1], [columns]]);
    }),
  );
});

test('turned twice, a matrix is itself', () => {
  fc.assert(fc.property(matrix, (weight) => assert.deepEqual(transpose(transpose(weight)), { ...weight })));
  assert.deepEqual(transpose({ shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) }), {
    shape: [3, 2],
    values: Float32Array.of(1, 4, 2, 5, 3, 6),
  });
});

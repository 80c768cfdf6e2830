// Which tokens a row keeps: rules that hold for every pair of lengths.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { slidingWindows, truncateRows } from '../../src/tokens/truncation';
import { loadTokenizer } from './vocabulary';

test('windows cover every token, share the overlap, and only the last may be short', () => {
  const sizes = fc.tuple(fc.nat(300), fc.integer({ min: 1, max: 60 }), fc.nat(59));
  fc.assert(
    fc.property(sizes, ([length, room, overlap]) => {
      fc.pre(overlap < room);
      const windows = slidingWindows(length, room, overlap);
      assert.equal(windows[0][0], 0);
      assert.equal(windows.at(-1)![1], length);
      for (const [i, [start, end]] of windows.entries()) {
        assert.ok(end - start <= room);
        if (i === 0) continue;
        assert.equal(windows[i - 1][1] - start, overlap);
        assert.equal(windows[i - 1][1] - windows[i - 1][0], room);
        assert.ok(end > windows[i - 1][1]);
      }
    }),
  );
});

test('an overlap that would drop tokens or stand still is refused', async () => {
  assert.throws(() => slidingWindows(10, 4, 4), { code: 'E_TOKENS_OVERLAP' });
  const tokenizer = await loadTokenizer();
  const options = { truncation: 'only_second' as const, maxLength: 10, returnOverflowingTokens: true };
  for (const stride of [7, 8, 100, -1, 1.5, NaN]) {
    await assert.rejects(tokenizer.encodeBatch(['a'], ['b'], { ...options, stride }), { code: 'E_TOKENS_OVERLAP' });
  }
  assert.equal((await tokenizer.encodeBatch(['a'], ['b'], { ...options, stride: 6 })).length, 1);
});

test('a pair that cannot be cut says which and why', async () => {
  assert.throws(() => truncateRows(10, 5, 8, 'only_second', 0), /texts of 10 and 5 tokens, room for 8.*only_second/);
  assert.throws(() => truncateRows(5, 10, 8, 'only_first', 0), { code: 'E_TOKENS_TOO_LONG' });
  const tokenizer = await loadTokenizer();
  const second = { truncation: 'only_second' as const, maxLength: 8 };
  await assert.rejects(
    tokenizer.encodeBatch(['a', 'a b c d e f g'], ['x', 'y'], second),
    /text 1 \(from 0\): texts of 7 and 1/,
  );
});

/** Every token from 0 to `length` is in one of the ranges. */
function assertCovered(ranges: (readonly [number, number])[], length: number): void {
  const held = new Set(ranges.flatMap(([start, end]) => Array.from({ length: end - start }, (_, i) => start + i)));
  assert.equal(held.size, length);
}

// the package tokenizers 0.23.2 is no oracle here: its own truncation loses the end of what overflows
// (Python's does not); exact rows are compared with Python's in parity.test.ts
for (const strategy of ['longest_first', 'only_first', 'only_second'] as const) {
  test(`rows of a pair fit, begin at the start, and lose nothing: ${strategy}`, () => {
    const sizes = fc.tuple(fc.nat(80), fc.nat(80), fc.integer({ min: 2, max: 60 }), fc.nat(20));
    fc.assert(
      fc.property(sizes, ([n1, n2, room, overlap]) => {
        const cut = strategy === 'only_first' ? n1 : n2;
        if (strategy !== 'longest_first') fc.pre(n1 + n2 <= room || cut > n1 + n2 - room);
        const smallest = n1 + n2 <= room ? Infinity : strategy === 'longest_first' ? Math.floor(room / 2) : room - (n1 + n2 - cut); // prettier-ignore
        fc.pre(overlap < smallest);
        const rows = truncateRows(n1, n2, room, strategy, overlap);
        const [[first, second]] = rows;
        assert.deepEqual([first[0], second[0]], [0, 0]);
        for (const [one, other] of rows) assert.ok(one[1] - one[0] + other[1] - other[0] <= room);
        assertCovered(rows.map(([one]) => one), n1); // prettier-ignore
        assertCovered(rows.map(([, other]) => other), n2); // prettier-ignore
        if (strategy === 'only_first') assert.ok(rows.every(([, other]) => other[1] - other[0] === n2));
        if (strategy === 'only_second') assert.ok(rows.every(([one]) => one[1] - one[0] === n1));
      }),
    );
  });
}

test('longest_first: the longer gives way first, then both meet in the middle', () => {
  assert.deepEqual(truncateRows(5, 20, 15, 'longest_first', 0)[0], [[0, 5], [0, 10]]); // prettier-ignore
  assert.deepEqual(truncateRows(20, 5, 15, 'longest_first', 0)[0], [[0, 10], [0, 5]]); // prettier-ignore
  assert.deepEqual(truncateRows(30, 20, 15, 'longest_first', 0)[0], [[0, 8], [0, 7]]); // prettier-ignore
  assert.deepEqual(truncateRows(20, 30, 15, 'longest_first', 0)[0], [[0, 7], [0, 8]]); // prettier-ignore
});

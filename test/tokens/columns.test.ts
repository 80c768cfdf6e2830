// Rows gathered from pieces: the same as one piece, however wrong the expectations were.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { gatherRows } from '../../src/tokens/columns';

interface Piece {
  count: number;
  rowStart: Int32Array;
  ids: Int32Array;
  types: Uint8Array;
  row: Int32Array;
}

/** A piece whose row `i` holds `lengths[i]` times the number of the row. */
function piece(lengths: number[], firstRow: number): Piece {
  const ids = lengths.flatMap((length, i) => new Array<number>(length).fill(firstRow + i));
  const rowStart = Int32Array.of(0, ...lengths);
  for (let i = 1; i < rowStart.length; i++) rowStart[i] += rowStart[i - 1];
  const row = Int32Array.from(lengths, (_, i) => firstRow + i);
  return { count: lengths.length, rowStart, ids: Int32Array.from(ids), types: Uint8Array.from(ids), row };
}

async function* pieces(all: number[][]): AsyncGenerator<Piece> {
  let row = 0;
  for (const lengths of all) {
    yield piece(lengths, row);
    row += lengths.length;
  }
}

test('pieces in turn are one piece, for arbitrary lengths and expectations', async () => {
  const lengths = fc.array(fc.array(fc.nat(20), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 });
  const property = fc.asyncProperty(lengths, fc.double({ min: 0.01, max: 1, noNaN: true }), async (all, share) => {
    const gathered = await gatherRows(pieces(all), () => share);
    assert.deepEqual(gathered, piece(all.flat(), 0));
  });
  await fc.assert(property);
});

test('no pieces: undefined', async () => {
  assert.equal(await gatherRows(pieces([]), () => 1), undefined);
});

test('arrays larger than one turn copies grow without loss', async () => {
  const all = Array.from({ length: 6 }, (_, i) => [1_000_000 + i]);
  const gathered = (await gatherRows(pieces(all), () => 1))!;
  assert.equal(gathered.ids.length, 6_000_015);
  assert.equal(gathered.ids[gathered.rowStart[5] - 1], 4);
  assert.equal(gathered.ids[gathered.rowStart[5]], 5);
});

// Rows of two data sets as one.
import type { Features } from './features';

/**
 * The rows of `first`, then those of `second`, whose records are counted on from `firstRecords`.
 *
 * @example joinFeatures(own, general, ownRecords.length).count === own.count + general.count
 */
export function joinFeatures(first: Features, second: Features, firstRecords: number): Features {
  const tokens = first.rowStart[first.count];
  return {
    count: first.count + second.count,
    rowStart: integers(
      first.rowStart,
      second.rowStart.subarray(1).map((start) => tokens + start),
    ),
    inputIds: integers(first.inputIds, second.inputIds),
    tokenTypeIds: bytes(first.tokenTypeIds, second.tokenTypeIds),
    offsets: integers(first.offsets, second.offsets),
    contextStart: integers(first.contextStart, second.contextStart),
    contextEnd: integers(first.contextEnd, second.contextEnd),
    startPositions: integers(first.startPositions, second.startPositions),
    endPositions: integers(first.endPositions, second.endPositions),
    record: integers(
      first.record,
      second.record.map((record) => firstRecords + record),
    ),
    overflow: integers(first.overflow, second.overflow),
  };
}

function integers(first: Int32Array, second: Int32Array): Int32Array {
  const both = new Int32Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function bytes(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

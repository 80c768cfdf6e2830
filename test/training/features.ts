// Features made by hand for tests: rows of given lengths, with labels inside.
import type { Features } from '../../src/tokens/features';
import { Random } from '../../src/engine/random';

/** Rows of random tokens below `vocabulary`; the answer is where token 7 stands, so that it can be learned. */
export function makeFeatures(lengths: number[], vocabulary = 50, seed = 0): Features {
  const random = new Random(seed);
  const count = lengths.length;
  const rowStart = Int32Array.from([0, ...lengths.map((_, i) => lengths.slice(0, i + 1).reduce((a, b) => a + b, 0))]);
  const inputIds = new Int32Array(rowStart[count]).map(() => 8 + random.integer(vocabulary - 8));
  const startPositions = Int32Array.from(lengths, (length) => 1 + random.integer(length - 1));
  startPositions.forEach((position, row) => (inputIds[rowStart[row] + position] = 7));
  return {
    count,
    rowStart,
    inputIds,
    startPositions,
    tokenTypeIds: new Uint8Array(rowStart[count]),
    offsets: new Int32Array(2 * rowStart[count]),
    contextStart: new Int32Array(count).fill(1),
    contextEnd: Int32Array.from(lengths),
    endPositions: startPositions.slice(),
    record: Int32Array.from(lengths, (_, i) => i),
    overflow: new Int32Array(count),
  };
}

// The lesson's measure: how often the highest score sits on the right token.
import type { Features } from '../tokens/features';
import type { Logits } from './logits';

/** Shares from 0 to 1. */
export interface PositionAccuracy {
  startAccuracy: number;
  endAccuracy: number;
}

/** The token with the highest score of each row, counted from the row's start. */
export function predictedPositions({ rowStart, count }: Features, scores: Float32Array): Int32Array {
  const positions = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    let best = rowStart[row];
    for (let i = best + 1; i < rowStart[row + 1]; i++) if (scores[i] > scores[best]) best = i;
    positions[row] = best - rowStart[row];
  }
  return positions;
}

/**
 * Start and end accuracy as in the lesson: the mean over batches of the share of rows whose highest score is on the label.
 *
 * @param isCounted Whether a row has a label; by default each has.
 * @example lessonAccuracy(features, logits).startAccuracy
 */
export function lessonAccuracy(
  features: Features,
  logits: Logits,
  batchSize = 16,
  isCounted: (row: number) => boolean = () => true,
): PositionAccuracy {
  const counted = (positions: Int32Array) => positions.filter((_, row) => isCounted(row));
  const share = (scores: Float32Array, labels: Int32Array) =>
    batchMean(counted(predictedPositions(features, scores)), counted(labels), batchSize);
  return {
    startAccuracy: share(logits.startLogits, features.startPositions),
    endAccuracy: share(logits.endLogits, features.endPositions),
  };
}

function batchMean(predicted: Int32Array, labels: Int32Array, batchSize: number): number {
  const shares: number[] = [];
  for (let from = 0; from < labels.length; from += batchSize) {
    const batch = labels.subarray(from, from + batchSize);
    shares.push(batch.filter((label, i) => label === predicted[from + i]).length / batch.length);
  }
  return shares.reduce((a, b) => a + b, 0) / (shares.length || 1);
}

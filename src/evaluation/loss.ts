// The loss on questions that training does not see: finer than exact match and F1, which only count.
import type { Evaluation } from './evaluate';
import { crossEntropy } from './softmax';

/**
 * Mean over rows of the start's and the end's cross entropy, as training computes it, without dropout.
 *
 * @example heldOutLoss(await evaluate(model, tokenizer, dev))
 */
export function heldOutLoss({ features, logits }: Pick<Evaluation, 'features' | 'logits'>): number {
  const { rowStart, count, startPositions, endPositions } = features;
  let sum = 0;
  for (let row = 0; row < count; row++) {
    const [from, to] = [rowStart[row], rowStart[row + 1]];
    sum += crossEntropy(logits.startLogits.subarray(from, to), startPositions[row]) / 2;
    sum += crossEntropy(logits.endLogits.subarray(from, to), endPositions[row]) / 2;
  }
  return sum / count;
}

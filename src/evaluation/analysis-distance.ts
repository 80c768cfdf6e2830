// By how many tokens predicted starts and ends miss the true ones.
import type { Evaluation } from './evaluate';
import { predictedPositions } from './accuracy';

/** How the lesson's argmax missed. */
export interface Misses {
  position: 'start' | 'end';
  hit: number;
  'off by one': number;
  'off by 2 to 5': number;
  farther: number;
  /** The highest score was on `[CLS]`: "no answer". */
  'no answer': number;
}

/**
 * Hits, near and far misses of the highest start and end score over rows that hold an answer.
 *
 * @example countMisses(await evaluate(model, tokenizer, records))[0]['off by one']
 */
export function countMisses({ features, logits }: Pick<Evaluation, 'features' | 'logits'>): Misses[] {
  const answered = Array.from(features.startPositions.keys()).filter((row) => features.startPositions[row] > 0);
  return (['start', 'end'] as const).map((position) => {
    const predicted = predictedPositions(features, logits[`${position}Logits`]);
    const labels = features[`${position}Positions`];
    const misses: Misses = { position, hit: 0, 'off by one': 0, 'off by 2 to 5': 0, farther: 0, 'no answer': 0 };
    for (const row of answered) misses[kindOf(predicted[row], labels[row])]++;
    return misses;
  });
}

function kindOf(predicted: number, label: number): Exclude<keyof Misses, 'position'> {
  const distance = Math.abs(predicted - label);
  if (distance === 0) return 'hit';
  if (predicted === 0) return 'no answer';
  if (distance === 1) return 'off by one';
  return distance <= 5 ? 'off by 2 to 5' : 'farther';
}

// Attention weights of a reading, looked up and summed: who looks at whom, and at what kind of token.
import type { Reading } from './reading';

/** Layer and head, both from 0; without a head, the mean of all heads. */
export interface HeadChoice {
  layer: number;
  head?: number;
}

/**
 * The weights of a head: row i says how token i divides its attention.
 *
 * @throws RangeError when the model has no such layer or head
 * @example attentionMatrix(reading, { layer: 0, head: 3 })[i][j] // what token i takes from token j
 */
export function attentionMatrix(reading: Reading, choice: HeadChoice): number[][] {
  return reading.tokens.map((_, i) => attentionRow(reading, choice, i));
}

/** What token `from` takes from each token: [sequence]. */
function attentionRow({ attentions, heads, tokens }: Reading, { layer, head }: HeadChoice, from: number): number[] {
  if (!(layer in attentions) || (head !== undefined && !(head >= 0 && head < heads))) {
    throw new RangeError(
      `layer ${layer}, head ${head ?? 'all'}: the model has ${attentions.length} × ${heads}, from 0`,
    );
  }
  const size = tokens.length;
  const [first, count] = head === undefined ? [0, heads] : [head, 1];
  const row = new Array<number>(size).fill(0);
  for (let of = first; of < first + count; of++) {
    const begin = (of * size + from) * size;
    for (let j = 0; j < size; j++) row[j] += attentions[layer][begin + j] / count;
  }
  return row;
}

/**
 * What the tokens `[start, end]` take from each token of the row, their mean. Without a layer: the mean of all layers.
 *
 * @example attentionFrom(reading, bestSpan(reading))
 */
export function attentionFrom(
  reading: Reading,
  { start, end }: { start: number; end: number },
  choice: Partial<HeadChoice> = {},
): number[] {
  const layers = choice.layer === undefined ? [...reading.attentions.keys()] : [choice.layer];
  const looking = [...reading.tokens.keys()].slice(start, end + 1);
  const rows = layers.flatMap((layer) => looking.map((from) => attentionRow(reading, { ...choice, layer }, from)));
  return reading.tokens.map((_, j) => rows.reduce((sum, row) => sum + row[j], 0) / rows.length);
}

/** What a token can look at. A token counts for the first that fits. */
export const TARGETS = ['special tokens', 'itself', 'the tokens next to it', 'the question', 'the text'] as const;
export type Target = (typeof TARGETS)[number];

/**
 * Where each layer's attention goes: the share of each target, mean over all heads and all tokens but the special ones.
 *
 * @example attentionTargets(reading)[0]['special tokens']
 */
export function attentionTargets(reading: Reading): Record<Target, number>[] {
  const { tokens, sources } = reading;
  const looking = [...tokens.keys()].filter((i) => sources[i] !== undefined);
  return reading.attentions.map((_, layer) => {
    const matrix = attentionMatrix(reading, { layer });
    const shares = Object.fromEntries(TARGETS.map((target) => [target, 0])) as Record<Target, number>;
    for (const i of looking) {
      matrix[i].forEach((weight, j) => (shares[targetOf(reading, i, j)] += weight / looking.length));
    }
    return shares;
  });
}

function targetOf({ sources, texts }: Reading, from: number, to: number): Target {
  if (sources[to] === undefined) return 'special tokens';
  if (from === to) return 'itself';
  if (Math.abs(from - to) === 1) return 'the tokens next to it';
  return sources[to] === 0 && texts.length > 1 ? 'the question' : 'the text';
}

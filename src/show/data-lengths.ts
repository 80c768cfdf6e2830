// How long answers and contexts are: quantiles as a frame, and histograms that are counted before they are drawn.
import type { DataFrame } from 'danfojs-node';
import type { SquadRecord } from '../squad/record';
import type { Tokenizer } from '../tokens/tokenizer';
import { toFrame } from './data-frame';
import { type Figure, COLOURS, layout } from './plots';
import { counted } from '../counted';

/** The texts of all answers. */
export function answerTexts(records: SquadRecord[]): string[] {
  return records.flatMap(({ answers }) => answers.map(({ text }) => text));
}

/** The different contexts, in their order. */
export function distinctContexts(records: SquadRecord[]): string[] {
  return [...new Set(records.map(({ context }) => context))];
}

/** Lengths of texts in characters (UTF-16 units), words (between spaces) and tokens (without special tokens). */
export async function textLengths(texts: string[], tokenizer: Tokenizer): Promise<Record<string, number[]>> {
  const tokens: number[] = [];
  for (let from = 0; from < texts.length; from += PART) {
    const part = await tokenizer.encodeBatch(texts.slice(from, from + PART), undefined, { addSpecialTokens: false });
    for (const { unpaddedLength } of part) tokens.push(unpaddedLength);
  }
  return { characters: texts.map((text) => text.length), words: texts.map(countWords), tokens };
}

/** Texts encoded at once: bounds the memory. */
const PART = 4096;

const countWords = (text: string) => text.split(/\s+/).filter(Boolean).length;

const QUANTILES = { least: 0, '25 %': 0.25, median: 0.5, '75 %': 0.75, '95 %': 0.95, '99 %': 0.99, most: 1 };

/**
 * One row a unit: up to which length a quarter, half, … of the texts go.
 *
 * @example quantileTable(await textLengths(answerTexts(records), tokenizer))
 */
export function quantileTable(lengths: Record<string, number[]>): DataFrame {
  const rows = Object.entries(lengths).map(([unit, values]) => [unit, ...quantiles(values)]);
  return toFrame(rows, ['unit', ...Object.keys(QUANTILES)]);
}

function quantiles(values: number[]): number[] {
  const sorted = Float64Array.from(values).sort();
  return Object.values(QUANTILES).map((share) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
}

/**
 * How many texts have which length. `bar` is the width of a bar; what is longer than `limit` is counted in the last.
 *
 * @example lengthPlot(lengths.tokens, 'Contexts by length', 'tokens', { bar: 16, limit: 512 })
 */
export function lengthPlot(values: number[], title: string, unit: string, { bar = 1, limit = 512 } = {}): Figure {
  const last = Math.floor(limit / bar);
  const counts = new Array<number>(last + 1).fill(0);
  for (const value of values) counts[Math.min(last, Math.floor(value / bar))]++;
  const [least, , median, , , , most] = quantiles(values);
  const alt = `${title}: ${counted(values.length, 'text')}, from ${least} to ${most} ${unit}, half of them at most ${median}.`;
  const x = counts.map((_, i) => i * bar + (bar - 1) / 2);
  return {
    data: [{ type: 'bar', x, y: counts, width: bar, marker: { color: COLOURS.main } }],
    layout: { ...layout(title, `${unit} (the last bar: ${last * bar} and more)`, 'texts', alt), bargap: 0 },
  };
}

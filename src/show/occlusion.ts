// What hiding words costs: attention against occlusion, for one question and for many.
import type { Occlusion, OcclusionTrial } from '../inspect/occlusion';
import type { Reading } from '../inspect/reading';
import { type Figure, COLOURS, layout, PALETTE } from './plots';
import { type ShadeOptions, shadedText } from './scores';
import { counted } from '../counted';

/** Words with a name in the plot: those that cost most, and those that are attended to most. */
const NAMED = 4;

/**
 * The texts shaded by what hiding each word costs.
 *
 * @example display.html(occlusionStrip(reading, occlusions))
 */
export function occlusionStrip(reading: Reading, occlusions: Occlusion[], options: ShadeOptions = {}): string {
  const values = new Float64Array(reading.tokens.length);
  for (const { start, end, drop } of occlusions) values.fill(drop, start, end + 1);
  return shadedText(reading, values, 'what the answer loses without the word', { colour: 'orange', ...options });
}

/**
 * Every word by the attention that it gets from the answer and by what hiding it costs. The title has the rank correlation: 1
 * where both put the words in the same order, 0 where they have nothing to do with each other.
 *
 * @example occlusionPlot(await occlude(model, tokenizer, reading))
 */
export function occlusionPlot(occlusions: Occlusion[]): Figure {
  const first = (by: (word: Occlusion) => number) => [...occlusions].sort((a, b) => by(b) - by(a)).slice(0, NAMED);
  const named = new Set([...first(({ drop }) => drop), ...first(({ attention }) => attention)]);
  const points = (name: string, of: number, color: string) => {
    const words = occlusions.filter(({ source }) => source === of);
    return {
      type: 'scatter',
      mode: 'markers+text',
      name,
      marker: { color, size: 9 },
      textposition: 'top center',
      cliponaxis: false,
      x: words.map(({ attention }) => 100 * attention),
      y: words.map(({ drop }) => drop),
      text: words.map((word) => (named.has(word) ? word.word : '')),
      customdata: words.map(({ word }) => word),
      hovertemplate: '%{customdata}: %{y:.2f}',
    };
  };
  const correlation = rankCorrelation(occlusions.map(({ attention }) => attention), occlusions.map(({ drop }) => drop)).toFixed(2); // prettier-ignore
  const worst = first(({ drop }) => drop)[0]?.word ?? 'none';
  const alt = `A point for each of ${counted(occlusions.length, 'word')}: attention from the answer to the right, loss of the answer's score upwards. Rank correlation ${correlation}. The word that costs most is “${worst}”.`;
  return {
    data: [points('question', 0, COLOURS.main), points('text', 1, COLOURS.second)],
    layout: {
      ...layout(`Attention and occlusion (rank correlation ${correlation})`, 'attention from the answer (percent)', 'loss without the word (log probability)', alt), // prettier-ignore
      height: 420,
    },
  };
}

/**
 * The study over many questions: what the most attended word costs, the one next to the answer, and a random one; a point for
 * each question.
 *
 * @example studyPlot(await occlusionStudy(model, tokenizer, records))
 */
export function studyPlot(trials: OcclusionTrial[]): Figure {
  const box = (name: string, y: number[], color: string) => ({
    type: 'box',
    name,
    y,
    boxpoints: 'all',
    jitter: 0.6,
    pointpos: 0,
    marker: { color, size: 5 },
    line: { color, width: 1 },
    fillcolor: 'rgba(0, 0, 0, 0)',
    text: trials.map(({ question }) => question),
  });
  const values = (name: 'mostAttended' | 'neighbour' | 'random') => trials.map((trial) => trial[name]);
  const [most, neighbour, random] = [values('mostAttended'), values('neighbour'), values('random')];
  const medians = [most, neighbour, random].map((costs) => median(costs).toFixed(2));
  const alt = `Three clouds of ${counted(trials.length, 'point')}. In the median the answer loses ${medians[0]} without the most attended word of the text, ${medians[1]} without the word next to it, ${medians[2]} without a random word.`;
  return {
    data: [
      box('most attended word', most, COLOURS.second),
      box('word next to the answer', neighbour, PALETTE[2]),
      box('random words (mean)', random, COLOURS.main),
    ],
    layout: {
      ...layout('What hiding one word of the text costs, question by question', '', 'loss (log probability)', alt),
      showlegend: false,
    },
  };
}

/** Spearman's: the correlation of the ranks, -1 to 1. */
export function rankCorrelation(a: number[], b: number[]): number {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (a.length - 1) / 2;
  const product = (u: number[], v: number[]) => u.reduce((sum, rank, i) => sum + (rank - mean) * (v[i] - mean), 0);
  const size = Math.sqrt(product(x, x) * product(y, y));
  return size === 0 ? 0 : product(x, y) / size;
}

/** From 0; equal values share the mean of their ranks. */
function ranks(values: number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal - 1) / 2;
  });
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? 0 : (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

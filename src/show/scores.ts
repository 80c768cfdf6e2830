// Numbers of tokens shown on the text itself: scores, attention, what hiding a word costs; and scores as plots.
import { DataFrame } from 'danfojs-node';
import type { Exit } from '../inspect/early-exit';
import { type Reading, bestSpan } from '../inspect/reading';
import { softmax } from '../evaluation/softmax';
import { HEAT, tokenAxis } from './attention';
import { escapeHtml } from '../escape-html';
import { type Figure, COLOURS, layout } from './plots';
import { counted } from '../counted';

/** Red, green and blue of the palette's first two colours. */
const SHADES = { blue: '76, 120, 168', orange: '245, 133, 24' };
/** The darkest shade: text in the page's colour stays legible on it, light or dark. */
const DARKEST = 0.65;

export interface ShadeOptions {
  colour?: keyof typeof SHADES;
  /** The value of the darkest shade; by default the largest. */
  highest?: number;
  /** Marks tokens `[start, end]`. */
  marked?: { start: number; end: number };
}

/**
 * The row's texts with each token shaded by its value, special tokens too; a value below 0 counts as 0. Pointing at a token
 * shows its value. Text is escaped.
 *
 * @param values One a token.
 * @example display.html(shadedText(reading, attentionFrom(reading, bestSpan(reading)), 'attention of the answer'))
 */
export function shadedText(reading: Reading, values: ArrayLike<number>, caption: string, options: ShadeOptions = {}) {
  const { colour = 'blue', marked } = options;
  const highest = options.highest ?? Math.max(1e-9, ...Array.from(values));
  const parts = reading.tokens.map((token, i) => {
    const alpha = DARKEST * Math.min(1, Math.max(0, values[i] / highest));
    const line = marked && i >= marked.start && i <= marked.end ? `;border-bottom:3px solid ${COLOURS.second}` : '';
    const style = `background:rgba(${SHADES[colour]},${alpha.toFixed(2)});border-radius:3px;padding:1px 0${line}`;
    const title = `${token}: ${Number(values[i].toPrecision(3))}`;
    return `${gapBefore(reading, i)}<span style="${style}" title="${escapeHtml(title)}">${textOf(reading, i)}</span>`;
  });
  const head = `<small style="opacity:0.7">${escapeHtml(caption)}</small><br>`;
  return `<div style="line-height:2;margin:0.4em 0">${head}${parts.join('')}</div>`;
}

function textOf({ texts, sources, offsets, tokens }: Reading, i: number): string {
  const source = sources[i];
  if (source === undefined) return `<small style="opacity:0.7">${escapeHtml(tokens[i])}</small>`;
  return escapeHtml(texts[source].slice(...offsets[i]));
}

/** What stands between two tokens of one text; a space between texts. */
function gapBefore({ texts, sources, offsets }: Reading, i: number): string {
  if (i === 0) return '';
  const [before, source] = [sources[i - 1], sources[i]];
  if (source === undefined || before !== source) return ' ';
  return escapeHtml(texts[source].slice(offsets[i - 1][1], offsets[i][0]));
}

/**
 * How likely the answer starts, and ends, at each token, as two shaded lines; the best answer is underlined.
 *
 * @example display.html(scoreStrip(reading))
 */
export function scoreStrip(reading: Reading): string {
  const marked = bestSpan(reading);
  const start = shadedText(reading, softmax(reading.startLogits), 'start of the answer', { marked, highest: 1 });
  const end = shadedText(reading, softmax(reading.endLogits), 'end of the answer', {
    marked,
    highest: 1,
    colour: 'orange',
  });
  return start + end;
}

/**
 * The two scores of every token, before the softmax, as bars.
 *
 * @example scoreBars(reading)
 */
export function scoreBars(reading: Reading): Figure {
  const { tokens, startLogits, endLogits } = reading;
  const x = tokens.map((_, i) => i);
  const bars = (name: string, scores: Float32Array, color: string) => ({
    type: 'bar',
    name,
    x,
    y: Array.from(scores, rounded),
    marker: { color },
    text: tokens,
    textposition: 'none',
    hovertemplate: '%{text}: %{y}',
  });
  const best = (scores: Float32Array) => tokens[scores.indexOf(Math.max(...scores))];
  const alt = `Two bars for each of ${counted(tokens.length, 'token')}: its score as start and as end of the answer. The highest start is ${best(startLogits)}, the highest end ${best(endLogits)}.`;
  return {
    data: [bars('start', startLogits, COLOURS.main), bars('end', endLogits, COLOURS.second)],
    layout: {
      ...layout('Score of every token', '', 'score (logit)', alt),
      xaxis: { ...tokenAxis(tokens, 'token'), tickangle: -90, automargin: true },
      height: 400,
    },
  };
}

/**
 * What the model would answer if it ended after each layer; probabilities in percent.
 *
 * @example exitsTable(await earlyExits(model, reading))
 */
export function exitsTable(exits: Exit[]): DataFrame {
  const percent = (probability: number) => Math.round(1000 * probability) / 10;
  return new DataFrame(
    exits.map(({ layer, text, probability, finalProbability }) => ({
      after: layerName(layer),
      'best answer': text,
      'its probability': percent(probability),
      'probability of the final answer': percent(finalProbability),
    })),
  );
}

function layerName(layer: number): string {
  return layer === 0 ? 'embeddings' : `layer ${layer}`;
}

/**
 * What the answer head says after each layer: the probability of each token as the answer's start, layers from bottom to top.
 *
 * @example exitMap(reading, await earlyExits(model, reading))
 */
export function exitMap(reading: Reading, exits: Exit[]): Figure {
  const { tokens } = reading;
  const z = exits.map(({ startLogits }) => Array.from(softmax(startLogits), rounded));
  const names = exits.map(({ layer }) => layerName(layer));
  const alt = `A map of ${counted(exits.length, 'layer')} by ${counted(tokens.length, 'token')}: the probability that the answer starts there. Best answers from the first row to the last: ${exits.map(({ text }) => text).join('; ')}.`;
  return {
    data: [
      {
        type: 'heatmap',
        z,
        colorscale: HEAT,
        zmin: 0,
        zmax: 1,
        xgap: 1,
        ygap: 2,
        text: exits.map(() => tokens),
        hovertemplate: '%{text}: %{z}<extra></extra>',
        colorbar: { title: { text: 'probability', side: 'right' }, thickness: 12, outlinewidth: 0 },
      },
    ],
    layout: {
      ...layout('Where the answer starts, asked after each layer', '', '', alt),
      xaxis: { ...tokenAxis(tokens, 'token'), tickangle: -90, automargin: true },
      yaxis: { tickvals: names.map((_, i) => i), ticktext: names, automargin: true, showgrid: false, zeroline: false },
      height: 420,
    },
  };
}

function rounded(value: number): number {
  return Math.round(1000 * value) / 1000;
}

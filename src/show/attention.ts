// Attention weights as pictures: one head, all heads side by side, and what each layer looks at.
import { type HeadChoice, attentionMatrix, attentionTargets, TARGETS } from '../inspect/attention';
import type { Reading } from '../inspect/reading';
import { type Figure, layout, PALETTE } from './plots';

/** From nothing to orange: the page shows through where there is no attention. Small values rise steeply, so that they show. */
export const HEAT = [
  [0, 'rgba(245, 133, 24, 0)'],
  [0.1, 'rgba(245, 133, 24, 0.25)'],
  [0.4, 'rgba(245, 133, 24, 0.65)'],
  [1, 'rgba(245, 133, 24, 1)'],
];

/** Labels of tokens on an axis: plotly would take equal ones for one place. */
export function tokenAxis(tokens: string[], title: string): Record<string, unknown> {
  const tickvals = tokens.map((_, i) => i);
  return {
    title: { text: title },
    tickvals,
    ticktext: tokens,
    tickfont: { size: 10 },
    showgrid: false,
    zeroline: false,
  };
}

/**
 * One head (or, without one, the mean of a layer's heads) as a map: a row says how its token divides its attention.
 *
 * @param choice Layer and head from 0; the title counts from 1.
 * @param about What the title begins with.
 * @example attentionMap(reading, { layer: 0, head: 3 })
 */
export function attentionMap(reading: Reading, choice: HeadChoice, about = 'Attention'): Figure {
  const { tokens } = reading;
  const matrix = attentionMatrix(reading, choice).map((row) => row.map(rounded));
  const name = `layer ${choice.layer + 1}, ${choice.head === undefined ? 'mean of its heads' : `head ${choice.head + 1}`}`;
  const side = Math.max(360, 14 * tokens.length);
  const hover = '%{customdata} looks at %{text}: %{z}<extra></extra>';
  return {
    data: [
      {
        type: 'heatmap',
        z: matrix,
        colorscale: HEAT,
        zmin: 0,
        xgap: 1,
        ygap: 1,
        hovertemplate: hover,
        text: tokens.map(() => tokens),
        customdata: tokens.map((token) => tokens.map(() => token)),
        colorbar: { title: { text: 'share', side: 'right' }, thickness: 12, outlinewidth: 0 },
      },
    ],
    layout: {
      ...layout(`${about}: ${name}`, '', '', `${about}: ${alternative(reading, matrix, name)}`),
      xaxis: { ...tokenAxis(tokens, 'looked at'), tickangle: -90, automargin: true },
      yaxis: { ...tokenAxis(tokens, 'looking'), autorange: 'reversed', automargin: true },
      height: side + 120,
      width: side + 180,
    },
  };
}

function alternative({ tokens }: Reading, matrix: number[][], name: string): string {
  const columns = tokens.map((_, j) => matrix.reduce((sum, row) => sum + row[j], 0) / matrix.length);
  const most = columns.indexOf(Math.max(...columns));
  const share = Math.round(100 * columns[most]);
  return `${name} as a square of ${tokens.length} by ${tokens.length} tokens. The token looked at most is ${tokens[most]} with ${share} percent of all attention.`;
}

/** Empty cells between two heads. */
const GAP = 2;

/**
 * Every head of every layer as a small map, with the row's tokens from left to right and from top to bottom. Rows of more than
 * about 40 tokens make a large notebook.
 *
 * @example attentionHeads(reading)
 */
export function attentionHeads(reading: Reading): Figure {
  const { attentions, heads, tokens } = reading;
  const step = tokens.length + GAP;
  // of a map, so that all of them fit a page
  const side = Math.min(64, Math.floor(660 / heads));
  const z = Array.from({ length: attentions.length * step - GAP }, () => new Array<number | null>(heads * step - GAP).fill(null)); // prettier-ignore
  attentions.forEach((_, layer) => {
    for (let head = 0; head < heads; head++) {
      attentionMatrix(reading, { layer, head }).forEach((row, i) =>
        row.forEach((weight, j) => (z[layer * step + i][head * step + j] = Math.round(100 * weight) / 100)),
      );
    }
  });
  const alt = `${attentions.length} rows of ${heads} small maps: every attention head of every layer on the same tokens. Some show a diagonal, some a column, some a scatter of points.`;
  return {
    data: [{ type: 'heatmap', z, colorscale: HEAT, zmin: 0, zmax: 0.5, showscale: false, hoverinfo: 'skip' }],
    layout: {
      ...layout('All heads: each small square is one map', '', '', alt),
      xaxis: { ...blockAxis(heads, step, 'head'), side: 'top' },
      yaxis: { ...blockAxis(attentions.length, step, 'layer'), autorange: 'reversed' },
      shapes: frames(attentions.length, heads, step),
      height: side * attentions.length + 120,
      width: side * heads + 80,
      margin: { l: 60, r: 20, t: 100, b: 20 },
      title: { text: 'All heads: each small square is one map', y: 0.98, yanchor: 'top' },
    },
  };
}

function blockAxis(count: number, step: number, title: string): Record<string, unknown> {
  const tickvals = Array.from({ length: count }, (_, i) => i * step + (step - GAP - 1) / 2);
  const ticktext = tickvals.map((_, i) => String(i + 1));
  return { title: { text: title }, tickvals, ticktext, showgrid: false, zeroline: false };
}

function frames(layers: number, heads: number, step: number): Record<string, unknown>[] {
  const line = { color: 'rgba(128, 128, 128, 0.5)', width: 1 };
  return Array.from({ length: layers * heads }, (_, i) => {
    const [x, y] = [(i % heads) * step - 0.5, Math.floor(i / heads) * step - 0.5];
    return { type: 'rect', x0: x, x1: x + step - GAP, y0: y, y1: y + step - GAP, line };
  });
}

/**
 * Where the attention of each layer goes, as stacked bars.
 *
 * @example attentionTargetsPlot(reading)
 */
export function attentionTargetsPlot(reading: Reading): Figure {
  const layers = attentionTargets(reading);
  const x = layers.map((_, i) => i + 1);
  const special = layers.map((shares) => Math.round(100 * shares['special tokens']));
  const alt = `Stacked bars, one a layer. Special tokens get ${special.join(', ')} percent of the attention in the layers from first to last.`;
  const figure = layout('What the tokens of each layer look at', 'layer', 'share of attention (percent)', alt);
  return {
    data: TARGETS.map((target, i) => ({
      type: 'bar',
      name: target,
      x,
      y: layers.map((shares) => rounded(100 * shares[target])),
      marker: { color: PALETTE[i] },
    })),
    layout: { ...figure, barmode: 'stack', xaxis: { ...(figure.xaxis as object), dtick: 1 } },
  };
}

/** Three decimals: a picture shows no more, and a notebook keeps every digit. */
function rounded(value: number): number {
  return Math.round(1000 * value) / 1000;
}

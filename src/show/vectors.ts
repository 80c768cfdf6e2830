// Vectors of words: a table of neighbours, a map of points; and how training changed weights and vectors, layer by layer.
import { DataFrame } from 'danfojs-node';
import type { LayerSimilarity, WeightChange } from '../inspect/similarity';
import type { Neighbour, Projection } from '../inspect/vectors';
import { type Figure, COLOURS, GRID, layout, PALETTE } from './plots';
import { counted } from '../counted';

/**
 * The nearest tokens of several words, with their cosines, nearest first.
 *
 * @example neighboursTable({ red: await nearestTokens(model, tokenizer, 'red') })
 */
export function neighboursTable(neighbours: Record<string, Neighbour[]>): DataFrame {
  const rows = Object.entries(neighbours).map(([word, near]) => ({
    word,
    'nearest tokens': near.map(({ token, cosine }) => `${token} ${cosine.toFixed(2)}`).join(', '),
  }));
  return new DataFrame(rows);
}

export interface MapLabels {
  title: string;
  /** A text for each point, shown next to it. */
  labels: string[];
  /** The group of each point, which gives it its colour and shape. */
  groups: string[];
}

/** So that groups are told apart without colours, too. */
const SYMBOLS = ['circle', 'diamond', 'square', 'x', 'triangle-up', 'star'];

/**
 * Points of a plane by group; the axes say which share of the variance they hold.
 *
 * @example wordMap(project(vectors), { title: 'bank', labels: sentences, groups: ['river', 'money'] })
 */
export function wordMap({ points, shares }: Projection, { title, labels, groups }: MapLabels): Figure {
  const names = [...new Set(groups)];
  const sides = labelSides(points);
  const axis = (number: number) => `component ${number} (${Math.round(100 * shares[number - 1])} % of the variance)`;
  const alt = `${counted(points.length, 'point')} in a plane, in the groups ${names.join(', ')}. The two axes hold ${Math.round(100 * (shares[0] + shares[1]))} percent of the variance.`;
  return {
    data: names.map((name, i) => {
      const of = [...groups.keys()].filter((point) => groups[point] === name);
      return {
        type: 'scatter',
        mode: 'markers+text',
        name,
        textfont: { size: 10 },
        textposition: of.map((point) => sides[point]),
        x: of.map((point) => points[point][0]),
        y: of.map((point) => points[point][1]),
        text: of.map((point) => labels[point]),
        hovertemplate: '%{text}',
        marker: { color: PALETTE[i % PALETTE.length], symbol: SYMBOLS[i % SYMBOLS.length], size: 10 },
        cliponaxis: false,
      };
    }),
    layout: {
      ...layout(title, '', '', alt),
      xaxis: { title: { text: axis(1) }, ...GRID, range: widened(points.map(([x]) => x)) },
      yaxis: { title: { text: axis(2) }, ...GRID, range: widened(points.map(([, y]) => y)) },
      height: 460,
    },
  };
}

/** Each label above its point, or below where it would lie on fewer labels and points. */
function labelSides(points: [number, number][]): ('top center' | 'bottom center')[] {
  const [width, height] = [0, 1].map((axis) => {
    const values = points.map((point) => point[axis]);
    return Math.max(...values) - Math.min(...values) || 1;
  });
  // in shares of the width and the height of all: a label is 0.2 by 0.034, a point 0.02 by 0.026
  const touching = (places: number[][], [x, y]: number[], [wide, high]: number[]) =>
    places.filter((place) => Math.abs(place[0] - x) / width < wide && Math.abs(place[1] - y) / height < high).length;
  const labels: number[][] = [];
  return points.map(([x, y], i) => {
    const others = points.filter((_, other) => other !== i);
    const cost = (place: number[]) => 2 * touching(labels, place, [0.2, 0.034]) + touching(others, place, [0.11, 0.03]);
    const [above, below] = [0.043, -0.043].map((share) => [x, y + share * height]);
    const isAbove = cost(above) <= cost(below);
    labels.push(isAbove ? above : below);
    return isAbove ? 'top center' : 'bottom center';
  });
}

/** Room for the labels of the outermost points. */
function widened(values: number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return [low - 0.15 * (high - low), high + 0.15 * (high - low)];
}

/**
 * How far training moved the weights of each layer.
 *
 * @example weightChangePlot(await weightChanges(encoder, model))
 */
export function weightChangePlot(changes: WeightChange[]): Figure {
  const parts = [...new Set(changes.map(({ part }) => part))];
  const names = [...new Set(changes.map(({ layer }) => layer))].map(layerName);
  const most = changes.reduce((a, b) => (b.change > a.change ? b : a));
  const alt = `Bars for the parts of each layer. The largest change, ${(100 * most.change).toFixed(1)} percent, is in ${most.part}, ${layerName(most.layer)}.`;
  const figure = layout('How far training moved the weights', '', 'change (percent of the weights’ size)', alt);
  return {
    data: parts.map((part, i) => {
      const of = changes.filter((change) => change.part === part);
      return {
        type: 'bar',
        name: part,
        marker: { color: PALETTE[i] },
        x: of.map(({ layer }) => layerName(layer)),
        y: of.map(({ change }) => 100 * change),
      };
    }),
    layout: { ...figure, xaxis: { categoryorder: 'array', categoryarray: names } },
  };
}

/**
 * How alike each layer's output is before and after training.
 *
 * @example similarityPlot(await layerSimilarity(before, after))
 */
export function similarityPlot(similarities: LayerSimilarity[]): Figure {
  const x = similarities.map(({ layer }) => layerName(layer));
  const line = (name: string, y: number[], color: string, dash: string) => ({
    type: 'scatter',
    mode: 'lines+markers',
    name,
    x,
    y,
    line: { color, dash },
  });
  const last = similarities[similarities.length - 1];
  const alt = `Two falling lines over the layers. After the last layer CKA is ${last.cka.toFixed(2)} and the mean cosine ${last.cosine.toFixed(2)}; 1 would be no change.`;
  const figure = layout('How alike each layer’s vectors are before and after training', '', 'similarity', alt);
  return {
    data: [
      line('CKA: the tokens among each other', similarities.map(({ cka }) => cka), COLOURS.main, 'solid'), // prettier-ignore
      line('cosine: each token with itself', similarities.map(({ cosine }) => cosine), COLOURS.second, 'dot'), // prettier-ignore
    ],
    layout: { ...figure, yaxis: { ...(figure.yaxis as object), range: [Math.min(0, last.cosine), 1.05] } },
  };
}

/**
 * How alike vectors of one meaning are, and those of different meanings, layer by layer from the embeddings on.
 *
 * @example meaningsPlot(layers.map((vectors) => groupCosines(vectors, groups)))
 */
export function meaningsPlot(cosines: { same: number; other: number }[]): Figure {
  const x = cosines.map((_, layer) => layerName(layer));
  const line = (name: string, y: number[], color: string, dash: string) => ({
    type: 'scatter',
    mode: 'lines+markers',
    name,
    x,
    y,
    line: { color, dash },
  });
  const gaps = cosines.map(({ same, other }) => same - other);
  const widest = layerName(gaps.indexOf(Math.max(...gaps)));
  const alt = `Two lines over the layers: mean cosine within one meaning and between meanings. They are furthest apart at ${widest}.`;
  return {
    data: [
      line('same meaning', cosines.map(({ same }) => same), COLOURS.main, 'solid'), // prettier-ignore
      line('different meanings', cosines.map(({ other }) => other), COLOURS.second, 'dot'), // prettier-ignore
    ],
    layout: layout('One word in different sentences', '', 'mean cosine of two vectors', alt),
  };
}

function layerName(layer: number): string {
  return layer === 0 ? 'embeddings' : `layer ${layer}`;
}

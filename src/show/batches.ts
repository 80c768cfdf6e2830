// What batches are made of: tokens that carry text, and padding.
import { DataFrame } from 'danfojs-node';
import type { Features } from '../tokens/features';
import { rowLength } from '../training/batch';
import { type LoaderOptions, DataLoader } from '../training/loader';
import { type Figure, COLOURS, GRID, layout } from './plots';

/** A batch in numbers. */
export interface BatchSize {
  rows: number;
  /** Tokens of its rows. */
  tokens: number;
  /** What fills shorter rows up. */
  padding: number;
}

/**
 * The batches of the first epoch, in their order.
 *
 * @example batchSizes(features, { batchSize: 16, shuffle: true, bucket: false })
 */
export function batchSizes(features: Features, options: Partial<LoaderOptions>): BatchSize[] {
  const { padTo = 0 } = options;
  return new DataLoader(features, options).plan(0).map((rows) => {
    const lengths = rows.map((row) => rowLength(features, row));
    const tokens = lengths.reduce((a, b) => a + b, 0);
    return { rows: rows.length, tokens, padding: rows.length * Math.max(padTo, ...lengths) - tokens };
  });
}

/** Tokens and padding of an epoch for several ways of making batches. */
export function paddingTable(ways: Record<string, BatchSize[]>): DataFrame {
  const rows = Object.entries(ways).map(([name, batches]) => {
    const sum = (key: keyof BatchSize) => batches.reduce((total, batch) => total + batch[key], 0);
    const [tokens, padding] = [sum('tokens'), sum('padding')];
    const share = `${Math.round((100 * padding) / (tokens + padding))} %`;
    return { batches: name, number: batches.length, tokens, padding, 'padding share': share };
  });
  return new DataFrame(rows);
}

/**
 * Each batch as a bar of tokens with its padding on top, the ways side by side.
 *
 * @example batchesPlot({ mixed, sorted })
 */
export function batchesPlot(ways: Record<string, BatchSize[]>): Figure {
  const names = Object.keys(ways);
  const data = names.flatMap((name, panel) => {
    const axis = panel === 0 ? 'x' : `x${panel + 1}`;
    const x = ways[name].map((_, i) => i + 1);
    const bars = (key: 'tokens' | 'padding', color: string) => ({
      type: 'bar',
      name: key,
      legendgroup: key,
      showlegend: panel === 0,
      marker: { color },
      x,
      y: ways[name].map((batch) => batch[key]),
      xaxis: axis,
    });
    return [bars('tokens', COLOURS.main), bars('padding', COLOURS.second)];
  });
  const axes = names.map((name, panel) => {
    return [`xaxis${panel === 0 ? '' : panel + 1}`, { title: { text: `batch, ${name}` }, ...GRID }];
  });
  const shares = names.map((name) => `${name} ${percentOfPadding(ways[name])} %`);
  const alt = `Bars of tokens with padding on top, a panel each; share of padding: ${shares.join(', ')}.`;
  return {
    data,
    layout: {
      ...layout('Tokens and padding of each batch', '', 'tokens', alt),
      ...Object.fromEntries(axes),
      barmode: 'stack',
      bargap: 0,
      grid: { rows: 1, columns: names.length, pattern: 'coupled' },
    },
  };
}

function percentOfPadding(batches: BatchSize[]): number {
  const padding = batches.reduce((total, batch) => total + batch.padding, 0);
  const tokens = batches.reduce((total, batch) => total + batch.tokens, 0);
  return Math.round((100 * padding) / (tokens + padding));
}

// Plotly's figures, plain objects of data and layout, as plots.
import type { Bundle } from './forms';

interface Figure {
  data: { type?: string }[];
  layout: { title?: string | { text?: string }; meta?: { alt?: string } };
}

export function isFigure(value: unknown): value is Figure {
  if (typeof value !== 'object' || value === null) return false;
  const { data, layout } = value as Partial<Figure>;
  return Array.isArray(data) && typeof layout === 'object' && layout !== null;
}

/** As text it is what `layout.meta.alt` says it shows, or else its title and kinds of traces. */
export function renderFigure(figure: Figure): Bundle {
  const { title, meta } = figure.layout;
  if (meta?.alt) return { 'application/vnd.plotly.v1+json': figure, 'text/plain': meta.alt };
  const name = (typeof title === 'string' ? title : title?.text) ?? 'untitled';
  const traces = figure.data.map((trace) => trace.type ?? 'scatter').join(', ');
  return { 'application/vnd.plotly.v1+json': figure, 'text/plain': `Plot "${name}" (${traces})` };
}

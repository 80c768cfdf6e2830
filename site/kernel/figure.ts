// Plotly's figures in the site: JupyterLite draws them itself, so that no page has to fetch plotly.
import { isFigure } from '../../kernel/show/figure';
import type { Bundle } from '../../kernel/show/forms';

interface Figure {
  layout: { title?: string | { text?: string }; meta?: { alt?: string } };
}

export { isFigure };

export function renderFigure(figure: Figure): Bundle {
  const { meta, title } = figure.layout;
  const name = typeof title === 'string' ? title : title?.text;
  return { 'application/vnd.plotly.v1+json': figure, 'text/plain': meta?.alt ?? `Plot "${name ?? 'untitled'}"` };
}

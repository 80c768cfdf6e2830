// Plotly's figures in the site: JupyterLite draws them itself, so that no page has to fetch plotly.
import { type Figure, isFigure, isNearlyFigure, plainFigure, renderNearlyFigure } from '../../kernel/show/figure';
import type { Bundle } from '../../kernel/show/forms';

export { isFigure, isNearlyFigure, renderNearlyFigure };

export function renderFigure(given: Figure): Bundle {
  const { figure, text } = plainFigure(given);
  return { 'application/vnd.plotly.v1+json': figure, 'text/plain': text };
}

// Plotly's figures in JupyterLab: as wide as the page, in the theme's colours, named for those who do not see them.

interface Figure {
  data: unknown[];
  layout?: Record<string, unknown> & { title?: string | { text?: string }; width?: number; meta?: { alt?: string } };
  config?: Record<string, unknown>;
}
interface Plotly {
  react(node: HTMLElement, data: unknown[], layout: object, config: object): Promise<unknown>;
  relayout(node: HTMLElement, change: object): Promise<unknown>;
  purge(node: HTMLElement): void;
}

/** Where this bundle came from, known only while it is loaded. */
const SOURCE = (document.currentScript as HTMLScriptElement | null)?.src ?? '';
let plotly: Promise<Plotly> | undefined;
/** What is to be undone for each plot. */
const undo = new WeakMap<HTMLElement, () => void>();

export async function drawPlot(node: HTMLElement, value: unknown): Promise<void> {
  const { data, layout = {}, config } = value as Figure;
  const Plotly = await (plotly ??= loadPlotly());
  node.setAttribute('role', 'figure');
  node.setAttribute('aria-label', alternative(layout));
  node.style.overflow = 'hidden';
  const settings = { displaylogo: false, ...config };
  const isThemed = seesThrough(layout);
  const sized = () => ({
    ...(isThemed && { template: THEMED }),
    ...fitted(layout, node.clientWidth),
    ...(isThemed && { font: { ...(layout.font as object), color: textColour() } }),
  });
  let width = node.clientWidth;
  await Plotly.react(node, data, sized(), settings);
  if (undo.has(node)) return;
  const resized = new ResizeObserver(() => {
    if (node.clientWidth === width || node.clientWidth === 0) return;
    width = node.clientWidth;
    void Plotly.relayout(node, { width: fitted(layout, width).width });
  });
  resized.observe(node);
  const themed = new MutationObserver(() => {
    if (isThemed) void Plotly.relayout(node, { 'font.color': textColour() });
  });
  themed.observe(document.body, { attributes: true, attributeFilter: ['data-jp-theme-light', 'data-jp-theme-name'] });
  undo.set(node, () => {
    resized.disconnect();
    themed.disconnect();
    Plotly.purge(node);
  });
}

export function forgetPlot(node: HTMLElement): void {
  undo.get(node)?.();
  undo.delete(node);
}

/** What plotly would draw for a white page: on a dark one its letters would be white on white. A figure's own settings go before. */
const AXIS = { gridcolor: 'rgba(128, 128, 128, 0.3)', linecolor: '#808080', zerolinecolor: '#808080' };
const CLEAR = 'rgba(0, 0, 0, 0)';
const THEMED = { layout: { paper_bgcolor: CLEAR, plot_bgcolor: CLEAR, xaxis: AXIS, yaxis: AXIS } };

/** Whether the page shows behind a figure; one with a background of its own keeps its own letters, too. */
function seesThrough({ paper_bgcolor: paper, template }: NonNullable<Figure['layout']>): boolean {
  if (paper === undefined) return template === undefined;
  return typeof paper === 'string' && /^(transparent|rgba\(.*,\s*0\))$/.test(paper);
}

/** A plot is never wider than its page, and only as wide as it wants to be. */
function fitted(layout: NonNullable<Figure['layout']>, available: number) {
  const room = available > 0 ? available : 800;
  return { ...layout, width: Math.min(layout.width ?? room, room) };
}

function alternative({ meta, title }: NonNullable<Figure['layout']>): string {
  return meta?.alt ?? (typeof title === 'string' ? title : title?.text) ?? 'plot';
}

function textColour(): string {
  return getComputedStyle(document.body).getPropertyValue('--jp-content-font-color1').trim() || '#757575';
}

function loadPlotly(): Promise<Plotly> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = new URL('plotly.js', SOURCE || location.href).href;
    script.onload = () => resolve((window as unknown as { Plotly: Plotly }).Plotly);
    script.onerror = () => reject(new Error('plotly could not be loaded; run npm run setup'));
    document.head.append(script);
  });
}

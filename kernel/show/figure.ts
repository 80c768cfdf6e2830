// Plotly's figures, plain objects of data and layout, as plots.
import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { escapeHtml } from '../../src/escape-html';
import { asLists, withValues } from './columns';
import type { Bundle } from './forms';
import { isFrame } from './frame';
import { plainJson } from './json';

export interface Figure {
  data: { type?: string }[];
  layout?: { title?: string | { text?: string }; meta?: { alt?: string }; height?: number };
  config?: Record<string, unknown>;
}

/** The kinds of traces that plotly draws. */
const TRACES = new Set([
  ...['bar', 'barpolar', 'box', 'candlestick', 'carpet', 'choropleth', 'choroplethmap', 'choroplethmapbox', 'cone'],
  ...['contour', 'contourcarpet', 'densitymap', 'densitymapbox', 'funnel', 'funnelarea', 'heatmap', 'histogram'],
  ...['histogram2d', 'histogram2dcontour', 'icicle', 'image', 'indicator', 'isosurface', 'mesh3d', 'ohlc', 'parcats'],
  ...['parcoords', 'pie', 'sankey', 'scatter', 'scatter3d', 'scattercarpet', 'scattergeo', 'scattergl', 'scattermap'],
  ...['scattermapbox', 'scatterpolar', 'scatterpolargl', 'scattersmith', 'scatterternary', 'splom', 'streamtube'],
  ...['sunburst', 'surface', 'table', 'treemap', 'violin', 'volume', 'waterfall'],
]);

/** What a figure may have; an answer of some server with `data` and `layout` has more, or no traces. */
const PARTS = new Set(['data', 'layout', 'config', 'frames']);

export function isFigure(value: unknown): value is Figure {
  const traces = tracesOf(value);
  if (traces.length === 0 || !traces.every(isTrace)) return false;
  const { layout } = value as Figure;
  // without a layout only what shows values as plotly wants them; an answer of some server may have `data` and a `type` in it, too
  if (layout === undefined ? !traces.every(hasValues) : !isObject(layout)) return false;
  return Object.keys(value as object).every((name) => PARTS.has(name));
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function tracesOf(value: unknown): unknown[] {
  return isObject(value) && Array.isArray(value.data) ? value.data : [];
}

/** A trace says its kind, or has at least the numbers of a scatter plot, the kind that need not be said. */
function isTrace(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { type, x, y } = value;
  return type === undefined ? [x, y].some(isList) : typeof type === 'string' && TRACES.has(type);
}

/** Numbers or words of a trace: a list, or a column of a frame. */
const isList = (value: unknown) => Array.isArray(value) || ArrayBuffer.isView(value) || isFrame(value);
const hasValues = (trace: unknown) => isObject(trace) && ['x', 'y', 'z', 'values', 'labels'].some((name) => isList(trace[name])); // prettier-ignore

/** With one trace where a list of them belongs, in that list. */
function withBrackets(value: unknown): unknown {
  return isObject(value) && isObject(value.data) && !Array.isArray(value.data)
    ? { ...value, data: [value.data] }
    : undefined;
}

/** What somebody meant as a figure: every trace has a kind, known or not, and values; or the list's brackets are missing. */
export function isNearlyFigure(value: unknown): value is Record<string, unknown> {
  const listed = withBrackets(value);
  if (listed !== undefined) return isFigure(listed) || isNearlyFigure(listed);
  const traces = tracesOf(value);
  return traces.length > 0 && !isFigure(value) && traces.every((trace) => hasValues(trace) && 'type' in (trace as object)); // prettier-ignore
}

/** Printed as it is, with the reason why no plot was drawn. */
export function renderNearlyFigure(value: Record<string, unknown>, plain: (value: unknown) => string): Bundle {
  return { 'text/plain': `${plain(value)}\nThis is no plot: ${reason(value)}.` };
}

function reason(value: Record<string, unknown>): string {
  if (withBrackets(value)) return 'its data is one trace and no list of traces; write it in brackets, data: [{ … }]';
  const unknown = tracesOf(value).find((trace) => !isTrace(trace)) as { type?: unknown } | undefined;
  if (unknown) {
    const kinds = 'bar, box, heatmap, histogram, pie, scatter, violin and others';
    return `${JSON.stringify(unknown.type) ?? 'its type'} is no kind of trace; plotly draws ${kinds}`;
  }
  const part = Object.keys(value).find((name) => !PARTS.has(name));
  if (part !== undefined) return `"${part}" is no part of a figure; it has ${[...PARTS].join(', ')}`;
  return 'its layout is no object; write layout: {} for a plain one';
}

/** A figure without frames and tensors, and its text: what `layout.meta.alt` says it shows, or else its title and kinds of traces. */
export function plainFigure(given: Figure): { figure: Figure; text: string } {
  const figure = { ...withValues(given, asLists), layout: withValues(given.layout ?? {}, asLists) };
  return { figure, text: describe(figure) };
}

export function renderFigure(given: Figure): Bundle {
  const { figure, text } = plainFigure(given);
  return { 'application/vnd.plotly.v1+json': figure, 'text/html': drawing(figure, text), 'text/plain': text };
}

function describe({ data, layout = {} }: Figure): string {
  const { title, meta } = layout;
  if (meta?.alt) return meta.alt;
  const name = (typeof title === 'string' ? title : title?.text) ?? 'untitled';
  return `Plot "${name}" (${data.map((trace) => trace.type ?? 'scatter').join(', ')})`;
}

/** A page that knows no plotly fetches it, once; where no script runs, the text stays. */
function drawing(figure: Figure, text: string): string {
  const id = `plot-${randomUUID()}`;
  const { data, layout = {}, config } = plainJson(figure) as Figure;
  const [traces, style, settings] = [data, layout, { responsive: true, ...config }].map(inScript);
  const script = plotlyScript();
  return `<div id="${id}" style="height: ${Number(layout.height) || 450}px">${escapeHtml(text)}</div>
<script>
(() => {
  const place = document.getElementById('${id}');
  const draw = () => { place.textContent = ''; Plotly.newPlot(place, ${traces}, ${style}, ${settings}); };
  const page = window;
  if (page.Plotly) return draw();
  page.plotlyLoads ??= new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement('script'), {
      src: '${script.url}', integrity: '${script.integrity}', crossOrigin: 'anonymous', onload: resolve, onerror: reject,
    });
    document.head.append(script);
  });
  page.plotlyLoads.then(draw, () => undefined);
})();
</script>`;
}

/** JSON that can stand in a script of a page. */
function inScript(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

let found: { url: string; integrity: string } | undefined;

/** Where a page finds the plotly that this project has, and the hash of it. */
function plotlyScript(): { url: string; integrity: string } {
  if (found) return found;
  const file = require.resolve('plotly.js-dist');
  const folder = path.dirname(file);
  const { version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string };
  const hash = createHash('sha384').update(fs.readFileSync(file)).digest('base64');
  const url = `https://cdn.jsdelivr.net/npm/plotly.js-dist@${version}/plotly.js`;
  return (found = { url, integrity: `sha384-${hash}` });
}

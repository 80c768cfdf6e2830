// Figures that somebody writes in a cell, in JupyterLab's themes: their letters can be read on light pages and on dark ones.
import assert from 'node:assert/strict';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { plotlyScript } from '../../src/setup/notebook-view';
import { startBrowser } from '../browser/chromium';

const PLOT = path.join(__dirname, '..', '..', 'kernel', 'view', 'plot.ts');
const PAGE = 'http://lab.test/';
let [browser, script] = [] as unknown as [Browser, string];

before(async () => {
  const bundle = { bundle: true, write: false, format: 'iife', globalName: 'view' } as const;
  const made = await build({ entryPoints: [PLOT], ...bundle });
  script = made.outputFiles[0].text;
  browser = await startBrowser();
});
after(() => browser?.close());

/** The colours of the background and of the title of a figure, on a page of a theme. */
async function colours(theme: 'light' | 'dark', layout: object): Promise<{ background: string; title: string }> {
  const [page, text] = [await browser.newPage(), theme === 'dark' ? '#ffffff' : '#000000'];
  const body = `<body style="--jp-content-font-color1: ${text}"><div id="plot"></div><script>${script}</script></body>`;
  await page.route(PAGE, (route) => route.fulfill({ contentType: 'text/html', body }));
  await page.route(`${PAGE}plotly.js`, (route) => route.fulfill({ path: plotlyScript() }));
  await page.goto(PAGE);
  const figure = { data: [{ type: 'bar', x: ['a', 'b'], y: [1, 2] }], layout: { title: { text: 'T' }, ...layout } };
  await page.evaluate(`view.drawPlot(document.getElementById('plot'), ${JSON.stringify(figure)})`);
  const found = await page.evaluate(() => ({
    background: getComputedStyle(document.querySelector('.main-svg')!).backgroundColor,
    title: getComputedStyle(document.querySelector('.gtitle')!).fill,
  }));
  await page.close();
  return found;
}

const CLEAR = 'rgba(0, 0, 0, 0)';

test('a figure without colours has the page behind it and letters in its colour', async () => {
  assert.deepEqual(await colours('dark', {}), { background: CLEAR, title: 'rgb(255, 255, 255)' });
  assert.deepEqual(await colours('light', {}), { background: CLEAR, title: 'rgb(0, 0, 0)' });
});

test('a figure with a background of its own keeps its own letters', async () => {
  const { background, title } = await colours('dark', { paper_bgcolor: 'white' });
  assert.deepEqual([background, title], ['rgb(255, 255, 255)', 'rgb(68, 68, 68)']);
  assert.deepEqual(await colours('dark', { paper_bgcolor: CLEAR }), { background: CLEAR, title: 'rgb(255, 255, 255)' });
});

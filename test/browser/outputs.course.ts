// Every saved output of the course on a laptop's screen, 1280 pixels wide, in notebooks that nobody trusted yet: none is cut off,
// every plot is drawn and named, and every table can be sorted.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from './chromium';
import { expect } from './expect';
import { type Lab, startLab } from './lab';

const NOTEBOOKS = path.resolve(__dirname, '..', '..', 'notebooks');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lab-outputs-'));
let [browser, lab] = [] as unknown as [Browser, Lab];

before(async () => {
  fs.cpSync(NOTEBOOKS, folder, { recursive: true });
  [browser, lab] = await Promise.all([startBrowser(), startLab(folder)]);
});
after(async () => {
  await browser?.close();
  await lab?.stop();
  fs.rmSync(folder, { recursive: true });
});

interface Saved {
  cells: { outputs?: { data?: Record<string, unknown> }[] }[];
}
/** How many outputs of a kind a notebook has. */
function saved(name: string, type: string): number {
  const { cells } = JSON.parse(fs.readFileSync(path.join(NOTEBOOKS, name), 'utf8')) as Saved;
  return cells.flatMap(({ outputs = [] }) => outputs).filter(({ data }) => data && type in data).length;
}

/** Scrolls through the notebook, so that everything is drawn; @returns what is wider than its place. */
async function cutOff(page: Page): Promise<string[]> {
  const outputs = page.locator('.jp-Notebook .jp-OutputArea-output');
  const wide: string[] = [];
  for (let i = 0; i < (await outputs.count()); i++) {
    await outputs.nth(i).scrollIntoViewIfNeeded();
    wide.push(...(await outputs.nth(i).evaluate(widerThanItsPlace)));
  }
  return wide;
}

/** Runs in the page: an output must end before the window does, and what is in it before the output does. */
function widerThanItsPlace(output: Element): string[] {
  const edge = Math.min(output.closest('.jp-Notebook')!.getBoundingClientRect().right, window.innerWidth) + 1;
  const parts = [output, ...output.querySelectorAll('img, svg.main-svg, table, progress, .legend')];
  return parts
    .filter((part) => part.getBoundingClientRect().right > edge || part.scrollWidth > part.clientWidth + 1)
    .filter((part) => part === output || part.getBoundingClientRect().right > edge)
    .map(
      (part) => `${part.tagName} ${part.getBoundingClientRect().right} of ${edge}: ${output.textContent.slice(0, 60)}`,
    );
}

const names = ['.', 'solutions'].flatMap((place) =>
  fs
    .readdirSync(path.join(NOTEBOOKS, place))
    .filter((name) => name.endsWith('.ipynb'))
    .map((name) => path.join(place, name)),
);
for (const name of names) {
  test(`${name}: no output is cut off; plots are drawn and named`, { timeout: 600_000 }, async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(`${lab.url}/lab/tree/${name}?reset`);
    await page.locator('.jp-Notebook .jp-Cell').first().waitFor({ timeout: 180_000 });
    const plots = page.locator('.js-plotly-plot');
    const expected = saved(name, 'application/vnd.plotly.v1+json');
    await expect(async () => {
      await cutOff(page); // draws what was out of sight
      const drawn = await plots.count();
      return [drawn === expected, `${drawn} of ${expected} plots`];
    }, 120_000);
    assert.deepEqual(await cutOff(page), []);
    for (const plot of await plots.all()) assert.ok(((await plot.getAttribute('aria-label')) ?? '').length > 30);
    const sortable = page.locator('.jp-OutputArea-output th[aria-sort]').first();
    // where nothing is plotted, nothing has been waited for
    if (saved(name, 'application/vnd.spanlab.table+json') > 0) await sortable.waitFor({ timeout: 60_000 });
    await page.close();
  });
}

// Tables of frames in a browser, as JupyterLab draws them: what they say of themselves while somebody searches.
import assert from 'node:assert/strict';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '../browser/chromium';

const TABLE = path.join(__dirname, '..', '..', 'kernel', 'view', 'table.ts');
let [browser, page] = [] as unknown as [Browser, Page];

before(async () => {
  const made = await build({ entryPoints: [TABLE], bundle: true, write: false, format: 'iife', globalName: 'view' });
  browser = await startBrowser();
  page = await browser.newPage();
  await page.setContent('<div id="table"></div>');
  await page.addScriptTag({ content: made.outputFiles[0].text });
});
after(() => browser?.close());

test('a search with one hit has 1 row, and a frame of one column has 1 column', async () => {
  const rows = Array.from({ length: 30 }, (_, i) => [`question ${i}`]);
  const data = { columns: [{ name: 'text', isNumber: false }], rows, total: rows.length };
  await page.evaluate(`view.drawTable(document.getElementById('table'), ${JSON.stringify(data)})`);
  const status = page.locator('[role=status]');
  assert.equal(await page.getAttribute('#table', 'aria-label'), 'table of 30 rows and 1 column');
  assert.equal(await status.textContent(), 'rows 1 to 20 of 30 × 1 column');
  await page.fill('input', 'question 7');
  assert.equal(await status.textContent(), '1 row, searched in 30 × 1 column');
  await page.fill('input', 'nowhere');
  assert.equal(await status.textContent(), '0 rows, searched in 30 × 1 column');
});

// The report of an evaluation in a real browser: light and dark, on a phone, without a broken rule of accessibility.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { writeReport } from '../../src/show/report';
import { assertAccessible } from '../browser/accessible';
import { picture, startBrowser } from '../browser/chromium';
import { smallEvaluation } from './evaluation';

let browser: Browser;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-report-'));
before(async () => (browser = await startBrowser()));
after(async () => {
  await browser?.close();
  fs.rmSync(folder, { recursive: true });
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the report, ${colorScheme}`, async () => {
    const file = writeReport(folder, smallEvaluation(), { title: 'small on dev.json' });
    const context = await browser.newContext({ colorScheme, viewport: { width: 390, height: 844 } });
    const page = await context.newPage();
    await page.goto(pathToFileURL(file).href);
    assert.equal(await page.textContent('h1'), 'small on dev.json');
    await assertAccessible(page);
    const groups = page.locator('section', { hasText: 'With and without an answer' }).locator('table').first();
    assert.match(await groups.innerText(), /^group\s+questions\s+exact match\s+F1\s[^]*\d\.\d %/);
    // a number and its unit stand on one line
    const lines = await page.locator('td.number').evaluateAll((cells) =>
      cells.map((cell) => {
        const range = document.createRange();
        range.selectNodeContents(cell);
        return range.getClientRects().length;
      }),
    );
    assert.deepEqual([...new Set(lines)], [1]);
    // charts have names of their own, and none hides a part of itself
    const charts = page.locator('svg.chart');
    const names = await charts.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')!.split(/[,:]/)[0]));
    assert.ok(names.length >= 7 && new Set(names).size === names.length, names.join('; '));
    const outside = await page.locator('.chart text').evaluateAll((texts) =>
      texts
        .filter((text) => {
          const [inner, outer] = [text, text.closest('svg')!].map((element) => element.getBoundingClientRect());
          return inner.left < outer.left - 1 || inner.right > outer.right + 1 || text.textContent!.endsWith('…');
        })
        .map((text) => text.textContent),
    );
    assert.deepEqual(outside, []);
    const scrolling = await page
      .locator('body *')
      .evaluateAll((all) =>
        all
          .filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === 'auto')
          .map((one) => one.tagName),
      );
    assert.deepEqual(
      scrolling.filter((tag) => tag !== 'TABLE'),
      [],
    );
    // their labels, which have 11 units, can be read
    const heights = await page.locator('.chart text').evaluateAll((texts) =>
      texts.map((text) => {
        const { a, b } = (text as SVGTextElement).getScreenCTM()!;
        return 11 * Math.hypot(a, b);
      }),
    );
    assert.ok(heights.length > 10 && Math.min(...heights) >= 10, `${Math.min(...heights)} px`);
    await picture(page, `report-${colorScheme}`);
    await context.close();
  });
}

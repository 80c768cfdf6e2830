// The report in a real browser: whole, without a network, legible in light and dark.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { writeReport } from '../../src/show/report';
import { picture, startBrowser } from '../browser/chromium';
import { ATTACK, smallEvaluation } from './evaluation';

let browser: Browser;
let file: string;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
before(async () => {
  file = writeReport(folder, smallEvaluation(), { title: 'Dev <set>' });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  fs.rmSync(folder, { recursive: true });
});

/** Contrast of two colours as WCAG 2 defines it. */
function contrast(colours: string[]): number {
  const luminance = (colour: string) => {
    const parts = colour.match(/[\d.]+/g)!.map(Number).slice(0, 3); // prettier-ignore
    const [r, g, b] = parts.map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4)); // prettier-ignore
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [low, high] = colours.map(luminance).sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

async function colours(page: Page, selector: string, background: string): Promise<string[]> {
  return page.evaluate(
    ([inner, outer]) => {
      const canvas = document.createElement('div');
      canvas.style.background = 'Canvas';
      document.body.append(canvas);
      const behind = outer === '' ? canvas : document.querySelector(outer)!;
      return [getComputedStyle(document.querySelector(inner)!).color, getComputedStyle(behind).backgroundColor];
    },
    [selector, background],
  );
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`${colorScheme}: everything is there, nothing is fetched, nothing runs, text stands out`, async () => {
    const page = await browser.newPage({ colorScheme });
    const fetched: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => fetched.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    await page.goto(pathToFileURL(file).href);
    assert.deepEqual(fetched, [pathToFileURL(file).href]);
    assert.deepEqual(complaints, []);
    assert.equal(await page.textContent('h1'), 'Dev <set>');
    assert.equal(await page.locator('script, img, link').count(), 0);
    assert.equal(await page.locator('svg').count(), 8);
    assert.equal(await page.locator('article').count(), 4);
    assert.ok((await page.textContent('article >> nth=0'))!.includes(ATTACK));
    for (const svg of await page.locator('svg').all()) assert.ok((await svg.boundingBox())!.height > 100);
    assert.ok(contrast(await colours(page, 'td', '')) > 7);
    assert.ok(contrast(await colours(page, 'mark.predicted', 'mark.predicted')) > 7);
    await picture(page, `report-${colorScheme}`);
    await page.close();
  });
}

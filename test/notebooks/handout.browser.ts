// The hand-out on paper: two pages, A4 or Letter.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../../src/root';
import { startBrowser } from '../browser/chromium';

test('the hand-out has two pages to print', async () => {
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(path.join(projectRoot(), 'notebooks', 'handout.html')).href);
    for (const format of ['A4', 'Letter']) {
      const pdf = (await page.pdf({ format, preferCSSPageSize: false, margin: sides('13mm') })).toString('latin1');
      assert.equal(pdf.match(/\/Type\s*\/Page[^s]/g)?.length, 2, format);
    }
  } finally {
    await browser.close();
  }
});

const sides = (width: string) => ({ top: width, right: width, bottom: width, left: width });

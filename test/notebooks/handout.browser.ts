// The hand-out on paper, two pages of A4 or Letter, and on screens.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../../src/root';
import { assertAccessible } from '../browser/accessible';
import { picture, startBrowser } from '../browser/chromium';

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

for (const width of [390, 1280]) {
  test(`the hand-out on a screen of ${width} px: it fits, and breaks no rule of accessibility`, async () => {
    const browser = await startBrowser();
    try {
      const page = await browser.newPage({ viewport: { width, height: 844 } });
      await page.goto(pathToFileURL(path.join(projectRoot(), 'notebooks', 'handout.html')).href);
      await assertAccessible(page);
      await picture(page, `handout-${width}`);
    } finally {
      await browser.close();
    }
  });
}

const sides = (width: string) => ({ top: width, right: width, bottom: width, left: width });

// The kernel in JupyterLab, in a real browser: run all, stop a training cell, go on, restart; and what the screen shows.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import type { Browser } from 'playwright-core';
import { picture, startBrowser } from './chromium';
import { expect } from './expect';
import { type Lab, notebook, NotebookPage, startLab } from './lab';

const CELLS = [
  `import { newDisplay } from 'tslab';
import { NotebookBar } from './src/show/notebook-bar';
import { lossPlot } from './src/show/plots';
let steps = 0;
steps`,
  `// a loop as training has it: one step after another until the stop button is pressed
const bar = new NotebookBar(newDisplay());
for (; steps < 3000 && !interrupted(); steps++) {
  bar.count(steps + 1, 3000);
  await new Promise((resolve) => setTimeout(resolve, 20));
}`,
  `steps > 3 && steps < 3000 ? 'stopped early' : \`ran to \${steps}\``,
  `lossPlot([3, 2, 1.5, 1.2])`,
  `const rate: number = 'fast'`,
];
/** The cells' numbers. */
const [FIRST, LOOP, AFTER, PLOT, WRONG] = [0, 1, 2, 3, 4];

let [browser, lab, page] = [] as unknown as [Browser, Lab, NotebookPage];
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lab-notebooks-'));

before(async () => {
  fs.writeFileSync(path.join(folder, 'training.ipynb'), notebook(CELLS));
  [browser, lab] = await Promise.all([startBrowser(), startLab(folder)]);
  page = await NotebookPage.open(browser, lab, 'training.ipynb');
});
after(async () => {
  await browser?.close();
  await lab?.stop();
  fs.rmSync(folder, { recursive: true });
});

/** Reads the bar until it moves. */
async function barMoves(): Promise<void> {
  const share = async () =>
    Number(/(\d+) of 3000/.exec((await page.outputs(LOOP).allInnerTexts()).join(' '))?.[1] ?? 0);
  await expect(async () => [(await share()) > 0, 'no bar'], 40_000);
  const before = await share();
  await expect(async () => [(await share()) > before, `the bar stands at ${before}`]);
}

async function stopTheLoop(): Promise<void> {
  await barMoves();
  assert.equal(await page.prompt(LOOP).innerText(), '[*]:');
  await page.stop();
  await page.idle();
  assert.match(await page.prompt(LOOP).innerText(), /^\[\d+\]:$/);
}

const options = { timeout: 90_000 };

test('run all; the bar moves; the stop button ends the loop', options, async () => {
  await page.runAll();
  await page.shows(FIRST, '0', 40_000);
  await stopTheLoop();
  await picture(page.page, 'jupyterlab-stopped');
});

test('the next cells run, and the variables are still there', options, async () => {
  await page.runCell(AFTER);
  await page.shows(AFTER, 'stopped early');
  await page.runCell(PLOT);
  await page.outputs(PLOT).locator('.main-svg').first().waitFor();
  const title = await page.outputs(PLOT).locator('.gtitle').textContent();
  assert.equal(title, 'Training loss');
});

test('a type error shows the line with a caret', options, async () => {
  await page.runCell(WRONG);
  await page.shows(WRONG, /TS2322[^]*const rate: number = 'fast'\n\s*~~~~/);
  await picture(page.page, 'jupyterlab-error');
});

test('restart and run all begins anew', options, async () => {
  await page.restartAndRunAll();
  await stopTheLoop();
  await page.runCell(AFTER);
  await page.shows(AFTER, 'stopped early');
  assert.equal(await page.prompt(FIRST).innerText(), '[1]:');
  await picture(page.page, 'jupyterlab-restarted');
});

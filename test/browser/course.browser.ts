// The first two notebooks of the course in JupyterLab, as a person sees them: run, wait, look; and stop a training.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import type { Browser } from 'playwright-core';
import { picture, startBrowser } from './chromium';
import { expect } from './expect';
import type { Lab } from './lab';
import { NotebookPage, startLab } from './lab';

const NOTEBOOKS = path.resolve(__dirname, '..', '..', 'notebooks');
const FIVE_MINUTES = 300_000;

let [browser, lab] = [] as unknown as [Browser, Lab];
// copies: a person's saving must not change the course
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lab-course-'));

before(async () => {
  for (const name of ['00-start-here', '01-tutorial']) {
    fs.copyFileSync(path.join(NOTEBOOKS, `${name}.ipynb`), path.join(folder, `${name}.ipynb`));
  }
  [browser, lab] = await Promise.all([startBrowser(), startLab(folder)]);
});
after(async () => {
  await browser?.close();
  await lab?.stop();
  fs.rmSync(folder, { recursive: true });
});

/** The number of the first code cell that has `text`. */
function cellWith(name: string, text: string): number {
  const { cells } = JSON.parse(fs.readFileSync(path.join(folder, `${name}.ipynb`), 'utf8')) as {
    cells: { cell_type: string; source: string | string[] }[];
  };
  const found = cells.findIndex(
    ({ cell_type: type, source }) => type === 'code' && [source].flat().join('').includes(text),
  );
  assert.ok(found >= 0, `${name} has a cell with ${text}`);
  return found;
}

/** Waits until the bar of a training stands at one share of its length, and then at a larger one. */
async function barMoves(page: NotebookPage, cell: number): Promise<void> {
  const bar = page.outputs(cell).locator('progress').first();
  const place = async () => Number((await bar.count()) > 0 ? await bar.getAttribute('value') : 0);
  await expect(async () => [(await place()) > 0, 'the bar has not begun'], 90_000);
  const before = await place();
  await expect(async () => [(await place()) > before, `the bar stands at ${before}`], 60_000);
}

test(
  '00-start-here: the bar moves, the table and the plot are there, the answer is marked',
  { timeout: FIVE_MINUTES * 2 },
  async () => {
    const name = '00-start-here';
    const page = await NotebookPage.open(browser, lab, `${name}.ipynb`);
    await page.runAll();
    const training = cellWith(name, 'new Trainer');
    await page.cell(training).scrollIntoViewIfNeeded();
    await barMoves(page, training);
    await picture(page.page, 'start-training');
    assert.equal(await page.prompt(training).innerText(), '[*]:');
    await page.idle(FIVE_MINUTES);
    const table = page.outputs(cellWith(name, 'questionTable(')).locator('table');
    assert.equal(await table.locator('tbody tr').count(), 3);
    const plot = page.outputs(cellWith(name, 'lossPlot('));
    await plot.scrollIntoViewIfNeeded();
    await plot.locator('.main-svg').first().waitFor();
    assert.equal(await plot.locator('.gtitle').textContent(), 'Training loss');
    const marked = page.outputs(cellWith(name, 'highlight(')).locator('mark');
    await marked.scrollIntoViewIfNeeded();
    // the right answer with every seed that was tried, on any machine
    assert.equal(await marked.first().innerText(), 'Agnes Holm');
    await picture(page.page, 'start-answer');
    await page.page.close();
  },
);

test(
  '01-tutorial: run all, stop in the training, and the rest of the notebook goes on',
  { timeout: FIVE_MINUTES },
  async () => {
    const name = '01-tutorial';
    const page = await NotebookPage.open(browser, lab, `${name}.ipynb`);
    await page.runAll();
    const training = cellWith(name, 'loader.epoch(epoch)');
    await page.cell(training).scrollIntoViewIfNeeded();
    await barMoves(page, training);
    await page.stop();
    await page.idle(60_000);
    const plot = cellWith(name, 'lossPlot(losses)');
    await page.runFrom(plot);
    await page.page.locator('.jp-Notebook-ExecutionIndicator[data-status="busy"]').waitFor({ timeout: 20_000 }).catch(() => undefined); // prettier-ignore
    await page.idle(FIVE_MINUTES);
    await page.outputs(plot).scrollIntoViewIfNeeded();
    await page.outputs(plot).locator('.main-svg').first().waitFor();
    await picture(page.page, 'tutorial-loss');
    const table = page.outputs(cellWith(name, 'after: after.metrics })')).first().locator('table');
    assert.equal(await table.locator('tbody tr').count(), 2);
    // a model that was stopped may answer anything, but it is marked in the text
    const answer = page.outputs(cellWith(name, 'highlight('));
    await answer.scrollIntoViewIfNeeded();
    await expect(async () => [/lighthouse of Marrow Bay/.test((await answer.allInnerTexts()).join('')), 'no text']);
    // the kernel's word that it stops is on stderr, and no error
    const failed = page.page.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]');
    assert.equal(await failed.count(), 0);
    await page.page.close();
  },
);

// Three people on their way through the course in JupyterLab: a student in 00 and 01, who trains, stops and asks; somebody who
// explores data in 02; and the owner of a table in 08.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import type { Browser } from 'playwright-core';
import { picture, startBrowser } from './chromium';
import { expect } from './expect';
import { type Lab, NotebookPage, startLab } from './lab';

const NOTEBOOKS = path.resolve(__dirname, '..', '..', 'notebooks');
// on two idle cores a notebook takes four minutes; other work may leave it a quarter of them
const A_QUARTER_OF_AN_HOUR = 900_000;

let [browser, lab] = [] as unknown as [Browser, Lab];
// copies: a person's saving must not change the course
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lab-course-'));

before(async () => {
  for (const name of ['00-start-here', '01-tutorial', '02-explore-data', '08-your-own-data']) {
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
  await expect(async () => [(await place()) > 0, 'the bar has not begun'], 180_000);
  const before = await place();
  await expect(async () => [(await place()) > before, `the bar stands at ${before}`], 180_000);
}

test('the table at the top of 01 leads to its sections', { timeout: 300_000 }, async () => {
  const page = await NotebookPage.open(browser, lab, '01-tutorial.ipynb');
  const links = page.cell(0).locator('td a');
  assert.equal(await links.count(), 12);
  for (let i = 0; i < 12; i++) {
    const title = await links.nth(i).innerText();
    await links.nth(i).click();
    const heading = page.page.locator('.jp-Notebook h2', { hasText: title });
    await expect(async () => {
      const top = (await heading.boundingBox())?.y ?? -1;
      return [top > 0 && top < 700, `the heading of ${title} is at ${top}`];
    });
    await links.nth(i).scrollIntoViewIfNeeded();
  }
  await page.page.close();
});

test(
  'a student in 00-start-here: sees it fail, the bar and the pointers move, counts again, the answer is marked',
  { timeout: A_QUARTER_OF_AN_HOUR * 2 },
  async () => {
    const name = '00-start-here';
    const page = await NotebookPage.open(browser, lab, `${name}.ipynb`);
    await page.runAll();
    const training = cellWith(name, 'new Trainer');
    await page.cell(training).scrollIntoViewIfNeeded();
    await barMoves(page, training);
    const strip = page.outputs(training).filter({ hasText: 'start ▼' });
    await strip.getByText('end ▲').waitFor({ timeout: 180_000 });
    const shown = await strip.innerText();
    await expect(async () => [(await strip.innerText()) !== shown, 'the pointers stand still'], 180_000);
    await picture(page.page, 'start-training');
    assert.equal(await page.prompt(training).innerText(), '[*]:');
    await page.idle(A_QUARTER_OF_AN_HOUR);
    const table = page.outputs(cellWith(name, 'questionTable(')).locator('table');
    assert.equal(await table.locator('tbody tr').count(), 3);
    // untrained it is right by luck alone
    const right = async (text: string) => page.outputs(cellWith(name, text)).locator('td', { hasText: '✓' }).count();
    const [before, after] = [await right('const before = '), await right('const after = ')];
    assert.ok(before <= 1 && after > before + 1, `right before ${before}, after ${after}`);
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
  'the student in 01-tutorial: runs all, stops in the training, and the rest of the notebook goes on',
  { timeout: A_QUARTER_OF_AN_HOUR * 2 },
  async () => {
    const name = '01-tutorial';
    const page = await NotebookPage.open(browser, lab, `${name}.ipynb`);
    await page.runAll();
    const training = cellWith(name, 'loader.epoch(epoch)');
    await page.cell(training).scrollIntoViewIfNeeded();
    await barMoves(page, training);
    await page.stop();
    await page.idle(180_000);
    const plot = cellWith(name, 'lossPlot(losses)');
    await page.runFrom(plot);
    await page.page.locator('.jp-Notebook-ExecutionIndicator[data-status="busy"]').waitFor({ timeout: 20_000 }).catch(() => undefined); // prettier-ignore
    await page.idle(A_QUARTER_OF_AN_HOUR);
    await page.outputs(plot).scrollIntoViewIfNeeded();
    await page.outputs(plot).locator('.main-svg').first().waitFor();
    await picture(page.page, 'tutorial-loss');
    const table = page.outputs(cellWith(name, 'metricsTable(metrics)')).first().locator('table');
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

test(
  'who explores data in 02: sorts, searches and turns pages, and reads a question under the pointer',
  { timeout: A_QUARTER_OF_AN_HOUR * 2 },
  async () => {
    const name = '02-explore-data';
    const page = await NotebookPage.open(browser, lab, `${name}.ipynb`);
    await page.runAll();
    await page.idle(A_QUARTER_OF_AN_HOUR);
    const frame = page.outputs(
      cellWith(name, "columns: ['title', 'question', 'answer', 'answerStart', 'isImpossible'] }"),
    );
    const cells = (column: number) => frame.locator(`tbody td:nth-child(${column})`).allInnerTexts();
    await frame.getByRole('button', { name: 'title', exact: true }).click();
    const sorted = await cells(1);
    assert.deepEqual(
      sorted,
      [...sorted].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })),
    );
    await frame.getByRole('button', { name: /next/ }).click();
    assert.match(await frame.getByRole('status').innerText(), /^rows 21 to 40 of 696/);
    await frame.getByRole('searchbox').fill('lamp');
    const found = await frame.locator('tbody tr').allInnerTexts();
    assert.ok(found.length > 0 && found.every((row) => /lamp/i.test(row)), found.join());
    // the scatter plot: the question appears where the mouse is
    const scatter = page.outputs(cellWith(name, "type: 'scatter'"));
    await scatter.scrollIntoViewIfNeeded();
    const dot = scatter.locator('.scatterlayer .point').nth(3);
    await expect(async () => {
      // plots above that are drawn late push it away again
      await scatter.first().evaluate((output) => output.scrollIntoView({ block: 'center' }));
      const { x, y, width, height } = (await dot.boundingBox())!;
      await page.page.mouse.move(x - 10, y - 10);
      await page.page.mouse.move(x + width / 2, y + height / 2, { steps: 3 });
      const hover = (await scatter.locator('.hoverlayer').allTextContents()).join('');
      return [/\?/.test(hover), `the hover says "${hover}"`];
    }, 180_000);
    await page.page.close();
  },
);

test(
  'the owner of a table in 08: the mistakes are found by their rows, and the model is trained on the rest',
  { timeout: 3 * A_QUARTER_OF_AN_HOUR },
  async () => {
    const name = '08-your-own-data';
    const file = path.join(folder, `${name}.ipynb`);
    const notebook = JSON.parse(fs.readFileSync(file, 'utf8')) as { cells: { source: string | string[] }[] };
    // what an owner of sheets changes: fewer steps, and a mistake of their own
    for (const cell of notebook.cells) {
      const source = [cell.source].flat().join('');
      cell.source = source
        .replace('const steps = 36;', 'const steps = 4;')
        .replace("rows[7].cells.answer = 'the green shop';", "rows[7].cells.answer = 'the blue shop';");
    }
    fs.writeFileSync(file, JSON.stringify(notebook));
    const page = await NotebookPage.open(browser, lab, `${name}.ipynb`);
    await page.runAll();
    await page.idle(3 * A_QUARTER_OF_AN_HOUR);
    const problems = page.outputs(cellWith(name, "kind === 'error'))"));
    await problems.scrollIntoViewIfNeeded();
    const shown = async () => problems.innerText();
    await expect(async () => [/blue shop/.test(await shown()), `the problems are "${await shown()}"`], 30_000);
    const gained = page.outputs(cellWith(name, 'metricsTable({ before: before.metrics, after: after.metrics })'));
    await gained.scrollIntoViewIfNeeded();
    assert.equal(await gained.locator('tbody tr').count(), 2);
    const failed = page.page.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]');
    assert.equal(await failed.count(), 0);
    await page.page.close();
  },
);

// What the kernel has beside running cells, in JupyterLab as a person meets it: the debugger, a question, a slider, colours.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import type { Browser } from 'playwright-core';
import { picture, startBrowser } from './chromium';
import { expect } from './expect';
import { type Lab, notebook, NotebookPage, startLab } from './lab';

const DEBUGGED = [
  `function square(side: number): number {
  const area = side * side;
  return area;
}
const squares = [1, 2, 3].map(square);
squares.length`,
];
const ASKED = [
  "interface Named<T extends string> { readonly name: T }\nconst answer = prompt('Who is there? ');\n`hello ${answer}`",
  "const rate = display.slider({ label: 'rate', min: 0, max: 10, value: 3 });",
  'rate.value',
];

let [browser, lab] = [] as unknown as [Browser, Lab];
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lab-kernel-'));

before(async () => {
  fs.writeFileSync(path.join(folder, 'debugged.ipynb'), notebook(DEBUGGED));
  fs.writeFileSync(path.join(folder, 'asked.ipynb'), notebook(ASKED));
  [browser, lab] = await Promise.all([startBrowser(), startLab(folder)]);
});
after(async () => {
  await browser?.close();
  await lab?.stop();
  fs.rmSync(folder, { recursive: true });
});

const options = { timeout: 180_000 };

test('a breakpoint in a cell holds it up; a step; a variable is read; it goes on', options, async () => {
  const notebookPage = await NotebookPage.open(browser, lab, 'debugged.ipynb', { width: 1600, height: 1000 });
  const { page } = notebookPage;
  await page.locator('.jp-DebuggerBugButton').first().click();
  const gutter = notebookPage.cell(0).locator('.cm-breakpoint-gutter .cm-gutterElement');
  // the first element is the one that gives the gutter its width
  await gutter.nth(2).waitFor();
  await gutter.nth(2).click();
  await page.locator('.jp-DebuggerBreakpoint').first().waitFor();
  await notebookPage.runCell(0);
  const frames = page.locator('.jp-DebuggerCallstackFrame');
  await frames.first().waitFor({ timeout: 60_000 });
  assert.match(await frames.first().innerText(), /square/);
  const variables = page.locator('.jp-DebuggerVariables');
  await expect(async () => [/side/.test(await variables.innerText()), await variables.innerText()]);
  const here = notebookPage.cell(0).locator('.jp-DebuggerEditor-highlight');
  await expect(async () => [(await here.count()) === 1, `${await here.count()} lines are where it stands`]);
  await picture(page, 'debugger-held');
  await page.locator('[data-command="debugger:next"], [title^="Next"]').first().click();
  await expect(async () => [/area\s*:?\s*1/.test(await variables.innerText()), await variables.innerText()]);
  await picture(page, 'debugger-stepped');
  // no more of it, which JupyterLab says once the kernel knows, and on
  await gutter.nth(2).click();
  const breakpoints = page.locator('.jp-DebuggerBreakpoint');
  await expect(async () => [(await breakpoints.count()) === 0, `${await breakpoints.count()} breakpoints`]);
  await page.locator('[data-command="debugger:continue"], [title^="Continue"]').first().click();
  await notebookPage.shows(0, '3');
  await page.close();
});

test('cells are coloured as TypeScript; a question is answered; a slider moves', options, async () => {
  const notebookPage = await NotebookPage.open(browser, lab, 'asked.ipynb');
  const { page } = notebookPage;
  const editor = notebookPage.cell(0).locator('.cm-content');
  await expect(async () => [(await editor.getAttribute('data-language')) === 'typescript', 'no TypeScript']);
  await notebookPage.runCell(0);
  const input = page.locator('.jp-Stdin-input');
  await input.waitFor({ timeout: 60_000 });
  assert.match(await page.locator('.jp-Stdin-prompt').innerText(), /Who is there\?/);
  await input.fill('Ada');
  await input.press('Enter');
  await notebookPage.shows(0, 'hello Ada');
  await notebookPage.runCell(1);
  const handle = notebookPage.outputs(1).locator('.noUi-handle').first();
  await handle.waitFor({ timeout: 60_000 });
  await handle.click();
  for (let i = 0; i < 4; i++) await handle.press('ArrowRight');
  await notebookPage.runCell(2);
  await notebookPage.shows(2, '7');
  await picture(page, 'slider');
  await page.close();
});

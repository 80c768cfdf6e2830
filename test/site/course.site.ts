// The built site in Chromium, from a plain static server, with every other host out of reach: the kernel's rules, the library, and
// a tiny model that learns as it does in Node on the same backend.
import assert from 'node:assert';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import type { Page } from 'playwright-core';
import { AdamW } from '../../src/engine/adamw';
import { chooseBackend } from '../../src/engine/backend';
import { parseConfig } from '../../src/model/config';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import {
  type Site,
  addNotebook,
  askKernel,
  MINUTE,
  openNotebook,
  openSite,
  runCell,
  stopKernel,
  textOf,
} from './opened';
import { TRAIN, trainTiny } from './tiny';

/** What each cell is to show. */
const CELLS: [source: string, shown: RegExp][] = [
  ['const text: string = "abc"; let n = 3;\ntext.length', /^3$/],
  // declared anew with another type, changed, and seen by a function of an earlier cell
  [
    'const text = [new Map([[1, 2]])]; n += 1;\nfunction plus(x: number) { return n + x; }\ntext',
    /Map\(1\) \{ 1 => 2 \}/,
  ],
  ['n = 100;\nconst { length } = await Promise.resolve("four"), [p] = [1];\n[plus(1), length, p]', /\[ 101, 4, 1 \]/],
  ['interface X { a: number }\nconst x: X = { a: "q" };', /line 2:16 - error TS2322/],
  ['function boom() {\n  throw new Error("no");\n}\nboom();', /Error: no\n\s+at boom \(cell \[5\], line 2:9\)/],
  ['display.html("<b>bold</b>");\nhtml`<i>${n}</i>`', /bold[^]*100/],
  ['import { readSquad } from "spanlab";\nreadSquad("data/workshop/train.json").questions.length', /^\d\d\d$/],
  ['import { execSync } from "node:child_process";\nexecSync("ls")', /E_BROWSER: child_process.execSync is not there/],
  ['import { DataFrame } from "danfojs-node";\nnew DataFrame([{ a: 1, b: "x" }])', /a\s+b\s+1\s+x/],
  [
    `${TRAIN}\nawait (${trainTiny.toString()})({ chooseBackend, AdamW, parseConfig, QuestionAnsweringModel, tf })`,
    /^'?wasm [\d. ]+'?$/,
  ],
  ['import { lossPlot } from "./src/show/plots";\nlossPlot([3, 2, 1])', /loss/i],
  // stopped by the button, though it never waits
  ['let turns = 0;\nwhile (!interrupted()) turns++;\nturns > 0', /^stopping after this step[^]*true$/],
];

let site: Site;

before(async () => {
  const change = (folder: string) => addNotebook(folder, 'try.ipynb', CELLS.map(([source]) => source)); // prettier-ignore
  site = await openSite({ change });
});

after(() => site?.close());

test('cells run by the rules of the kernel, and a model learns as in Node', { timeout: 8 * MINUTE }, async () => {
  const page = await openNotebook(site, 'try.ipynb');
  let losses: number[] = [];
  for (const [place, [source, shown]] of CELLS.entries()) {
    const running = runCell(page, place);
    if (source.includes('interrupted()')) {
      await page.waitForTimeout(1500);
      await stopKernel(page);
    }
    const text = textOf(await running).trim();
    assert.match(text, shown, source);
    if (text.includes('wasm ')) losses = text.replaceAll("'", '').split(' ').slice(1).map(Number);
  }
  assert.equal(await page.locator('.js-plotly-plot').count(), 1, 'the plot is drawn');
  await assertHelp(page);
  const expected = await lossesInNode();
  assert.equal(losses.length, expected.length);
  for (const [i, loss] of losses.entries()) {
    assert.ok(Math.abs(loss - expected[i]) < 1e-4, `step ${i}: ${loss} here, ${expected[i]} in Node`);
  }
  assert.ok(losses.at(-1)! < losses[0]);
  assert.deepEqual(site.strangers, []);
  await page.close();
});

/** The language service knows what cells have declared, and the library. */
async function assertHelp(page: Page): Promise<void> {
  const ask = (code: string) => ({ code, cursor_pos: code.length });
  const { matches } = await askKernel<{ matches: string[] }>(page, 'requestComplete', ask('text.leng'));
  assert.deepEqual(matches.slice(0, 1), ['length']);
  const inspected = { ...ask('readSquad'), detail_level: 0 };
  const { found, data } = await askKernel<{ found: boolean; data: object }>(page, 'requestInspect', inspected);
  assert.equal(found, true);
  assert.match(JSON.stringify(data), /readSquad\(path: string/);
}

async function lossesInNode(): Promise<number[]> {
  const text = await trainTiny({ chooseBackend, AdamW, parseConfig, QuestionAnsweringModel, tf });
  assert.match(text, /^wasm /);
  return text.split(' ').slice(1).map(Number);
}

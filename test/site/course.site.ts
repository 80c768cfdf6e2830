// The built site in Chromium, from a plain static server, with every other host out of reach: the kernel's rules, the library, and
// a tiny model that learns as it does in Node on the same backend.
import assert from 'node:assert';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '../../kernel/chromium';
import { serveSite } from '../../src/serve/site';
import { TRAIN, trainTiny } from './tiny';

const ROOT = path.resolve(__dirname, '..', '..');
const CELL = '.jp-Notebook .jp-CodeCell';
const MINUTE = 60_000;

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
    /^wasm [\d. ]+$/,
  ],
  // stopped by the button, though it never waits
  ['let turns = 0;\nwhile (!interrupted()) turns++;\nturns > 0', /^stopping after this step[^]*true$/],
];

let folder: string;
let server: Server;
let browser: Browser;

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-site-'));
  const build = ['--import', 'tsx', path.join(ROOT, 'site', 'build.ts'), '--out', folder];
  execFileSync(process.execPath, build, { stdio: ['ignore', 'ignore', 'inherit'] });
  addNotebook(folder);
  server = await serveSite(folder);
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  server?.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

function addNotebook(site: string): void {
  const cells = CELLS.map(([source], i) => ({ cell_type: 'code', id: `c${i}`, source, metadata: {}, outputs: [], execution_count: null })); // prettier-ignore
  const metadata = { kernelspec: { name: 'tslab', display_name: 'TypeScript', language: 'typescript' } };
  fs.writeFileSync(
    path.join(site, 'files', 'try.ipynb'),
    JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }),
  );
  const list = path.join(site, 'api', 'contents', 'all.json');
  const all = JSON.parse(fs.readFileSync(list, 'utf8')) as { content: object[] };
  const entry = {
    name: 'try.ipynb',
    path: 'try.ipynb',
    type: 'notebook',
    format: 'json',
    mimetype: 'application/json',
  };
  all.content.push({ ...all.content[0], ...entry });
  fs.writeFileSync(list, JSON.stringify(all));
}

async function open(address: string): Promise<{ page: Page; strangers: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  const strangers: string[] = [];
  const home = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await page.route(/^https?:/, (route) => {
    if (route.request().url().startsWith(home)) return route.continue();
    strangers.push(route.request().url());
    return route.abort();
  });
  await page.goto(home + address);
  return { page, strangers };
}

test('the front page names what computes and leads to every notebook', async () => {
  const { page, strangers } = await open('');
  await page.setViewportSize({ width: 390, height: 800 });
  await page.waitForSelector('#machine dd');
  assert.match((await page.textContent('#machine')) ?? '', /computes with(WebAssembly|WebGPU)/);
  assert.equal(await page.locator('main li a').count(), 10);
  const tooWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
  assert.equal(tooWide, false);
  assert.deepEqual(strangers, []);
  await page.close();
});

test('cells run by the rules of the kernel, and a model learns as in Node', { timeout: 8 * MINUTE }, async () => {
  const { page, strangers } = await open('notebooks/index.html?path=try.ipynb');
  await page.waitForSelector(CELL, { timeout: MINUTE });
  await page.click(`${CELL} .jp-InputArea-editor`);
  await page.keyboard.press('Control+Home');
  let losses: number[] = [];
  for (const [i, [source, shown]] of CELLS.entries()) {
    await page.keyboard.press('Shift+Enter');
    const cell = page.locator(CELL).nth(i);
    if (source.includes('interrupted()')) await stop(page);
    await cell.locator('.jp-InputPrompt', { hasText: /\[\d+\]/ }).waitFor({ timeout: 2 * MINUTE });
    const output = cell.locator('.jp-OutputArea-output');
    await output.first().waitFor();
    const text = (await output.allInnerTexts()).join('\n').trim();
    assert.match(text, shown, source);
    if (text.startsWith('wasm ')) losses = text.split(' ').slice(1).map(Number);
  }
  const expected = await lossesInNode();
  assert.equal(losses.length, expected.length);
  for (const [i, loss] of losses.entries()) {
    assert.ok(Math.abs(loss - expected[i]) < 1e-4, `step ${i}: ${loss} here, ${expected[i]} in Node`);
  }
  assert.ok(losses.at(-1)! < losses[0]);
  assert.deepEqual(strangers, []);
  await page.close();
});

/** Presses the stop button of the keyboard when the cell has run for a while. */
async function stop(page: Page): Promise<void> {
  await page.waitForTimeout(1500);
  await page.keyboard.press('Escape');
  await page.keyboard.press('i');
  await page.keyboard.press('i');
}

async function lossesInNode(): Promise<number[]> {
  const [{ chooseBackend }, { AdamW }, { parseConfig }, { QuestionAnsweringModel }, tf] = await Promise.all([
    import('../../src/engine/backend'),
    import('../../src/engine/adamw'),
    import('../../src/model/config'),
    import('../../src/model/question-answering'),
    import('@tensorflow/tfjs'),
  ]);
  const text = await trainTiny({ chooseBackend, AdamW, parseConfig, QuestionAnsweringModel, tf });
  assert.match(text, /^wasm /);
  return text.split(' ').slice(1).map(Number);
}

// The site's own pages: the front page, and the playground that trains on a table without code; by keyboard, in both colours, on a
// telephone's width. What is saved is a model that opens again.
import assert from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Download, Page } from 'playwright-core';
import { packFiles, unpackFiles } from '../../site/browser/zip';
import { SafetensorsFile } from '../../src/model/safetensors/file';
import { assertAccessible } from '../browser/accessible';
import { picture } from '../browser/chromium';
import { type Site, MINUTE, openSite } from './opened';

const NOTEBOOKS = 10;
const CSV = `question,context,answer
Who built the mill?,The mill was built by Ada Lund in 1901.,Ada Lund
When was the mill built?,The mill was built by Ada Lund in 1901.,1901
Who runs the ferry?,The ferry is run by Per Holm.,Nobody
`;

let site: Site;

before(async () => {
  site = await openSite();
});

after(() => site?.close());

async function open(name = '', colorScheme: 'light' | 'dark' = 'light', width = 1280): Promise<Page> {
  const page = await site.context.newPage();
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width, height: 800 });
  await page.goto(site.url + name);
  return page;
}

async function saved(download: Download): Promise<Map<string, Uint8Array>> {
  return unpackFiles(download.suggestedFilename(), fs.readFileSync(await download.path()));
}

for (const [scheme, width] of [
  ['light', 1280],
  ['dark', 390],
] as const) {
  test(`the front page, ${scheme}, ${width} px wide`, async () => {
    const page = await open('', scheme, width);
    await page.waitForSelector('#machine dd');
    const machine = (await page.textContent('#machine')) ?? '';
    assert.match(machine, /computes with(WebAssembly|WebGPU)/);
    assert.match(machine, new RegExp(`threads${os.availableParallelism()}`));
    const links = page.locator('nav li a');
    assert.equal(await links.count(), NOTEBOOKS);
    for (const address of await links.evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href))) {
      const file = new URL(address).searchParams.get('path')!;
      assert.ok(fs.existsSync(path.join(site.folder, 'files', file)), file);
    }
    await assertAccessible(page);
    await picture(page, `site-front-${scheme}`);
    // by keyboard: the first stop is the first notebook
    await page.keyboard.press('Tab');
    assert.match(await page.evaluate(() => document.activeElement!.textContent), /^00/);
    assert.deepEqual(site.strangers, []);
    await page.close();
  });
}

test('a model and data of a person are kept, saved and deleted', async () => {
  const page = await open();
  const zip = Buffer.from(await packFiles('mine', [['config.json', Buffer.from('{}')]]).arrayBuffer()); // prettier-ignore
  const files = [
    { name: 'My model.zip', mimeType: 'application/zip', buffer: zip },
    { name: 'mine.csv', mimeType: 'text/csv', buffer: Buffer.from(CSV) },
  ];
  await page.setInputFiles('#add', files);
  await page.locator('#status', { hasText: 'Added models/My-model, data/own/mine.csv' }).waitFor();
  assert.deepEqual(await page.locator('#kept span').allTextContents(), [
    'data/own (no model), 0.0 MB',
    'models/My-model, 0.0 MB',
  ]);
  await assertAccessible(page);
  const downloading = page.waitForEvent('download');
  await page.click('[aria-label="Save as zip: models/My-model"]');
  assert.deepEqual([...(await saved(await downloading)).keys()], ['config.json']);
  page.on('dialog', (dialog) => void dialog.accept());
  for (const folder of ['models/My-model', 'data/own']) await page.click(`[aria-label="Delete: ${folder}"]`);
  await page.locator('#none:visible').waitFor();
  // what is no model says so
  await page.setInputFiles('#add', { name: 'bad.zip', mimeType: 'application/zip', buffer: Buffer.from('PK') });
  await page.locator('#status.error', { hasText: 'bad.zip: it is no zip archive, or damaged' }).waitFor();
  await page.close();
});

test('a table becomes a model that answers, and that is saved', { timeout: 4 * MINUTE }, async () => {
  const page = await open('playground.html', 'light', 390);
  await page.locator('#status', { hasText: 'Computes with wasm' }).waitFor({ timeout: MINUTE });
  const table = { name: 'mine.csv', mimeType: 'text/csv', buffer: Buffer.from(CSV) };
  await page.setInputFiles('#file', table);
  await page.locator('#read', { hasText: '2 questions about 1 texts' }).waitFor();
  assert.match((await page.textContent('#problems')) ?? '', /left out/);
  await page.click('#example');
  await page.locator('#read', { hasText: 'are held out' }).waitFor();
  await assertAccessible(page);
  await page.selectOption('#steps', '500');
  await page.uncheck('#mix');
  await page.click('#train');
  await page.locator('#step', { hasText: /^Step \d+ of 500/ }).waitFor({ timeout: 2 * MINUTE });
  await page.click('#stop');
  await page.locator('#status', { hasText: 'Stopped after' }).waitFor({ timeout: MINUTE });
  assert.match((await page.textContent('#scores tbody')) ?? '', /before[\d.]+after[\d.]+/);
  await page.click('#ask');
  await page.locator('#answers li').first().waitFor();
  assert.equal(await page.locator('#answers li').count(), 3);
  await assertAccessible(page);
  await picture(page, 'site-playground');
  const downloading = page.waitForEvent('download');
  await page.click('#save');
  const files = await saved(await downloading);
  for (const name of ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json']) {
    assert.ok(files.has(name), name);
  }
  const file = path.join(site.folder, 'saved.safetensors');
  fs.writeFileSync(file, files.get('model.safetensors')!);
  const weights = new SafetensorsFile(file);
  assert.deepEqual(weights.tensors.get('qa_outputs.weight')?.shape, [2, 24]);
  weights.close();
  assert.deepEqual(site.strangers, []);
  await page.close();
});

test('the folder serves itself, from a stick too', { timeout: MINUTE }, async () => {
  const program = spawn(process.execPath, ['serve.cjs'], { cwd: site.folder, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [told] = (await once(program.stdout, 'data')) as [Buffer];
    const response = await fetch(/http:\/\/127\.0\.0\.1:\d+\//.exec(told.toString())![0]);
    assert.match(await response.text(), /Train a question-answering model in this tab/);
    assert.equal(response.headers.get('cross-origin-embedder-policy'), 'require-corp');
  } finally {
    program.kill();
  }
});

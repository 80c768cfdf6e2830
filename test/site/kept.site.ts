// What outlives the tab: models, checkpoints and other files that cells wrote; a training goes on after a reload bit for bit, and a
// browser that keeps no more loses nothing.
import assert from 'node:assert';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import {
  type Ran,
  type Site,
  addNotebook,
  beginCell,
  errorsOf,
  MINUTE,
  openNotebook,
  openSite,
  ready,
  runCell,
  textOf,
} from './opened';

const SETUP = `import { chooseBackend } from './src/engine/backend';
import { QuestionAnsweringModel } from './src/model/question-answering';
import { resolveModel } from './src/model/resolve';
import { placeAnswers } from './src/squad/end';
import { readSquadRecords } from './src/squad/read';
import { Tokenizer } from './src/tokens/tokenizer';
import { windows } from './src/tokens/windows';
import { Trainer } from './src/training/trainer';

const { name } = await chooseBackend('wasm');
const file = 'data/workshop/train.json';
const records = placeAnswers(readSquadRecords(file), file).filter(({ isImpossible }) => !isImpossible);
const encoder = await resolveModel('workshop');
const tokenizer = await Tokenizer.fromFolder(encoder);
const features = await windows(records.slice(0, 12), tokenizer, { maxLength: 384 });
async function train(output: string, at: number, what: 'stop' | 'hang', resume?: string) {
  const model = QuestionAnsweringModel.fromPretrained(encoder, { seed: 0 });
  const stop = new AbortController();
  const losses: number[] = [];
  const options = { steps: 7, batchSize: 3, learningRate: 1e-3, checkpointEvery: 2 };
  const onStep = async ({ step, loss }: { step: number; loss: number }) => {
    losses.push(loss);
    if (step !== at) return;
    if (what === 'stop') return stop.abort();
    console.log('hangs');
    await new Promise(() => undefined);
  };
  await new Trainer({ model, tokenizer, features, output, options, onStep }).run({ signal: stop.signal, resume });
  model.dispose();
  return losses.join(' ');
}
name`;

/** After the set-up. */
const CELLS = {
  whole: "await train('runs/whole', 99, 'stop')",
  stopped: "await train('runs/stopped', 3, 'stop')",
  hung: "await train('runs/hung', 5, 'hang')",
  stoppedOn: "await train('runs/stopped', 99, 'stop', 'latest')",
  hungOn: "await train('runs/hung', 99, 'stop', 'latest')",
  files: "import fs from 'node:fs';\nfs.readdirSync('runs').join(' ')",
  write: "fs.writeFileSync('runs/large.bin', new Uint8Array(6_000_000));",
  trainMore: "await train('runs/more', 99, 'stop')",
  refuse: `const { put } = IDBObjectStore.prototype;
IDBObjectStore.prototype.put = () => { throw new DOMException('no room', 'QuotaExceededError'); };`,
  allow: 'IDBObjectStore.prototype.put = put;',
  little: `const { estimate } = navigator.storage;
navigator.storage.estimate = () => Promise.resolve({ quota: 9e6, usage: 4e6 });`,
  enough: 'navigator.storage.estimate = estimate;',
  trainLast: "await train('runs/last', 99, 'stop')",
  sizes: "['runs/large.bin', 'runs/whole/model.safetensors'].map((file) => fs.statSync(file).size)",
  same: `const model = QuestionAnsweringModel.fromPretrained('runs/stopped');
const other = QuestionAnsweringModel.fromPretrained('runs/whole');
const { names } = model.parameters;
names.filter((name) => String(model.parameters.get(name).dataSync()) !== String(other.parameters.get(name).dataSync())).length`,
};
type Name = keyof typeof CELLS;

let site: Site;
let page: Page;

before(async () => {
  site = await openSite({ change: (folder) => addNotebook(folder, 'kept.ipynb', [SETUP, ...Object.values(CELLS)]) });
  page = await openNotebook(site, 'kept.ipynb');
});

after(() => site?.close());

const place = (name: Name) => 1 + Object.keys(CELLS).indexOf(name);

async function run(name: Name): Promise<Ran> {
  return runCell(page, place(name));
}

async function shown(name: Name): Promise<string> {
  const ran = await run(name);
  assert.deepEqual(errorsOf(ran), [], name);
  return textOf(ran).replaceAll("'", '');
}

/** Closes the tab's kernel without a word, and begins anew. */
async function reload(): Promise<void> {
  await page.reload();
  await ready(page);
  assert.match(textOf(await runCell(page, 0)), /wasm/);
}

test('a stopped training, and one whose tab died, go on bit for bit', { timeout: 6 * MINUTE }, async () => {
  assert.match(textOf(await runCell(page, 0)), /wasm/);
  const whole = (await shown('whole')).split(' ');
  assert.equal(whole.length, 7);
  assert.equal((await shown('stopped')).split(' ').length, 3);
  await beginCell(page, place('hung'));
  await page.locator('.jp-OutputArea-output', { hasText: 'hangs' }).waitFor({ timeout: MINUTE });
  await page.waitForTimeout(4000); // the checkpoint of step 4 is kept a second after it was written
  await reload();
  assert.deepEqual((await shown('stoppedOn')).split(' '), whole.slice(3));
  assert.deepEqual((await shown('hungOn')).split(' '), whole.slice(4));
  await shown('files');
  assert.equal(await shown('same'), '0');
  assert.deepEqual(site.strangers, []);
});

test('where the browser keeps no more, a code says so, and nothing is lost', { timeout: 4 * MINUTE }, async () => {
  await shown('refuse');
  const [full] = errorsOf(await run('write'));
  assert.match(full, /E_DISK_FULL: the browser keeps no more for this site/);
  const trained = await run('trainMore');
  assert.match(errorsOf(trained)[0], /E_DISK_FULL/);
  assert.match(textOf(trained), /\d\.\d+ \d/, 'the losses are there');
  // what was kept before still is, where the tab is closed now
  const other = await openNotebook(site, 'kept.ipynb');
  assert.match(textOf(await runCell(other, 0)), /wasm/);
  assert.match(textOf(await runCell(other, place('files'))), /hung stopped whole/);
  await other.close();
  // with room again, the next cell keeps it all
  await shown('allow');
  await reload();
  assert.match(await shown('files'), /hung large\.bin more stopped whole/);
  assert.match(await shown('sizes'), /\[ 6000000, \d{7} \]/);
});

test('a training that has no room to be kept does not begin', { timeout: 2 * MINUTE }, async () => {
  await shown('little');
  assert.match(errorsOf(await run('trainLast'))[0], /E_DISK_FULL: runs\/last: the model with checkpoints needs/);
  await shown('enough');
  assert.deepEqual(errorsOf(await run('trainLast')), []);
});

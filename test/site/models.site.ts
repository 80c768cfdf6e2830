// Models come and go: a zip that is uploaded, one of the hub by its name, and one that is saved, with its ONNX files, as a zip that
// Python opens. Python is that of `npm run reference`.
import assert from 'node:assert';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { packFiles, unpackFiles } from '../../site/browser/zip';
import { cacheFolder } from '../../src/root';
import { gitSha1, sha256 } from '../download/hub-server';
import {
  type Site,
  addNotebook,
  errorsOf,
  MINUTE,
  openNotebook,
  openSite,
  runCell,
  setSource,
  textOf,
  uploadFile,
} from './opened';

const PYTHON = path.join(cacheFolder('reference'), 'bin', 'python');
const REFERENCE = path.resolve(__dirname, '..', 'reference');
const COMMIT = 'a'.repeat(40);

const SETUP = `import fs from 'node:fs';
import { openZip, saveAsZip } from 'spanlab/browser';
import { chooseBackend } from './src/engine/backend';
import { computeLogits } from './src/evaluation/logits';
import { QuestionAnsweringModel } from './src/model/question-answering';
import { resolveModel } from './src/model/resolve';
import { savePretrained } from './src/model/save';
import { writeOnnx } from './src/publish/onnx/write';
import { writeWebPage } from './src/publish/web';
import { readSquadRecords } from './src/squad/read';
import { readSquadChecked } from './src/squad/problems';
import { Tokenizer } from './src/tokens/tokenizer';
import { windows } from './src/tokens/windows';

const { name } = await chooseBackend('wasm');
name`;
/** Saves a model and what it answers, for Python to compare. */
const SAVE = `const encoder = await resolveModel('workshop');
const tokenizer = await Tokenizer.fromFolder(encoder);
const model = QuestionAnsweringModel.fromPretrained(encoder, { seed: 0 });
await savePretrained(model, tokenizer, 'models/mine');
await writeOnnx(model, 'models/mine');
const records = readSquadRecords('data/workshop/dev.json').slice(0, 12);
const features = await windows(records, tokenizer, { maxLength: 384 });
const logits = await computeLogits(model, features);
const rows = Array.from({ length: features.count }, (_, row) => {
  const part = (values: ArrayLike<number>) => Array.from(values).slice(features.rowStart[row], features.rowStart[row + 1]);
  const { question, context } = records[features.record[row]];
  const ids = { inputIds: part(features.inputIds), tokenTypeIds: part(features.tokenTypeIds) };
  return { question, context, ...ids, startLogits: part(logits.startLogits), endLogits: part(logits.endLogits) };
});
fs.writeFileSync('models/mine/logits.json', JSON.stringify({ rows }));
saveAsZip('models/mine');`;
const PAGE = `await writeWebPage(model, 'models/mine', 'runs/page', { name: 'mine' });
saveAsZip('runs/page');`;
const OPEN = `const folder = openZip('mine.zip');
const opened = QuestionAnsweringModel.fromPretrained(folder);
const again = await computeLogits(opened, features);
const same = again.startLogits.every((value, i) => value === logits.startLogits[i]);
const csv = readSquadChecked('mine.csv', { mode: 'tolerant' }).records.length;
[folder, same, csv]`;
const HUB = `process.env.HF_ENDPOINT = hubAddress;
const fetched = await resolveModel('some/small-model');
[fs.readdirSync(fetched).sort().join(' '), QuestionAnsweringModel.fromPretrained(fetched).config.hiddenSize]`;
const CELLS = [SETUP, SAVE, PAGE, OPEN, 'let hubAddress = "";', HUB];

let site: Site;
let page: Page;

before(async () => {
  assert.ok(fs.existsSync(PYTHON), 'the reference Python is needed: npm run reference');
  site = await openSite({ change: (folder) => addNotebook(folder, 'try.ipynb', CELLS) });
  page = await openNotebook(site, 'try.ipynb');
  await run(0);
});

after(() => site?.close());

async function run(place: number): Promise<string> {
  const ran = await runCell(page, place);
  assert.deepEqual(errorsOf(ran), [], ran.source);
  return textOf(ran);
}

/** Clicks the link beneath a cell, and unpacks what comes. */
async function saved(place: number): Promise<Map<string, Uint8Array>> {
  const downloading = page.waitForEvent('download');
  await page.locator('.jp-Notebook .jp-CodeCell').nth(place).locator('a[download]').click();
  const download = await downloading;
  return unpackFiles(download.suggestedFilename(), fs.readFileSync(await download.path()));
}

let model: Map<string, Uint8Array>;

test('Python opens the zip of a model, and answers within 1e-4', { timeout: 4 * MINUTE }, async () => {
  await run(1);
  model = await saved(1);
  assert.ok(model.has('onnx/model.onnx') && model.has('onnx/model_quantized.onnx'), [...model.keys()].join(' '));
  const folder = path.join(site.folder, 'unpacked');
  for (const [name, content] of model) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), content);
  }
  const script = path.join(REFERENCE, 'compare_logits.py');
  const told = execFileSync(PYTHON, [script, folder, path.join(folder, 'logits.json')], { encoding: 'utf8' });
  const { rows, ...rest } = JSON.parse(told.slice(told.indexOf('{"folder"'))) as Record<string, number>;
  console.log(`${rows} rows, largest difference from transformers: ${rest['largest difference']}`);
  assert.equal(rows, 12);
  assert.ok(rest['largest difference'] < 1e-4);
});

test('the page that answers is put together in the tab', { timeout: 2 * MINUTE }, async () => {
  await run(2);
  const names = [...(await saved(2)).keys()].sort();
  assert.deepEqual(names, ['index.html', 'model.onnx', 'ort-wasm-simd-threaded.wasm', 'ort.js', 'page.js', 'page.json', 'style.css', 'tokenizer.json', 'worker.js']); // prettier-ignore
});

test(
  'what is uploaded is there for cells: a zip opens as the same model, and a CSV is read',
  { timeout: 2 * MINUTE },
  async () => {
    const zip = packFiles('mine', model);
    await uploadFile(page, 'mine.zip', Buffer.from(await zip.arrayBuffer()));
    await uploadFile(page, 'mine.csv', Buffer.from('question,context,answer\nWho?,Ada won.,Ada\n'));
    assert.match(await run(3), /'models\/mine', true, 1/);
  },
);

test('a model of the hub is fetched by its name, checked by its hashes', { timeout: 2 * MINUTE }, async () => {
  const folder = path.join(REFERENCE, 'tiny', 'bert');
  const files = new Map(['config.json', 'model.safetensors', 'tokenizer_config.json', 'vocab.txt'].flatMap((name) => (fs.existsSync(path.join(folder, name)) ? [[name, fs.readFileSync(path.join(folder, name))]] : []))); // prettier-ignore
  if (!files.has('tokenizer_config.json')) files.set('tokenizer_config.json', Buffer.from('{}'));
  const { server, url, asked } = await serveHub('some/small-model', files);
  try {
    await setSource(page, 4, `let hubAddress = ${JSON.stringify(url)};`);
    await run(4);
    assert.match(await run(5), /config\.json model\.safetensors tokenizer_config\.json/);
    assert.ok(asked.includes('/some/small-model/resolve/' + COMMIT + '/model.safetensors'), asked.join(' '));
  } finally {
    server.close();
  }
  assert.ok(
    site.strangers.every((address) => address.startsWith(url)),
    site.strangers.join(' '),
  );
});

/** The parts of a hub that a browser asks, for other origins too. */
async function serveHub(name: string, files: Map<string, Buffer>) {
  const asked: string[] = [];
  const siblings = [...files].map(([rfilename, content]) => {
    const isLarge = rfilename.endsWith('.safetensors');
    return { rfilename, blobId: gitSha1(content), ...(isLarge && { lfs: { sha256: sha256(content) } }) };
  });
  const server = http.createServer((request, response) => {
    asked.push(request.url!);
    response.setHeader('access-control-allow-origin', '*');
    if (request.url!.startsWith(`/api/models/${name}/revision/`)) {
      return void response.end(JSON.stringify({ sha: COMMIT, siblings }));
    }
    const content = files.get(request.url!.replace(`/${name}/resolve/${COMMIT}/`, ''));
    if (content) response.end(content);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

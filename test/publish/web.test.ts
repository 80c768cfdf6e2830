// The web page's folder: what is in it, that it asks nobody for anything, and what it refuses to overwrite.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { writeWebPage } from '../../src/publish/web';
import { bundlePage } from '../../src/publish/web-bundle';
import { decidedModel, removeModel } from './small-model';

let [folder, out, model] = [] as unknown as [string, string, QuestionAnsweringModel];
before(async () => {
  folder = await decidedModel();
  out = path.join(path.dirname(folder), 'site');
  model = QuestionAnsweringModel.fromPretrained(folder);
});
after(() => removeModel(folder));

const read = (name: string) => fs.readFileSync(path.join(out, name), 'utf8');

test('all files, by name and size', async () => {
  const sizes = await writeWebPage(model, folder, out, { name: '<i>&' });
  assert.deepEqual(
    Object.keys(sizes).sort(),
    [
      ...['index.html', 'model.onnx', 'ort-wasm-simd-threaded.wasm', 'ort.js', 'page.js', 'page.json', 'style.css'],
      ...['tokenizer.json', 'worker.js'],
    ],
  );
  for (const [name, size] of Object.entries(sizes)) assert.equal(fs.statSync(path.join(out, name)).size, size);
  assert.equal((JSON.parse(read('page.json')) as { bytes: number }).bytes, sizes['model.onnx']);
  assert.match(read('index.html'), /<h1>Ask &lt;i&gt;&amp;<\/h1>/);
}); // prettier-ignore

test('every address is beside the page, and the page forbids others', () => {
  const html = read('index.html');
  assert.match(html, /default-src 'self'/);
  for (const [, address] of html.matchAll(/(?:href|src)="([^"]*)"/g)) {
    if (!address.startsWith('data:')) assert.ok(fs.existsSync(path.join(out, address)), address);
  }
  for (const name of ['page.js', 'worker.js', 'style.css', 'index.html']) assert.doesNotMatch(read(name), /https?:/);
});

test('scripts hold the code of `ask`, nothing of Node or TensorFlow, and are small', async () => {
  const { 'page.js': page, 'worker.js': worker } = await bundlePage();
  assert.match(worker, /E_ASK_CONTEXT/);
  assert.doesNotMatch(page + worker, /node:|tfjs|require\(/);
  // with three kinds of tokenizer: WordPiece, byte-level BPE and Unigram
  assert.ok(worker.length < 70_000 && page.length < 10_000, `${worker.length}, ${page.length}`);
});

test('a page of ours is written anew; any other folder is left alone', async () => {
  await writeWebPage(model, folder, out, { name: 'second', dtype: 'fp32' });
  assert.match(read('index.html'), /<h1>Ask second</);
  const other = path.join(path.dirname(out), 'other');
  fs.mkdirSync(other);
  fs.writeFileSync(path.join(other, 'index.html'), 'mine');
  await assert.rejects(writeWebPage(model, folder, other, { name: 'x' }), {
    code: 'E_PUBLISH_FOLDER',
    message: /other/,
  });
  assert.deepEqual(fs.readdirSync(other), ['index.html']);
  const file = path.join(other, 'index.html');
  await assert.rejects(writeWebPage(model, folder, file, { name: 'x' }), { code: 'E_FILE' });
});

test('a page whose writing failed can be written again; until it is whole it says so', async (context) => {
  const place = path.join(path.dirname(out), 'unfinished');
  const rename = fs.renameSync;
  const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
  context.mock.method(fs, 'renameSync', (from: string, to: string) => {
    if (to.endsWith('model.onnx')) throw full;
    rename(from, to);
  });
  const write = () => writeWebPage(model, folder, place, { name: 'x' });
  await assert.rejects(write, { code: 'E_DISK_FULL' });
  assert.ok(!fs.existsSync(path.join(place, 'page.json')) && !fs.existsSync(path.join(place, 'model.onnx')));
  context.mock.restoreAll();
  const names = Object.keys(await write());
  assert.deepEqual(fs.readdirSync(place).sort(), names.sort(), 'and nothing else is left');
  context.mock.method(fs, 'renameSync', () => {
    throw full;
  });
  await assert.rejects(write, { code: 'E_DISK_FULL' });
  assert.ok(!fs.existsSync(path.join(place, 'page.json')), 'files of two pages do not count as one');
});

test('a tokenizer that the page does not know is refused before anything is written', async () => {
  const strange = path.join(path.dirname(out), 'strange');
  fs.cpSync(folder, strange, { recursive: true });
  const file = path.join(strange, 'tokenizer.json');
  const json = JSON.parse(fs.readFileSync(file, 'utf8')) as { pre_tokenizer: unknown };
  json.pre_tokenizer = { type: 'CharDelimiterSplit', delimiter: '-' };
  fs.writeFileSync(file, JSON.stringify(json));
  // a class that takes tokenizer.json as it is
  fs.writeFileSync(path.join(strange, 'tokenizer_config.json'), '{"tokenizer_class": "PreTrainedTokenizerFast"}');
  const target = path.join(path.dirname(out), 'none');
  await assert.rejects(writeWebPage(model, strange, target, { name: 'x' }), { code: 'E_PUBLISH_TOKENIZER' });
  assert.ok(!fs.existsSync(target));
});

// `spanlab publish`: what it adds to a folder, whether the card's program runs, and what it refuses.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { ensureWorkshopEncoder } from '../../src/model/workshop-encoder';
import { CONTEXT, decidedModel, removeModel } from '../publish/small-model';
import { spanlab } from './run';

const run = promisify(execFile);
const ROOT = path.resolve(__dirname, '..', '..');

let folder: string;
before(async () => (folder = await decidedModel()));
after(() => removeModel(folder));

test('--onnx: three files and a card', async () => {
  const { code, stdout, stderr } = await spanlab(['publish', '--model', folder, '--onnx', '--json']);
  assert.equal(code, 0, stderr);
  const { onnx, card } = JSON.parse(stdout) as { onnx: Record<string, number>; card: string };
  assert.deepEqual(Object.keys(onnx), ['onnx/model.onnx', 'onnx/model_fp16.onnx', 'onnx/model_quantized.onnx']);
  for (const [name, bytes] of Object.entries(onnx)) assert.equal(fs.statSync(path.join(folder, name)).size, bytes);
  assert.equal(card, 'written');
});

test('the program for Node that the card shows runs as it stands', async () => {
  const card = fs.readFileSync(path.join(folder, 'README.md'), 'utf8');
  const [, program] = /```js\n([^]*?)```/.exec(card)!;
  // the package has another name here, and the program is not among our modules
  const module = path.join(ROOT, 'node_modules', '@xenova', 'transformers', 'dist', 'transformers.node.mjs');
  const home = path.dirname(path.dirname(folder));
  const named = program.replace("'@huggingface/transformers'", JSON.stringify(pathToFileURL(module).href));
  const local = `import { env } from ${JSON.stringify(pathToFileURL(module).href)};
[env.allowRemoteModels, env.localModelPath] = [false, ${JSON.stringify(path.join(home, 'models'))}];\n${named}`;
  fs.writeFileSync(path.join(home, 'ask.mjs'), local);
  const { stdout } = await run(process.execPath, ['ask.mjs'], { cwd: home });
  const [, answer] = /answer: ['"](.*)['"]/.exec(stdout)!;
  assert.ok(CONTEXT.toLowerCase().includes(answer), stdout);
});

test('--web: a page', async () => {
  const site = path.join(path.dirname(folder), 'site');
  const { code, stdout, stderr } = await spanlab(['publish', '--model', folder, '--web', site, '--json']);
  assert.equal(code, 0, stderr);
  const { web, onnx } = JSON.parse(stdout) as { web: Record<string, number>; onnx?: unknown };
  assert.deepEqual([Object.keys(web).sort(), onnx], [fs.readdirSync(site).sort(), undefined]);
});

test('ONNX files of other weights are not pushed; exported again they are', async () => {
  const other = path.join(path.dirname(folder), 'retrained');
  fs.cpSync(folder, other, { recursive: true });
  fs.rmSync(path.join(other, 'README.md'));
  const weights = path.join(other, 'model.safetensors');
  const bytes = fs.readFileSync(weights);
  bytes[bytes.length - 1] ^= 1;
  fs.writeFileSync(weights, bytes);
  const env = { HF_TOKEN: 'hf_for_tests', HF_ENDPOINT: 'http://127.0.0.1:9' };
  const stale = await spanlab(['publish', '--model', other, '--to', 'ada/mine'], env);
  assert.equal(stale.code, 1);
  assert.match(stale.stderr, /^error: E_PUBLISH_STALE: .*model\.onnx: made from other weights.*--onnx/);
  assert.ok(!fs.existsSync(path.join(other, 'README.md')), 'and no card was written');
  const again = await spanlab(['publish', '--model', other, '--onnx', '--to', 'ada/mine'], env);
  assert.match(again.stderr, /E_PUBLISH_NETWORK/);
  fs.rmSync(other, { recursive: true });
});

test('a folder with a vocabulary alone gets its tokenizer.json; one without a tokenizer is refused', async () => {
  const other = path.join(path.dirname(folder), 'vocabulary');
  fs.cpSync(folder, other, { recursive: true });
  fs.rmSync(path.join(other, 'tokenizer.json'));
  const { code, stderr } = await spanlab(['publish', '--model', other, '--onnx']);
  assert.equal(code, 0, stderr);
  const vocabularies = [folder, other].map((place) => {
    return (JSON.parse(fs.readFileSync(path.join(place, 'tokenizer.json'), 'utf8')) as { model: { vocab: object } })
      .model.vocab;
  });
  assert.deepEqual(vocabularies[1], vocabularies[0]);
  for (const name of ['tokenizer.json', 'vocab.txt', 'onnx']) fs.rmSync(path.join(other, name), { recursive: true });
  const none = await spanlab(['publish', '--model', other, '--onnx']);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /E_FILE_MISSING: .*tokenizer\.json/);
  assert.ok(!fs.existsSync(path.join(other, 'onnx')));
  fs.rmSync(other, { recursive: true });
});

test('a token that is missing is missed before anything is written', async () => {
  const card = path.join(folder, 'README.md');
  const before = fs.readFileSync(card, 'utf8');
  const env = { HF_TOKEN: '', HF_TOKEN_PATH: path.join(folder, 'none') };
  const { code, stderr } = await spanlab(['publish', '--model', folder, '--to', 'ada/mine'], env);
  assert.equal(code, 1);
  assert.match(stderr, /^error: E_PUBLISH_TOKEN/);
  assert.equal(fs.readFileSync(card, 'utf8'), before);
});

test('a card of a person stays', async () => {
  fs.writeFileSync(path.join(folder, 'README.md'), '# Mine\n');
  const { stdout } = await spanlab(['publish', '--model', folder, '--onnx']);
  assert.match(stdout, /Model card .*README\.md: kept/);
  assert.equal(fs.readFileSync(path.join(folder, 'README.md'), 'utf8'), '# Mine\n');
});

test('what it refuses', async () => {
  const encoder = await ensureWorkshopEncoder();
  const cases: [args: string[], code: number, message: RegExp][] = [
    [['--model', folder], 2, /E_USAGE: .*--onnx/],
    [['--model', path.join(folder, 'none'), '--onnx'], 1, /E_FILE_MISSING: .*no such folder/],
    [['--model', encoder, '--onnx'], 1, /E_PUBLISH_MODEL: .*qa_outputs/],
    [['--model', folder, '--web', folder, '--dtype', 'q9'], 2, /E_USAGE: .*q8, fp16 or fp32/],
    [['--onnx'], 2, /E_USAGE/],
  ];
  for (const [args, code, message] of cases) {
    const outcome = await spanlab(['publish', ...args]);
    assert.equal(outcome.code, code, outcome.stderr);
    assert.match(outcome.stderr, message);
    assert.equal(outcome.stderr.trim().split('\n').length, 1);
  }
});

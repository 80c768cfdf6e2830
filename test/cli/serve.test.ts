// `spanlab serve` as a process: says where it is, answers, ends in good order; what is wrong is said in one line.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import test, { before } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { spanlab } from './run';
import { smallModel } from './small-model';

let model: string;
before(async () => (model = await smallModel()));

const BIN = path.resolve(__dirname, '..', '..', 'src', 'cli', 'bin.cjs');

async function start(folder = model) {
  const child = spawn(process.execPath, [BIN, 'serve', '--model', folder, '--port', '0'], {
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const output = { stderr: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  return { child, url: line.trim(), output };
}

test('prints its address, answers, and ends with 0 on SIGTERM', async () => {
  const { child, url, output } = await start();
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  const body = JSON.stringify({ question: 'Who won?', context: 'Ada won.' });
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(`${url}api/answer`, { method: 'POST', headers, body });
  const { answers } = (await response.json()) as { answers: { answer: string }[] };
  assert.equal(answers.length, 1);
  const port = new URL(url).port;
  const second = await spanlab(['serve', '--model', model, '--port', port]);
  assert.equal(second.code, 1);
  assert.match(second.stderr, new RegExp(`^error: E_SERVE_ADDRESS: 127\\.0\\.0\\.1, port ${port}: .*--port\\n$`, 'm'));
  child.kill('SIGTERM');
  const [code] = (await once(child, 'close')) as [number];
  assert.equal(code, 0);
  assert.match(output.stderr, /^serving.*\n\nfinishing the last requests/);
});

test('a model without a head for questions is said to answer by chance, and one with it is not', async () => {
  for (const [folder, wanted] of [
    ['workshop', 1],
    [model, 0],
  ] as const) {
    // prettier-ignore
    const { child, output } = await start(folder);
    child.kill('SIGTERM');
    await once(child, 'close');
    const said = output.stderr.match(/^warning: this model has no head for questions yet .*chance; train it first$/gm);
    assert.equal(said?.length ?? 0, wanted, output.stderr);
  }
});

/** Resolves when the process has started one of its own. */
async function firstChild(pid: number): Promise<void> {
  const list = `/proc/${pid}/task/${pid}/children`;
  while (fs.existsSync(list) && fs.readFileSync(list, 'utf8') === '') await setTimeout(20);
}

test(
  'SIGTERM while the model is loaded ends it without a stack',
  { skip: process.platform !== 'linux' && 'no list of children' },
  async (t) => {
    for (let i = 0; i < 3; i++) {
      const wait = Math.round(Math.random() * 1_200);
      t.diagnostic(`after ${wait} ms`);
      const child = spawn(process.execPath, [BIN, 'serve', '--model', model, '--port', '0'], {
        env: { ...process.env, NODE_OPTIONS: '' },
      });
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      await firstChild(child.pid!);
      await setTimeout(wait);
      child.kill('SIGTERM');
      await once(child, 'close'); // the process with the model has ended too, for it writes to the same place
      assert.doesNotMatch(stderr, /^ +at |Error:|EPIPE/m);
    }
  },
);

test('a port that is none, and a model that is not there', async () => {
  const wrong = await spanlab(['serve', '--model', model, '--port', '70000']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /--port is "70000"/);
  const missing = await spanlab(['serve', '--model', './no-such-folder']);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /^error: E_/);
});

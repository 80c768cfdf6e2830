// `spanlab train`: a folder that can be evaluated and asked, the same for the same seed, and every bad input in one line.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { before, describe } from 'node:test';
import { projectRoot } from '../../src/root';
import { onePassage, question, temporaryFile } from '../squad/files';
import { smallModel } from './small-model';
import { spanlab } from './run';

const context = 'The lighthouse was built in 1874 by Agnes Holm 🎉, who kept its lamp.';
const start = (text: string) => Array.from(context.slice(0, context.indexOf(text))).length;
const good = temporaryFile(
  onePassage(context, [
    question('1874', start('1874'), 'a'),
    question('Agnes Holm', start('Agnes Holm'), 'b'),
    question('its lamp', start('its lamp'), 'c'),
    { id: 'd', question: 'What did it cost?', answers: [], is_impossible: true },
  ]),
);
const output = () => path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'out');
let model: string;

before(async () => {
  model = await smallModel();
});

/** Runs the command with what it needs, and `changes`. */
function train(changes: Record<string, string> = {}) {
  const options = { model, train: good, out: output(), epochs: '2', batch: '2', ...changes };
  return spanlab(['train', ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]), '--json']);
}

test('a folder comes out, with the result on stdout and progress on stderr', async () => {
  const out = output();
  const { code, stdout, stderr } = await train({ out, dev: good });
  assert.equal(code, 0, stderr);
  const result = JSON.parse(stdout) as Record<string, number | string | number[]>;
  assert.deepEqual([result.out, result.features, result.steps, result.total], [out, 4, 4, 4]);
  assert.equal((result.epoch_losses as number[]).length, 2);
  for (const name of ['exact', 'f1', 'start_accuracy', 'end_accuracy', 'examples_per_second']) {
    assert.equal(typeof result[name], 'number', name);
  }
  assert.match(stderr, /epoch 2 .*step 4\/4 .*loss/);
  for (const file of ['config.json', 'model.safetensors', 'tokenizer.json'])
    assert.ok(fs.existsSync(path.join(out, file)));
});

test('the same seed gives the same file, byte for byte; another one does not', async () => {
  const weights = async (seed: string) => {
    const out = output();
    await train({ out, seed });
    return fs.readFileSync(path.join(out, 'model.safetensors'));
  };
  const first = await weights('3');
  assert.ok(first.equals(await weights('3')));
  assert.ok(!first.equals(await weights('4')));
});

test('Ctrl-C saves what has been learned', async () => {
  const out = output();
  const bin = path.join(projectRoot(), 'src', 'cli', 'bin.cjs');
  const args = [
    'train',
    '--model',
    model,
    '--train',
    good,
    '--out',
    out,
    '--epochs',
    '100000',
    '--batch',
    '1',
    '--json',
  ];
  const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, NODE_OPTIONS: '' } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString();
    if (/step \d/.test(stderr) && !child.killed) child.kill('SIGINT');
  });
  const code = await new Promise((resolve) => child.on('exit', resolve));
  assert.equal(code, 0, stderr);
  assert.equal((JSON.parse(stdout) as { stopped: boolean }).stopped, true);
  assert.match(stderr, /stopping after this step/);
  assert.ok(fs.existsSync(path.join(out, 'model.safetensors')));
});

describe('bad input is one line with a code, found before anything is trained', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
  const misplaced = () => temporaryFile(onePassage(context, [question('Ada', 0, 'lost')]));
  const cases: [string, () => Record<string, string>, RegExp][] = [
    ['a missing file', () => ({ train: '/nowhere.json' }), /^error: E_FILE_MISSING: \/nowhere\.json: /],
    ['truncated JSON', () => ({ train: temporaryFile('{"data": [') }), /^error: E_SQUAD_JSON: /],
    ['another schema', () => ({ train: temporaryFile({ rows: [] }) }), /^error: E_SQUAD_SCHEMA: .*data/],
    ['an answer that is not there', () => ({ train: misplaced() }), /^error: E_SQUAD_ANSWER: .*question lost/],
    ['a bad file to evaluate on', () => ({ dev: misplaced() }), /^error: E_SQUAD_ANSWER: /],
    ['no questions', () => ({ train: temporaryFile({ data: [] }) }), /^error: E_TRAIN_DATA: /],
    ['a folder without a model', () => ({ model: folder }), /^error: E_MODEL_UNKNOWN: .*config\.json/],
    ['a name that cannot be one', () => ({ model: 'no/such/model' }), /^error: E_MODEL_UNKNOWN: /],
    ['a place that is a file', () => ({ out: path.join(good, 'out') }), /^error: E_FILE: /],
  ];
  for (const [title, changes, line] of cases) {
    test(title, async () => {
      const { code, stdout, stderr } = await train(changes());
      assert.equal(code, 1);
      assert.equal(stdout, '');
      assert.match(stderr, line);
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
    });
  }

  test('a number that is none, and one out of range, are wrong usage', async () => {
    for (const [name, value] of [
      ['epochs', 'two'],
      ['epochs', '0'],
      ['lr', '-1'],
      ['max-length', '4'],
    ]) {
      const { code, stderr } = await train({ [name]: value });
      assert.equal(code, 2, `${name} ${value}`);
      assert.match(stderr, new RegExp(`^error: E_USAGE: train: --${name} is "${value}"`));
    }
  });
});

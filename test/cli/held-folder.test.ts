// While a training holds its folder, every command that would write there is refused, with the name of who holds it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { before } from 'node:test';
import { lockFolder } from '../../src/folder-lock';
import { onePassage, question, temporaryFile } from '../squad/files';
import { spanlab } from './run';
import { smallModel } from './small-model';

const context = 'The lighthouse was built in 1874 by Agnes Holm.';
let model: string;
let data: string;
let held: string;

before(async () => {
  model = await smallModel();
  data = temporaryFile(onePassage(context, [question('1874', context.indexOf('1874'), 'q1'), question('Agnes Holm', context.indexOf('Agnes'), 'q2')])); // prettier-ignore
  held = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-held-'));
  fs.mkdirSync(checkpoint());
});

/** By the source of the command and the option: a line that would write into the held folder. */
const LINES: Record<string, (file: string) => string[]> = {
  'evaluate out': () => ['evaluate', '--model', model, '--data', data, '--out', held],
  'evaluate logits': (file) => ['evaluate', '--model', model, '--data', data, '--logits', file],
  'ask out': () => ['ask', '--model', model, '--data', data, '--out', held],
  'data out': (file) => ['data', 'convert', data, '--out', `${file}.csv`],
  'data out, split': () => ['data', 'split', data, '--out', held],
  'filter out': (file) => ['filter', '--model', model, '--data', data, '--out', `${file}.json`],
  'tokenize out': (file) => ['tokenize', '--model', model, '--data', data, '--out', file],
  'download out': () => ['download', 'http://127.0.0.1:9/file', '--out', held],
  'curve out': () => ['curve', '--model', model, '--train', data, '--dev', data, '--out', held],
  'publish web': () => ['publish', '--model', model, '--web', held],
  'train out': () => ['train', '--model', model, '--train', data, '--out', held],
  // these change a model where it is
  'tune model': () => ['tune', '--model', held, '--data', data],
  'publish model': () => ['publish', '--model', held, '--onnx'],
  // and these a checkpoint of the training
  'evaluate out, a checkpoint': () => ['evaluate', '--model', model, '--data', data, '--out', checkpoint()],
  'tune model, a checkpoint': () => ['tune', '--model', checkpoint(), '--data', data],
  'publish model, a checkpoint': () => ['publish', '--model', checkpoint(), '--onnx'],
};
const checkpoint = () => path.join(held, 'checkpoint-8');

test('every option of a command that names a place to write to has a line here', () => {
  const folder = path.join(__dirname, '..', '..', 'src', 'cli');
  const options = fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const text = fs.readFileSync(path.join(folder, name), 'utf8');
      const found = [...text.matchAll(/^ {2,6}(out|logits|web): \{\s*type: 'string',\s*description/gm)];
      return found.map(([, option]) => `${name.replace(/(-options)?\.ts$/, '')} ${option}`);
    });
  assert.ok(options.length >= 10, options.join(', '));
  for (const option of options) assert.ok(option in LINES, option);
});

for (const [name, line] of Object.entries(LINES)) {
  test(name, async () => {
    const lock = lockFolder(held, 'training');
    try {
      const { code, stdout, stderr } = await spanlab(line(path.join(held, 'file')));
      assert.deepEqual([code, stdout], [1, ''], stderr);
      const busy = name === 'train out' ? 'E_TRAIN_OUTPUT' : 'E_FOLDER_BUSY';
      assert.match(stderr, new RegExp(`error: ${busy}: ${held}: in use \\(training, process ${process.pid} on .*choose another folder`)); // prettier-ignore
      assert.deepEqual(fs.readdirSync(held, { recursive: true }).sort(), ['.spanlab.lock', 'checkpoint-8']);
    } finally {
      lock.release();
    }
  });
}

test('what they leave when nobody holds the folder has no lock in it', async () => {
  const { code, stderr } = await spanlab(LINES['evaluate out']('x'));
  assert.equal(code, 0, stderr);
  assert.ok(fs.existsSync(path.join(held, 'predictions.json')));
  assert.ok(!fs.existsSync(path.join(held, '.spanlab.lock')));
});

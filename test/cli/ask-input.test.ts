// `spanlab ask` with the text on standard input, and with "no answer" among the answers.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import test, { before } from 'node:test';
import { smallModel } from './small-model';

const BIN = path.resolve(__dirname, '..', '..', 'src', 'cli', 'bin.cjs');
const CONTEXT = 'In the end Ada won the race.\n\n\nŁódź cheered 🎉.';

let model: string;
before(async () => (model = await smallModel()));

function ask(...args: string[]) {
  const command = [BIN, 'ask', '--model', model, '--context-file', '-', '--json', ...args];
  return spawnSync(process.execPath, command, { input: CONTEXT, encoding: 'utf8' });
}

test('the text may come from standard input; windows shorter than the default overlap are no obstacle', () => {
  const args = ['--question', 'Who won?', '--top-k', '100', '--max-length', '24', '--handle-impossible-answer'];
  const { status, stdout, stderr } = ask(...args);
  assert.equal(status, 0, stderr);
  const answers = JSON.parse(stdout) as { answer: string; start: number; end: number }[];
  assert.equal(answers.filter(({ answer }) => answer === '').length, 1);
  for (const { answer, start, end } of answers) assert.equal(answer, CONTEXT.slice(start, end));
});

test('then the question must be an option', () => {
  const { status, stdout, stderr } = ask();
  assert.deepEqual([status, stdout], [2, '']);
  assert.match(stderr, /--question is needed when the text comes from standard input/);
});

// What every command promises: exit codes, one line for an error, no stack trace.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, test } from 'node:test';
import { version } from '../../src/root';
import { spanlab } from './run';

const COMMANDS = ['setup', 'doctor', 'tokenize', 'train', 'evaluate', 'ask'];

describe('spanlab', { concurrency: 3 }, () => {
  test('help and version', async () => {
    for (const args of [[], ['--help'], ['-h']]) {
      const { code, stdout, stderr } = await spanlab(args);
      assert.equal(code, 0);
      assert.equal(stderr, '');
      for (const command of COMMANDS) assert.match(stdout, new RegExp(`\\b${command}\\b`));

      assert.doesNotMatch(stdout, /\u001b/);
    }
    assert.equal((await spanlab(['--version'])).stdout, `${version}\n`);
  });

  for (const command of COMMANDS) {
    test(`spanlab ${command} --help`, async () => {
      const { code, stdout } = await spanlab([command, '--help']);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`spanlab ${command}`));
    });
  }

  test('wrong usage: one line on stderr, nothing on stdout, exit code 2', async () => {
    const wrong: [string[], RegExp][] = [
      [['teach'], /unknown command "teach"; choose .*train/],
      [['constructor'], /unknown command "constructor"/],
      [['train', '--sed', '1'], /train: unknown option --sed/],
      [['train', '--train'], /train: --train needs a value/],
      [['ask', '--model', 'x'], /ask: give the text with --context or --context-file/],
      [['doctor', 'now'], /doctor: unexpected argument "now"/],
      [['setup', '--only', 'python'], /setup: --only is "python"; choose tensorflow or jupyter/],
    ];
    for (const [args, message] of wrong) {
      const { code, stdout, stderr } = await spanlab(args);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, /^error: E_USAGE: [^\n]*; see --help\n$/);
      assert.match(stderr, message);
    }
  });

  test('a failure: one line with its code, exit code 1', async () => {
    const { code, stdout, stderr } = await spanlab(['evaluate', '--model', '/no/model', '--data', '/no/data.json']);
    assert.equal(code, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /^error: E_[A-Z_]+: [^\n]*\n$/);
    assert.doesNotMatch(stderr, /E_INTERNAL/);
  });

  test('a defect: its message, and the stack only when asked for', async () => {
    // a module that fails while it loads stands for any defect
    const env = { NODE_OPTIONS: `--require=${path.join(__dirname, 'defect.cjs')}` };
    const quiet = await spanlab(['doctor'], env);
    assert.equal(quiet.code, 1);
    assert.match(quiet.stderr, /^error: E_INTERNAL: a defect; set SPANLAB_DEBUG=1 to see where[^\n]*\n$/);
    const debug = await spanlab(['doctor'], { ...env, SPANLAB_DEBUG: '1' });
    assert.match(debug.stderr, /^Error: a defect\n +at /);
    assert.match(debug.stderr, /error: E_INTERNAL: a defect/);
  });

  test('a reader that has seen enough is no error', () => {
    const bin = path.resolve(__dirname, '..', '..', 'src', 'cli', 'bin.cjs');
    const script = 'set -o pipefail; "$0" "$1" train --help | true';
    const { status, stderr } = spawnSync('bash', ['-c', script, process.execPath, bin], { encoding: 'utf8' });
    assert.equal(status, 0);
    assert.equal(stderr, '');
  });
});

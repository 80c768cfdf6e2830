// What goes into a bundle, and its script that stands in for npm.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { describe } from 'node:test';
import { bundledPaths, excludedPatterns } from '../../src/setup/bundle/contents';

const SCRIPT = path.resolve(__dirname, '..', '..', 'src', 'setup', 'bundle', 'offline.sh');

function folder(files: Record<string, string>): string {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab bundle '));
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), content);
  }
  return root;
}

describe('contents', () => {
  const files = [
    ...[
      'package.json',
      'src/index.ts',
      'node_modules/tsx/package.json',
      'data/workshop/train.json',
      'data/squad/a.json',
    ],
    ...['.git/HEAD', 'runs/old/run.json', 'models/workshop-qa/config.json', 'models/private/config.json', 'debug.log'],
    ...['.spanlab/tensorflow-2-cpu/a.so', '.spanlab/kernels/a.node', '.spanlab/models/minilm/config.json'],
    ...['.spanlab/jupyter/pyvenv.cfg', '.spanlab/reference/pyvenv.cfg', '.spanlab/scratch/a'],
  ];
  const root = folder(Object.fromEntries(files.map((name) => [name, ''])));

  test('what was installed and the workshop; no runs, no models, no environment bound to its place', () => {
    assert.deepEqual(bundledPaths([], root).sort(), [
      ...['.spanlab/kernels', '.spanlab/models', '.spanlab/tensorflow-2-cpu'],
      ...['data/workshop', 'node_modules', 'package.json', 'src'],
    ]);
  });

  test('more of the project when asked, nothing from outside it', () => {
    assert.ok(bundledPaths(['models/workshop-qa', 'data/squad'], root).includes('models/workshop-qa'));
    assert.throws(() => bundledPaths(['models/none'], root), /models\/none is not there/);
    assert.throws(() => bundledPaths(['../elsewhere'], root), /not in the project/);
    assert.throws(() => bundledPaths(['/etc'], root), /not in the project/);
  });

  test('libraries of other systems stay behind, those of this one do not', () => {
    const linux = excludedPatterns('linux');
    assert.ok(linux.includes('*.dll') && linux.includes('*.dylib'));
    assert.ok(!linux.some((pattern) => pattern.includes('.so')));
    assert.ok(!excludedPatterns('darwin').includes('*.dylib'));
  });
});

describe('offline.sh', () => {
  const scripts = { hello: 'node hello.js first && node hello.js second' };
  const root = folder({
    'package.json': JSON.stringify({ scripts }),
    'hello.js': 'console.log(process.argv.slice(2).join("|"), process.env.HF_HUB_OFFLINE)',
    'src/cli/bin.cjs': 'console.log("spanlab", ...process.argv.slice(2))',
  });
  fs.copyFileSync(SCRIPT, path.join(root, 'offline.sh'));
  fs.chmodSync(path.join(root, 'offline.sh'), 0o755);
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(path.join(root, 'offline.sh'), args, { encoding: 'utf8', cwd: '/' });
    return { status, stdout, stderr };
  };

  test('runs a script of package.json, with arguments at its end, from any folder, offline', () => {
    assert.deepEqual(run('hello', 'two words', '--flag'), {
      status: 0,
      stderr: '',
      stdout: 'first 1\nsecond|two words|--flag 1\n',
    });
  });

  test('runs spanlab', () => assert.equal(run('spanlab', 'ask', '--json').stdout, 'spanlab ask --json\n'));

  test('says what is wrong', () => {
    assert.deepEqual([run().status, run('nothing').status], [2, 2]);
    assert.match(run('nothing').stderr, /^error: E_USAGE: there is no script "nothing"/);
  });

  test('takes the Node of the bundle before that of the machine', () => {
    const own = path.join(root, '.spanlab', 'bundle', 'bin', 'node');
    fs.mkdirSync(path.dirname(own), { recursive: true });
    fs.writeFileSync(own, `#!/bin/sh\necho bundled\n`, { mode: 0o755 });
    assert.equal(run('spanlab', 'ask').stdout, 'bundled\n');
    fs.rmSync(own);
  });
});

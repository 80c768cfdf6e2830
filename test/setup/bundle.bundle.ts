// A bundle in a place where nothing was installed and no network is: it sets itself up, asks, and executes a notebook.
// `npm run test:bundle`; it needs some 6 GB of disk and several minutes, and Linux, where a program can be kept from the network.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';

const ROOT = path.resolve(__dirname, '..', '..');
const MINUTES = { timeout: 900_000 };
const place = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-bundle-'));
const archive = path.join(place, 'bundle.tar.gz');
const home = path.join(place, 'home');
const unpacked = path.join(place, 'elsewhere', 'spanlab');

/** A program with an empty home, a plain path and no network but its own loopback. */
function alone(program: string, args: string[], options: Record<string, string> = {}) {
  const path = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', pythonFolder()].join(':');
  const isolated = ['--user', '--map-root-user', '--net', 'sh', '-c', 'ip link set lo up; exec "$@"', 'sh'];
  const env = { PATH: path, HOME: home, ...options };
  const done = spawnSync('unshare', [...isolated, program, ...args], { env, encoding: 'utf8', maxBuffer: 1 << 28 });
  return { ...done, text: `${done.stdout}\n${done.stderr}` };
}

function pythonFolder(): string {
  const { stdout } = spawnSync('python3', ['-c', 'import sys; print(sys.base_prefix)'], { encoding: 'utf8' });
  return path.join(stdout.trim(), 'bin');
}

before(() => {
  for (const folder of [home, path.dirname(unpacked)]) fs.mkdirSync(folder, { recursive: true });
  const args = ['run', 'bundle', '--', '--out', archive];
  const made = spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
  assert.equal(made.status, 0, made.stderr);
  assert.match(made.stdout, /offline\.sh lab/);
  assert.equal(spawnSync('tar', ['xzf', archive, '-C', path.dirname(unpacked)]).status, 0);
  fs.rmSync(archive);
}, MINUTES);
after(() => fs.rmSync(place, { recursive: true, force: true }));

test('there is no network', () => {
  const script = "fetch('https://registry.npmjs.org').then(() => process.exit(0), () => process.exit(7))";
  assert.equal(alone(process.execPath, ['-e', script]).status, 7);
});

test('it sets itself up without a compiler or a download', MINUTES, () => {
  const { status, text } = alone(path.join(unpacked, 'offline.sh'), ['setup'], { CXX: '/bin/false' });
  assert.equal(status, 0, text);
  assert.match(text, /native TensorFlow .*: ready/);
  assert.match(text, /the engine for this processor: ready/);
  assert.match(text, /JupyterLab is ready/);
});

test('doctor finds the native engine', MINUTES, () => {
  const { status, stdout, text } = alone(path.join(unpacked, 'offline.sh'), ['spanlab', 'doctor']);
  assert.equal(status, 0, text);
  assert.match(stdout, /tensorflow/i);
});

test('the first notebook runs from its first cell to its last', MINUTES, () => {
  const python = path.join(unpacked, '.spanlab', 'jupyter', 'bin', 'python');
  const notebook = path.join(unpacked, 'notebooks', '00-start-here.ipynb');
  const args = [path.join(unpacked, 'kernel', 'run_notebook.py'), notebook, path.join(place, 'executed.ipynb')];
  const { status, text } = alone(python, args, {
    JUPYTER_PATH: path.join(unpacked, 'kernel', 'jupyter'),
    PATH: [path.join(unpacked, '.spanlab', 'bundle', 'bin'), '/usr/bin', '/bin', '/usr/sbin'].join(':'),
  });
  assert.equal(status, 0, text);
});

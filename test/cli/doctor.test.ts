// `spanlab doctor`, on this machine and where something is broken.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { spanlab } from './run';

const ROOT = path.resolve(__dirname, '..', '..');
const GPU_PACKAGE = path.join('@tensorflow', 'tfjs-node-gpu');

interface Report {
  backend: string | null;
  tensorflow: string | null;
  jupyterlab: string | null;
  disk_bytes: number;
  problems: string[];
  [fact: string]: unknown;
}

async function report(env: Record<string, string> = {}, root = ROOT): Promise<Report> {
  const { code, stdout, stderr } = await spanlab(['doctor', '--json'], env, root);
  assert.equal(code, 0, stderr);
  assert.equal(stdout.split('\n').length, 2, 'one line');
  return JSON.parse(stdout) as Report;
}

/** A copy of this project without `.spanlab`, and with an addon of its own. */
function copyProject(addon: (file: string) => void): string {
  const root = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'spanlab doctor '));
  process.on('exit', () => fs.rmSync(root, { recursive: true, force: true }));
  fs.copyFileSync(path.join(ROOT, 'package.json'), path.join(root, 'package.json'));
  fs.cpSync(path.join(ROOT, 'src'), path.join(root, 'src'), { recursive: true });
  linkModules(path.join(ROOT, 'node_modules'), path.join(root, 'node_modules'));
  const gpuPackage = path.join(root, 'node_modules', GPU_PACKAGE);
  fs.rmSync(gpuPackage);
  fs.cpSync(path.join(ROOT, 'node_modules', GPU_PACKAGE), gpuPackage, {
    recursive: true,
    filter: (file) => !file.endsWith('.node'),
  });
  fs.mkdirSync(path.join(gpuPackage, 'lib', 'napi-v8'), { recursive: true });
  addon(path.join(gpuPackage, 'lib', 'napi-v8', 'tfjs_binding.node'));
  return root;
}

/** Links every package, so that single ones can be replaced. */
function linkModules(from: string, to: string): void {
  fs.mkdirSync(to);
  for (const name of fs.readdirSync(from).filter((name) => !name.startsWith('.'))) {
    if (name === '@tensorflow') linkModules(path.join(from, name), path.join(to, name));
    else if (name !== 'tfjs-node') fs.symlinkSync(path.join(from, name), path.join(to, name));
    else fs.symlinkSync(path.join('..', '..', 'src', 'engine', 'tfjs-node'), path.join(to, name));
  }
}

/** An addon that ends its process when it is loaded, as a library for another processor does. */
function compileAbort(file: string): void {
  const source = '#include <cstdlib>\n__attribute__((constructor)) static void end() { abort(); }';
  execFileSync('g++', ['-shared', '-fPIC', '-x', 'c++', '-', '-o', file], { input: source });
}

describe('doctor', { concurrency: 2 }, () => {
  test('this machine, as JSON', async () => {
    const facts = await report();
    assert.deepEqual(Object.keys(facts).sort(), [
      ...['answers', 'backend', 'cores', 'disk_bytes', 'gpu', 'jupyterlab', 'kernel', 'machine', 'memory', 'nbclient'],
      ...['node', 'operations', 'problems', 'skipped', 'spanlab', 'tensorflow', 'tfjs'],
    ]);
    assert.equal(facts.node, process.version);
    assert.equal(facts.kernel, 'tslab 1.0.22');
    assert.ok(['tensorflow-gpu', 'tensorflow', 'wasm'].includes(facts.backend!));
    assert.equal(facts.tensorflow !== null, facts.backend!.startsWith('tensorflow'));
  });

  test('this machine, for people', async () => {
    const { code, stdout } = await spanlab(['doctor']);
    assert.equal(code, 0);
    for (const fact of ['answers', 'backend', 'tensorflow', 'gpu', 'node', 'jupyterlab', 'kernel']) {
      assert.match(stdout, new RegExp(`^${fact} +\\S`, 'm'));
    }
    assert.match(stdout, /^disk +[\d.]+ [MG]B in .*\.spanlab$/m);
    assert.doesNotMatch(stdout, /null|undefined/);
  });

  test('the backend that was asked for', async () => {
    assert.equal((await report({ SPANLAB_BACKEND: 'wasm' })).backend, 'wasm');
    const unknown = await report({ SPANLAB_BACKEND: 'abacus' });
    assert.equal(unknown.backend, null);
    assert.match(unknown.problems[0], /unknown backend "abacus"; choose one of/);
  });

  test('nothing set up yet: wasm computes, and the problems say what to do', async () => {
    const facts = await report(
      {},
      copyProject(() => undefined),
    );
    assert.equal(facts.backend, 'wasm');
    assert.equal(facts.jupyterlab, null);
    assert.equal(facts.kernel, null);
    assert.equal(facts.disk_bytes, 0);
    const [tensorflow, jupyter, kernel] = facts.problems;
    assert.match(tensorflow, /^native TensorFlow does not start .*; run npx spanlab setup/);
    assert.match(jupyter, /^JupyterLab is missing, .*; run npx spanlab setup$/);
    assert.match(kernel, /^the notebook kernel is missing; /);
  });

  test('the engine for this processor is not compiled: TensorFlow computes alone, and the problem says what to do', async () => {
    const addon = path.join(ROOT, 'node_modules', GPU_PACKAGE, 'lib', 'napi-v8', 'tfjs_binding.node');
    const facts = await report(
      { SPANLAB_BACKEND: 'tensorflow' },
      copyProject((file) => fs.symlinkSync(fs.realpathSync(addon), file)),
    );
    assert.deepEqual([facts.backend, facts.operations], ['tensorflow', 'kernels']);
    assert.match(facts.problems[0], /^the engine for this processor is missing, .*; run npx spanlab setup$/);
    assert.equal((await report({ SPANLAB_BACKEND: 'tensorflow' })).operations, 'fused');
  });

  test('an addon that is no library', async () => {
    const facts = await report(
      {},
      copyProject((file) => fs.writeFileSync(file, 'garbage')),
    );
    assert.equal(facts.backend, 'wasm');
    assert.match(facts.problems[0], /^native TensorFlow does not start/);
  });

  test('an addon that ends its process', async () => {
    const facts = await report({}, copyProject(compileAbort));
    assert.equal(facts.backend, null);
    assert.match(
      facts.problems[0],
      /^starting the backend ended with SIGABRT; .*remove the folders tensorflow-\* of the cache/,
    );
  });

  test('a Python environment whose Python is gone', async () => {
    const root = copyProject(() => undefined);
    const bin = path.join(root, '.spanlab', 'jupyter', 'bin');
    fs.mkdirSync(bin, { recursive: true });
    fs.symlinkSync('/bin/false', path.join(bin, 'python'));
    const { problems } = await report({}, root);
    assert.match(problems[1], /^JupyterLab is broken, /);
  });
});

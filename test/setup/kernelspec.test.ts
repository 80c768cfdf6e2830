// `kernel install` and `kernel uninstall`: what Jupyter finds, and what is nobody's to replace.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { installKernel, uninstallKernel } from '../../src/setup/kernelspec';
import { spanlab } from '../cli/run';

const prefix = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab kernels '));
process.on('exit', () => fs.rmSync(prefix, { recursive: true, force: true }));
const KERNELS = path.join(prefix, 'share', 'jupyter', 'kernels');

interface Spec {
  argv: string[];
  display_name: string;
  language: string;
  interrupt_mode: string;
}

const specIn = (folder: string) => JSON.parse(fs.readFileSync(path.join(folder, 'kernel.json'), 'utf8')) as Spec;

test('the kernelspec needs no node on the path, and keeps what the clone’s own says', () => {
  const folder = installKernel({ prefix });
  assert.equal(folder, path.join(KERNELS, 'spanlab'));
  const { argv, language, interrupt_mode: mode } = specIn(folder);
  assert.equal(argv[0], process.execPath);
  const launcher = argv.find((part) => part.endsWith('launch.cjs'))!;
  assert.ok(path.isAbsolute(launcher) && fs.existsSync(launcher));
  assert.deepEqual(argv.slice(-2), ['--in-place', '{connection_file}']);
  assert.deepEqual([language, mode], ['typescript', 'message']);
  assert.equal(installKernel({ prefix }), folder, 'again');
  assert.equal(uninstallKernel({ prefix }), folder);
  assert.deepEqual(fs.readdirSync(KERNELS), []);
});

test('names, and the kernel for JavaScript', () => {
  const { argv, language, display_name: shown } = specIn(installKernel({ prefix, js: true, name: 'Mine' }));
  assert.deepEqual([language, shown], ['javascript', 'JavaScript (spanlab)']);
  assert.deepEqual(argv.slice(-3), ['--in-place', '--js', '{connection_file}']);
  assert.deepEqual(fs.readdirSync(KERNELS), ['mine'], 'Jupyter lists names in lower case');
  uninstallKernel({ prefix, js: true, name: 'Mine' });
  assert.throws(() => installKernel({ prefix, name: 'a b' }), { code: 'E_KERNEL_NAME' });
  assert.throws(() => installKernel({ prefix, name: '../up' }), { code: 'E_KERNEL_NAME' });
});

test('what another program installed stays, and what is not there cannot go', () => {
  const folder = path.join(KERNELS, 'deno');
  fs.mkdirSync(folder, { recursive: true });
  for (const text of ['{"argv": ["deno"], "metadata": {}}', 'not JSON']) {
    fs.writeFileSync(path.join(folder, 'kernel.json'), text);
    assert.throws(() => installKernel({ prefix, name: 'deno' }), { code: 'E_KERNEL_FOREIGN' });
    assert.throws(() => uninstallKernel({ prefix, name: 'deno' }), { code: 'E_KERNEL_FOREIGN' });
    assert.equal(fs.readFileSync(path.join(folder, 'kernel.json'), 'utf8'), text);
  }
  assert.throws(() => uninstallKernel({ prefix, name: 'nobody' }), { code: 'E_KERNEL_MISSING' });
});

test('without a prefix it goes where Jupyter looks for kernels of the user', async () => {
  const data = path.join(prefix, 'data');
  const { code, stdout } = await spanlab(['kernel', 'install', '--json'], { JUPYTER_DATA_DIR: data });
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), { installed: path.join(data, 'kernels', 'spanlab') });
  const both = await spanlab(['kernel', 'install', '--user', '--prefix', prefix]);
  assert.equal(both.code, 2);
  assert.match(both.stderr, /--user and --prefix are two places/);
});

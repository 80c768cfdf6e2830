// `npm run test:asan`: our kernels built with AddressSanitizer and UndefinedBehaviorSanitizer, and their tests run on them.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const target = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-asan-')), 'kernels.node');
const compiler = process.env.CXX ?? 'g++';
const library = (name) => execFileSync(compiler, [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();

const build = spawnSync(
  process.execPath,
  ['--import', 'tsx', path.join(root, 'test', 'engine', 'asan-build.ts'), target],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
if (build.status !== 0) process.exit(build.status ?? 1);

// the sanitizer must be there before TensorFlow takes memory; Node and TensorFlow keep theirs to the end, which is no leak of ours
const tests = ['distances', 'fused', 'kernel-checks', 'sanitized', 'whole'].map((name) => `test/engine/${name}`);
const { status } = spawnSync(process.execPath, [path.join(root, 'test', 'run.mjs'), ...tests], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    LD_PRELOAD: [library('libasan.so'), library('libstdc++.so')].join(':'),
    ASAN_OPTIONS: 'detect_leaks=0:halt_on_error=1:allocator_may_return_null=1',
    UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1',
    SPANLAB_KERNELS: target,
    SPANLAB_SANITIZED: '1',
  },
});
fs.rmSync(path.dirname(target), { recursive: true });
process.exit(status ?? 1);

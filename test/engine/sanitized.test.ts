// Whether the sanitizer is really there: only `npm run test:asan` has it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import { loadKernels } from '../../src/engine/native/kernels';
import { startBackend } from './backend';

test('the sanitized kernels are the ones that run', { skip: process.env.SPANLAB_SANITIZED !== '1' }, async () => {
  await startBackend();
  assert.ok(loadKernels());
  const maps = fs.readFileSync('/proc/self/maps', 'utf8');
  assert.ok(maps.includes(process.env.SPANLAB_KERNELS!), 'the kernels that were built for this');
  assert.match(maps, /libasan/);
});

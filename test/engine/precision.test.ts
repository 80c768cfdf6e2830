// The precision that is asked for, and what `auto` makes of this processor.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { chooseBackend, whyNoGpu } from '../../src/engine/backend';
import { choosePrecision, hasNarrowInstructions } from '../../src/engine/precision';
import { startBackend } from './backend';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'precision-'));
before(startBackend);
after(() => fs.rmSync(folder, { recursive: true }));

function cpuinfo(text: string): string {
  const file = path.join(folder, 'cpuinfo');
  fs.writeFileSync(file, text);
  return file;
}

test('instructions for bfloat16 are found in what Linux says of the processor', () => {
  assert.equal(hasNarrowInstructions(cpuinfo('model\t: x\nflags\t\t: fpu avx512f avx512_bf16 sse\n')), true);
  assert.equal(hasNarrowInstructions(cpuinfo('flags\t\t: fpu amx_bf16\n')), true);
  assert.equal(hasNarrowInstructions(cpuinfo('Features\t: fp asimd bf16 i8mm\n')), true);
  assert.equal(hasNarrowInstructions(cpuinfo('model name\t: bf16\nflags\t\t: fpu avx512f avx2\n')), false);
  assert.equal(hasNarrowInstructions(path.join(folder, 'none')), false);
});

test('natively all three are there', () => {
  assert.equal(choosePrecision('fp32'), 'fp32');
  assert.equal(choosePrecision('bf16'), 'bf16');
  assert.equal(choosePrecision('auto'), hasNarrowInstructions() ? 'bf16' : 'fp32');
});

test("TF32 is a GPU's", () => {
  assert.throws(() => choosePrecision('tf32'), { code: 'E_PRECISION', message: /needs an NVIDIA GPU/ });
});

test('without a GPU the wanted backend says in one line what is missing', async () => {
  const reason = /^backend tensorflow-gpu: no NVIDIA GPU: \/dev\/nvidia0 is not there/;
  if (!fs.existsSync('/dev/nvidia0')) {
    await assert.rejects(chooseBackend('tensorflow-gpu'), { code: 'E_BACKEND_UNAVAILABLE', message: reason });
  }
  const device = cpuinfo('a device');
  assert.match(whyNoGpu(path.join(folder, 'none')), /no card, or no driver/);
  assert.match(whyNoGpu(device), /processor build.*run npx spanlab setup --gpu$/);
  const build = path.join(folder, 'build');
  fs.mkdirSync(path.join(build, 'nvidia'), { recursive: true });
  const maps = path.join(folder, 'maps');
  fs.writeFileSync(maps, `7f00-7f01 r-xp 00000000 00:00 1 ${build}/tensorflow/libtensorflow_cc.so.2\n`);
  assert.match(whyNoGpu(device, maps), /takes no GPU.*TF_CPP_MIN_LOG_LEVEL=0/);
});

test('elsewhere bfloat16 is refused, and auto does without', async () => {
  await chooseBackend('cpu');
  assert.equal(choosePrecision('auto'), 'fp32');
  assert.throws(() => choosePrecision('bf16'), { code: 'E_PRECISION', message: /take fp32 or auto/ });
  await startBackend();
});

// Prints by how many threads the first call of one of our kernels lets this process grow.
import fs from 'node:fs';
import { FLOAT, run, upload } from '../../src/engine/native/binding';
import { loadKernels, runKernel } from '../../src/engine/native/kernels';
import { startBackend } from './backend';

const threads = () => fs.readdirSync('/proc/self/task').length;

async function main(): Promise<void> {
  await startBackend();
  loadKernels();
  const inputs = [upload(new Float32Array(512 * 8), [512, 8]), upload(new Float32Array(8), [8])];
  // TensorFlow's own threads begin with its first kernel
  run('Neg', [{ name: 'T', type: 4, value: FLOAT }], [inputs[0]]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const before = threads();
  runKernel('Activation', { type: FLOAT }, inputs);
  await new Promise((resolve) => setTimeout(resolve, 200));
  process.stdout.write(`${threads() - before}\n`);
}

void main();

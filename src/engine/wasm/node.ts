// What our WebAssembly needs of Node, where there is one.
import os from 'node:os';
import v8 from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { StartThread } from './threads';

/** Without the options of this process: a loader of TypeScript would take longer to start than the thread. */
export const startThread: StartThread = (program, data) => {
  const worker = new Worker(program, { eval: true, execArgv: [] });
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', () => {
      worker.unref(); // the process ends without it
      resolve({ stop: () => void worker.terminate() });
    });
    worker.postMessage(data);
  });
};

/** All cores, or what TF_NUM_INTRAOP_THREADS says, as with native TensorFlow. */
export function availableThreads(wanted = Number(process.env.TF_NUM_INTRAOP_THREADS)): number {
  return Number.isInteger(wanted) && wanted > 0 ? wanted : os.availableParallelism();
}

/** Node 20 and 21 have the instruction that multiplies and adds at once, but behind a flag; later ones without. */
export function permitRelaxedSimd(): void {
  if (/^v2[01]\./.test(process.version)) v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
}

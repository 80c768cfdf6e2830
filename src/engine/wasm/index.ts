// TensorFlow.js on our own WebAssembly: on every machine without native TensorFlow, in a browser's page or worker, and in Node.
import * as tf from '@tensorflow/tfjs';
import { EngineError } from '../errors';
import { WasmBackend } from './backend';
import { Kernels } from './kernels';
import { registerKernels } from './registered';
import { type StartThread, startWebWorker } from './threads';

export interface WasmOptions {
  /** How many threads compute; as many as the machine has cores where it is left out. One where memory cannot be shared with others. */
  threads?: number;
  /** How a thread is started; a web worker where it is left out. */
  startThread?: StartThread;
}

export interface WasmChoice {
  /** How many compute. */
  threads: number;
  /** Why there are not as many as were wanted. */
  reason?: string;
  /** The instructions in use: `relaxed SIMD`, or `SIMD` where the other is not known. */
  features: string;
}

/** The scope of a page or of a worker; a page has a document. */
interface Scope {
  crossOriginIsolated?: boolean;
  /** Some browsers lack it on isolated pages, too. */
  SharedArrayBuffer?: unknown;
  document?: unknown;
  navigator?: { hardwareConcurrency?: number };
}

let started: Promise<Kernels> | undefined;

/**
 * Makes our WebAssembly TensorFlow.js's backend. In a browser several threads need a page that is isolated from other origins: its
 * server sends `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`. The kernels and the program of
 * the threads are part of this module: there are no further files to serve.
 *
 * The first call decides on the threads; results are the same bits with any number of them.
 *
 * @throws EngineError `E_BACKEND_UNAVAILABLE` where WebAssembly lacks 128-bit vectors, or another WebAssembly backend is registered.
 * @example const { threads } = await useWasm({ threads: 2 })
 */
export async function useWasm({ threads, startThread = startWebWorker }: WasmOptions = {}): Promise<WasmChoice> {
  const scope = globalThis as Scope;
  const mayShare = scope.crossOriginIsolated === true && scope.SharedArrayBuffer !== undefined;
  const isBrowserAlone = startThread === startWebWorker && !mayShare;
  const wanted = threads ?? scope.navigator?.hardwareConcurrency ?? 1;
  const options = { threads: isBrowserAlone ? 1 : wanted, startThread, maySleep: scope.document === undefined };
  started ??= register(options).catch((error: unknown) => {
    started = undefined; // another call may do
    throw error;
  });
  const kernels = await started;
  await tf.setBackend('wasm');
  const reason = isBrowserAlone && wanted > 1 ? 'the page is not cross-origin isolated' : undefined;
  return { threads: kernels.threads, reason, features: kernels.features };
}

async function register(options: Parameters<typeof Kernels.start>[0]): Promise<Kernels> {
  if (tf.findBackendFactory('wasm')) {
    throw new EngineError('E_BACKEND_UNAVAILABLE', '@tensorflow/tfjs-backend-wasm is loaded, and has the name wasm');
  }
  const kernels = await Kernels.start(options);
  tf.registerBackend('wasm', () => new WasmBackend(kernels), 0);
  registerKernels();
  return kernels;
}

// Which machinery computes: native TensorFlow on GPU or processor where it is, WebGPU, WebAssembly anywhere else.
import * as tf from '@tensorflow/tfjs';
import fs from 'node:fs';
import path from 'node:path';
import { EngineError } from './errors';
import { nativeBackend } from './handles';
import { useWasm } from './wasm';
import { availableThreads, permitRelaxedSimd, startThread } from './wasm/node';
import { startWebGpu } from './webgpu';

export type BackendName = 'tensorflow-gpu' | 'tensorflow' | 'webgpu' | 'wasm' | 'cpu';

/** The backend that was taken, and why each better one was not. */
export interface BackendChoice {
  name: BackendName;
  version: string;
  skipped: { name: BackendName; reason: string }[];
}

/** Where Linux shows the first NVIDIA GPU. */
const NVIDIA = '/dev/nvidia0';

/** Compiles in half of the time: cuBLAS as it comes was as fast as what XLA chooses after trying (bench/results/gpu.md). */
const XLA_FLAGS = '--xla_gpu_autotune_level=0 --xla_gpu_enable_triton_gemm=false';

/** From best to worst. */
export const BACKENDS: BackendName[] = ['tensorflow-gpu', 'tensorflow', 'webgpu', 'wasm', 'cpu'];

const starters: Record<BackendName, (isWanted: boolean) => Promise<string>> = {
  'tensorflow-gpu': () => startNative(true),
  tensorflow: () => startNative(false),
  webgpu: startWebGpu,
  wasm: startWasm,
  cpu: startCpu,
};

/**
 * Starts the best backend of this machine, or the `wanted` one (also from the environment variable `SPANLAB_BACKEND`).
 *
 * @throws EngineError `E_BACKEND_UNKNOWN`, or `E_BACKEND_UNAVAILABLE` when the wanted one cannot start.
 * @example const { name } = await chooseBackend()
 */
export async function chooseBackend(wanted = process.env.SPANLAB_BACKEND): Promise<BackendChoice> {
  const candidates = wanted ? [checkName(wanted)] : BACKENDS;
  const skipped: BackendChoice['skipped'] = [];
  for (const name of candidates) {
    try {
      return { name, version: await starters[name](Boolean(wanted)), skipped };
    } catch (error) {
      skipped.push({ name, reason: (error as Error).message.split('\n')[0].trim() });
    }
  }
  throw new EngineError('E_BACKEND_UNAVAILABLE', `backend ${skipped.map((s) => `${s.name}: ${s.reason}`).join('; ')}`);
}

function checkName(name: string): BackendName {
  if ((BACKENDS as string[]).includes(name)) return name as BackendName;
  throw new EngineError('E_BACKEND_UNKNOWN', `unknown backend "${name}"; choose one of ${BACKENDS.join(', ')}`);
}

async function startNative(gpu: boolean): Promise<string> {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true'; // else the first process takes the whole card
  if (fs.existsSync(NVIDIA)) process.env.XLA_FLAGS ??= XLA_FLAGS;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- absent on machines without the native library
  const shared = require('@tensorflow/tfjs-node') as { node?: unknown };
  if (!shared.node) throw new Error('the native TensorFlow library is not installed; run npx spanlab setup');
  await tf.setBackend('tensorflow');
  const native = nativeBackend()!;
  if (gpu && !native.isUsingGpuDevice) throw new Error(whyNoGpu());
  return native.binding.TF_Version;
}

/**
 * What keeps native TensorFlow from a GPU, as far as files tell.
 *
 * @param libraries The shared libraries of the process, as Linux lists them.
 */
export function whyNoGpu(device = NVIDIA, libraries = '/proc/self/maps'): string {
  const read = (file: string) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '');
  const build = /(\/\S*)\/tensorflow\/libtensorflow_cc\.so/.exec(read(libraries))?.[1];
  const isCuda = build !== undefined && fs.existsSync(path.join(build, 'nvidia'));
  if (!fs.existsSync(device)) return `no NVIDIA GPU: ${device} is not there (no card, or no driver for it)`;
  if (!isCuda) return 'the processor build of TensorFlow is in use: run npx spanlab setup --gpu';
  return "TensorFlow's CUDA build takes no GPU: TF_CPP_MIN_LOG_LEVEL=0 makes it say why (as a rule the driver is too old, or CUDA libraries are missing)";
}

async function startWasm(): Promise<string> {
  permitRelaxedSimd();
  const { threads, features } = await useWasm({ threads: availableThreads(), startThread });
  return `${features} on ${threads === 1 ? 'one thread' : `${threads} threads`}`;
}

async function startCpu(): Promise<string> {
  await tf.setBackend('cpu');
  return tf.version.tfjs;
}

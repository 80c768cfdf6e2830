// The one place where the operations are chosen.
import * as tf from '@tensorflow/tfjs';
import { nativeBackend } from './backend';
import type { Operations } from './layer';
import { fusedOperations } from './native/fused-operations';
import { loadKernels } from './native/kernels';
import { fastOperations } from './native/operations';
import { plainOperations } from './plain';

export type { Operations } from './layer';

/**
 * `plain`: TensorFlow.js, on every backend; `kernels`: TensorFlow's own kernels, on the native backend, GPU included;
 * `fused`: with our kernels between them, on the native backend's processor.
 */
export type OperationsKind = 'plain' | 'kernels' | 'fused';

const KINDS: Record<OperationsKind, Operations> = {
  plain: plainOperations,
  kernels: fastOperations,
  fused: fusedOperations,
};

/** The fastest kind for the backend in use, or the `wanted` one as far as the backend has it. */
export function operationsKind(wanted = process.env.SPANLAB_OPERATIONS as OperationsKind | undefined): OperationsKind {
  const native = nativeBackend();
  if (!native || wanted === 'plain') return 'plain';
  return wanted === 'kernels' || native.isUsingGpuDevice || !loadKernels() ? 'kernels' : 'fused';
}

/**
 * The operations to compute with; the environment's `SPANLAB_OPERATIONS` names a kind.
 *
 * @example operations().layerNorm(x, gain, bias, 1e-12)
 */
export function operations(wanted?: OperationsKind): Operations {
  return KINDS[operationsKind(wanted)];
}

/** WebAssembly's memory ends at 4 GiB, which the plain operations fill with the intermediate results of more tokens than this. */
const WASM_TOKENS = 512;

/** How many tokens may go through a forward and backward pass at once on the backend in use. */
export function tokensPerPass(): number {
  return tf.getBackend() === 'wasm' ? WASM_TOKENS : Infinity;
}

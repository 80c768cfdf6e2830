// The one place where the operations are chosen.
import * as tf from '@tensorflow/tfjs';
import { nativeBackend } from './backend';
import type { Operations } from './layer';
import { fastOperations } from './native/operations';
import { plainOperations } from './plain';

export type { Operations } from './layer';

/**
 * The fastest operations of the backend in use. `plain` (or the environment's `SPANLAB_PLAIN=1`) asks for the reference.
 *
 * @example operations().layerNorm(x, gain, bias, 1e-12)
 */
export function operations(plain = process.env.SPANLAB_PLAIN === '1'): Operations {
  return nativeBackend() && !plain ? fastOperations : plainOperations;
}

/** WebAssembly's memory ends at 4 GiB, which the plain operations fill with the intermediate results of more tokens than this. */
const WASM_TOKENS = 512;

/** How many tokens may go through a forward and backward pass at once on the backend in use. */
export function tokensPerPass(): number {
  return tf.getBackend() === 'wasm' ? WASM_TOKENS : Infinity;
}

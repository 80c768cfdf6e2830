// The one place where the operations are chosen.
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

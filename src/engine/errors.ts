// What can go wrong in the engine.
import { SpanlabError } from '../errors';

/**
 * `E_BACKEND_UNKNOWN`, `E_BACKEND_UNAVAILABLE`, `E_OPERATIONS_UNKNOWN`, `E_OPERATIONS_UNAVAILABLE`, `E_OUT_OF_MEMORY`,
 * `E_PRECISION`, `E_KERNELS`, `E_MODEL_DISPOSED`.
 */
export class EngineError extends SpanlabError {}

// What can go wrong with a model.
import { SpanlabError } from '../errors';

/**
 * `E_MODEL_UNKNOWN` (no such folder or name), `E_MODEL_FETCH` (the hub could not give it), `E_MODEL_OFFLINE` (not here, and
 * `HF_HUB_OFFLINE` is set), `E_MODEL_CONFIG` (config.json), `E_MODEL_WEIGHTS` (missing or of the wrong
 * shape), `E_MODEL_INPUT` (what it was called with), `E_MODEL_FREEZE` (layers that cannot be frozen), `E_SAFETENSORS_…` (a damaged weights file; see safetensors/errors.ts).
 */
export class ModelError extends SpanlabError {}

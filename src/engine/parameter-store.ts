// Where a model's weights are kept: what every form of it does.
import type * as tf from '@tensorflow/tfjs';
import { EngineError } from './errors';

export interface ParameterData {
  shape: number[];
  values: Float32Array;
}

/** A model's named weights. */
export interface Parameters {
  readonly names: string[];
  shape(name: string): number[];
  /** The current value; it belongs to the parameters and holds until the next `set` or optimizer step. */
  get(name: string): tf.Tensor;
  set(name: string, value: tf.Tensor): void;
  dispose(): void;
}

/** What is kept of a weight. @throws EngineError `E_MODEL_DISPOSED` when it was let go. */
export function heldOf<T>(kept: ReadonlyMap<string, T>, name: string): T {
  const held = kept.get(name);
  if (!held) throw gone();
  return held;
}

/** @throws EngineError `E_MODEL_DISPOSED` when all were let go. */
export function namesOf(kept: ReadonlyMap<string, unknown>): string[] {
  if (kept.size === 0) throw gone();
  return [...kept.keys()];
}

function gone(): EngineError {
  return new EngineError('E_MODEL_DISPOSED', 'the model was disposed, and its weights with it; open it again');
}

// Where a model's weights are kept: what every form of it does.
import type * as tf from '@tensorflow/tfjs';

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

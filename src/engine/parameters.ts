// The weights that training changes, kept where the backend changes them fastest.
import * as tf from '@tensorflow/tfjs';
import { handleBackend } from './handles';
import { ResourceParameters } from './native/variables';
import { type ParameterData, type Parameters, heldOf, namesOf } from './parameter-store';

/** Weights as ordinary tensors: for every backend. */
export class TensorParameters implements Parameters {
  private readonly tensors = new Map<string, tf.Tensor>();

  constructor(data: Map<string, ParameterData>) {
    for (const [name, { shape, values }] of data) this.tensors.set(name, tf.keep(tf.tensor(values, shape, 'float32')));
  }

  get names(): string[] {
    return namesOf(this.tensors);
  }

  shape(name: string): number[] {
    return this.get(name).shape;
  }

  get(name: string): tf.Tensor {
    return heldOf(this.tensors, name);
  }

  /** Takes `value` over. */
  set(name: string, value: tf.Tensor): void {
    this.get(name).dispose();
    this.tensors.set(name, tf.keep(value));
  }

  dispose(): void {
    tf.dispose([...this.tensors.values()]);
    this.tensors.clear();
  }
}

/** Keeps `data` as the backend in use likes it best. */
export function createParameters(data: Map<string, ParameterData>): Parameters {
  return handleBackend() ? new ResourceParameters(data) : new TensorParameters(data);
}

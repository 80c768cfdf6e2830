// Raw kernels whose results become tensors of TensorFlow.js.
import type * as tf from '@tensorflow/tfjs';
import { type Handle, toTensor } from './binding';
import { Workspace } from './workspace';

/** Runs `kernel` on a workspace of its own and hands its result to TensorFlow.js. */
export function compute<T extends tf.Tensor>(kernel: (w: Workspace) => Handle): T {
  return computeAll((w) => [kernel(w)])[0] as T;
}

export function computeAll(kernel: (w: Workspace) => Handle[]): tf.Tensor[] {
  const w = new Workspace();
  try {
    return kernel(w).map((handle) => toTensor(w.take(handle)));
  } finally {
    w.close();
  }
}

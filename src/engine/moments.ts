// What every form of AdamW's moments does, wherever it keeps them.
import type * as tf from '@tensorflow/tfjs';

export interface AdamWOptions {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
  /** Largest global norm of the gradients; 0 leaves them as they are. */
  maxGradientNorm: number;
}

export type Gradients = Record<string, tf.Tensor>;

/** What one update of one weight needs to know. */
export interface Update extends AdamWOptions {
  step: number;
  /** Every gradient is multiplied by it: below 1 when they are clipped. */
  scale: number;
}

/** Moments of every weight and the rule that applies them. */
export interface Moments {
  /** The sum of the squares of all gradients. */
  squaredNorm(gradients: Gradients): number | Promise<number>;
  apply(gradients: Gradients, update: Update): void;
  /** First and second moment of a weight; the caller owns the tensors. */
  read(name: string): [tf.Tensor, tf.Tensor];
  write(name: string, first: tf.Tensor, second: tf.Tensor): void;
  dispose(): void;
}

/** Matrices decay; vectors are biases and norms, which do not. */
export function decays(shape: number[]): boolean {
  return shape.length > 1;
}

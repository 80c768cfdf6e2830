// A function with a gradient of its own, typed: TensorFlow.js's `customGrad` takes and gives `unknown`.
import * as tf from '@tensorflow/tfjs';

type Save = (tensors: tf.Tensor[]) => void;

/** The value of a function, and how the gradient of its result becomes the gradients of its inputs, in their order. */
export interface Differentiable<T extends tf.Tensor> {
  value: T;
  gradient: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
}

/**
 * Runs `forward` on `inputs` with a gradient of its own. What `gradient` needs must go through `save`.
 *
 * @example withGradient([x], ([x], save) => (save([x]), { value: x.square(), gradient: (dy, [x]) => dy.mul(x).mul(2) }))
 */
export function withGradient<T extends tf.Tensor>(
  inputs: tf.Tensor[],
  forward: (inputs: tf.Tensor[], save: Save) => Differentiable<T>,
): T {
  const custom = tf.customGrad((...args: unknown[]) => {
    const save = args.pop() as Save;
    const { value, gradient } = forward(args as tf.Tensor[], save);
    return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => gradient(dy, saved) };
  });
  return custom(...inputs) as T;
}

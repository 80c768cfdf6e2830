// Forgetting what a part of a model computed, and computing it again for the gradient (Chen et al. 2016), on any backend.
import * as tf from '@tensorflow/tfjs';
import { withGradient } from './gradient';

/** Tensors in any arrangement of lists and records. */
type Tree = unknown;

function leavesOf(tree: Tree): tf.Tensor[] {
  if (tree instanceof tf.Tensor) return [tree];
  return tree && typeof tree === 'object' ? Object.values(tree).flatMap(leavesOf) : [];
}

/** The same arrangement with the tensors replaced one after another. */
function replaceLeaves(tree: Tree, leaves: Iterator<tf.Tensor>): Tree {
  if (tree instanceof tf.Tensor) return leaves.next().value;
  if (Array.isArray(tree)) return tree.map((part) => replaceLeaves(part, leaves));
  if (!tree || typeof tree !== 'object') return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, part]) => [key, replaceLeaves(part, leaves)]));
}

/** TensorFlow.js's engine: a gradient inside a gradient takes the tape away from the outer one. */
interface Engine {
  state: { activeTape: unknown };
}

/**
 * `body(inputs)`, of which only `inputs` are kept for the gradient; equal bit by bit, gradients included, when `body` is.
 *
 * @param inputs Tensors in lists and records; `body` may use no others that have a gradient.
 * @example recomputed({ x, w }, ({ x, w }) => expensive(x, w))
 */
export function recomputed<T, R extends tf.Tensor>(inputs: T, body: (inputs: T) => R): R {
  const run = (tensors: tf.Tensor[]) => body(replaceLeaves(inputs, tensors.values()) as T);
  return withGradient<R>(leavesOf(inputs), (tensors, save) => {
    save(tensors);
    return {
      value: run(tensors),
      gradient: (dy, saved) => {
        const { state } = tf.engine() as unknown as Engine;
        const tape = state.activeTape;
        try {
          const { grads } = tf.engine().gradients(() => run(saved), saved, dy as R, true);
          return grads.map((gradient, i) => gradient ?? tf.zerosLike(saved[i]));
        } finally {
          state.activeTape = tape;
        }
      },
    };
  });
}

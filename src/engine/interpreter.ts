// What every interpreter that computes has besides the operations.
import type * as tf from '@tensorflow/tfjs';
import type { Ops } from './ops';

/** Operations on tensors; a value may stand for a tensor that is yet to be computed. */
export interface TensorOps<V> extends Ops<V, tf.Tensor> {
  /** The value as a tensor [tokens, width]. */
  tensor(x: V): tf.Tensor2D;
}

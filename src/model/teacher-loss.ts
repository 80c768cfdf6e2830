// Learning from another model's scores: how far one's own are from them.
import * as tf from '@tensorflow/tfjs';

/** The smallest float32 whose logarithm is far from overflow: where a teacher gives nothing, nothing is asked. */
const TINY = 1e-30;

/**
 * Mean over rows of the Kullback-Leibler divergence of a model's shares from its teacher's, both at a temperature, times its square,
 * which keeps gradients as large as those of labels.
 *
 * Source: Hinton, Vinyals and Dean 2015, Distilling the Knowledge in a Neural Network.
 *
 * @param logits [batch, sequence]
 * @param teacher The teacher's shares at that temperature, [batch, sequence]; 0 for padding.
 */
export function teacherLoss(logits: tf.Tensor2D, teacher: tf.Tensor2D, temperature: number): tf.Scalar {
  const logShares = tf.logSoftmax(tf.div(logits, temperature));
  const distance = tf.mul(teacher, tf.sub(tf.log(tf.maximum(teacher, TINY)), logShares));
  return tf.mul(tf.div(tf.sum(distance), logits.shape[0]), temperature ** 2);
}

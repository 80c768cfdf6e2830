// The small operations on TensorFlow's kernels, with gradients of their own: rows of tables, products, norms, dropout, the loss.
import * as tf from '@tensorflow/tfjs';
import { withGradient } from '../gradient';
import type { Linear, Norm } from '../ops';
import type { SiteSeed } from '../pass';
import { type Handle, attribute, borrow, FLOAT, INT32, run, toTensor } from './binding';
import { compute, computeAll } from './compute';
import { linearBackward, linearForward, normBackward, normForward } from './parts';
import { present } from './tensorflow-halves';
import type { Workspace } from './workspace';

/** Rows of a table; the row `paddingId` gets no gradient. */
export function tensorflowRows(table: tf.Tensor2D, ids: tf.Tensor1D, paddingId = -1): tf.Tensor2D {
  const count = table.shape[0];
  return withGradient([table], ([table], save) => {
    save([ids]);
    return {
      value: compute<tf.Tensor2D>((w) => w.gather(borrow(table), borrow(ids))),
      gradient: (dy, [ids]) => compute((w) => w.segmentSum(borrow(dy), withoutPadding(w, ids, paddingId), count)),
    };
  });
}

/** The ids with the padding's replaced by -1, which the segment sum drops. */
function withoutPadding(w: Workspace, ids: tf.Tensor, paddingId: number): Handle {
  if (paddingId < 0) return borrow(ids);
  return w.replaceInteger(borrow(ids), paddingId, -1);
}

const optional = (tensor?: tf.Tensor) => tensor && borrow(tensor);
export function tensorflowLinear(x: tf.Tensor2D, { weight, bias }: Linear<tf.Tensor>): tf.Tensor2D {
  return withGradient(present(x, weight, bias), ([x, weight, bias], save) => {
    save([x, weight]);
    return {
      value: compute<tf.Tensor2D>((w) => linearForward(w, borrow(x), borrow(weight), optional(bias))),
      gradient: (dy, [x, weight]) =>
        computeAll((w) => linearBackward(w, borrow(dy), borrow(x), borrow(weight)).slice(0, bias ? 3 : 2)),
    };
  });
}

export function tensorflowNorm(x: tf.Tensor2D, { weight, bias }: Norm<tf.Tensor>, epsilon: number): tf.Tensor2D {
  return withGradient(present(x, weight, bias), ([x, gain, bias], save) => {
    const [value, normal, inverse] = computeAll((w) => {
      const [y, saved] = normForward(w, borrow(x), borrow(gain), optional(bias), epsilon);
      return [y, saved.normal, saved.inverse];
    });
    save([normal, inverse, gain]);
    return {
      value: value as tf.Tensor2D,
      gradient: (dy, [normal, inverse, gain]) =>
        computeAll((w) =>
          normBackward(w, borrow(dy), { normal: borrow(normal), inverse: borrow(inverse) }, borrow(gain)).slice(
            0,
            bias ? 3 : 2,
          ),
        ),
    };
  });
}

export function tensorflowDropout<T extends tf.Tensor>(x: T, rate: number, seed: SiteSeed): T {
  if (rate === 0) return x;
  const apply = (tensor: tf.Tensor) =>
    compute<T>((w) => w.scale(w.select(w.dropoutMask(tensor.shape, rate, seed), borrow(tensor)), 1 / (1 - rate)));
  // the mask is drawn again from its seed on the way back, instead of being kept
  return withGradient([x], ([x]) => ({ value: apply(x), gradient: apply }));
}

/** Mean of -log softmax(logits)[label] over rows whose label is below `sequence`; others are ignored. */
export function tensorflowCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar {
  const sequence = logits.shape[1];
  return tf.tidy(() => {
    const counted = tf.cast(tf.less(labels, sequence), 'float32'); // [batch]
    const share = tf.div(counted, tf.maximum(tf.sum(counted), 1));
    const safe = tf.mul(labels, tf.cast(counted, 'int32')) as tf.Tensor1D;
    return tf.sum(tf.mul(rowLosses(logits, safe), share));
  });
}

/** -log softmax(logits)[label] of each row: [batch, sequence], [batch] → [batch]. */
function rowLosses(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  return withGradient([logits], ([logits], save) => {
    const attributes = [attribute.type('T', FLOAT), attribute.type('Tlabels', INT32)];
    const handles = run('SparseSoftmaxCrossEntropyWithLogits', attributes, [borrow(logits), borrow(labels)], 2);
    const [losses, slope] = handles.map((handle) => toTensor(handle));
    save([slope]);
    return { value: losses as tf.Tensor1D, gradient: (dy, [slope]) => tf.mul(slope, tf.expandDims(dy, 1)) };
  });
}

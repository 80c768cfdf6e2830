// The fast operations: raw kernels with gradients of their own, shown to TensorFlow.js as custom gradients.
import * as tf from '@tensorflow/tfjs';
import { withGradient } from '../gradient';
import type { LayerContext, LayerWeights, Operations } from '../layer';
import { LAYER_WEIGHTS } from '../layer';
import type { Handle } from './binding';
import { attribute, borrow, FLOAT, free, INT32, run, toTensor } from './binding';
import { layerBackward, layerForward, listSaved, restoreSaved } from './layer';
import type { NativeContext } from './context';
import { linearBackward, linearForward, normBackward, normForward } from './parts';
import { Workspace } from './workspace';

type Kernel = (w: Workspace) => Handle;

/** Runs `kernel` on a workspace of its own and hands its result to TensorFlow.js. */
function compute<T extends tf.Tensor>(kernel: Kernel): T {
  const w = new Workspace();
  try {
    return toTensor<T>(w.take(kernel(w)));
  } finally {
    w.close();
  }
}

function computeAll(kernel: (w: Workspace) => Handle[]): tf.Tensor[] {
  const w = new Workspace();
  try {
    return kernel(w).map((handle) => toTensor(w.take(handle)));
  } finally {
    w.close();
  }
}

function embedding(table: tf.Tensor2D, ids: tf.Tensor1D, paddingId = -1): tf.Tensor2D {
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

function linear(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  return withGradient([x, weight, bias], ([x, weight, bias], save) => {
    save([x, weight]);
    return {
      value: compute<tf.Tensor2D>((w) => linearForward(w, borrow(x), borrow(weight), borrow(bias))),
      gradient: (dy, [x, weight]) => computeAll((w) => linearBackward(w, borrow(dy), borrow(x), borrow(weight))),
    };
  });
}

function layerNorm(x: tf.Tensor2D, gain: tf.Tensor1D, bias: tf.Tensor1D, epsilon: number): tf.Tensor2D {
  return withGradient([x, gain, bias], ([x, gain, bias], save) => {
    const [value, normal, inverse] = computeAll((w) => {
      const [y, saved] = normForward(w, borrow(x), borrow(gain), borrow(bias), epsilon);
      return [y, saved.normal, saved.inverse];
    });
    save([normal, inverse, gain]);
    return {
      value: value as tf.Tensor2D,
      gradient: (dy, [normal, inverse, gain]) =>
        computeAll((w) =>
          normBackward(w, borrow(dy), { normal: borrow(normal), inverse: borrow(inverse) }, borrow(gain)),
        ),
    };
  });
}

function dropout<T extends tf.Tensor>(x: T, rate: number, seed: [number, number]): T {
  if (rate === 0) return x;
  const apply = (tensor: tf.Tensor) =>
    compute<T>((w) => w.scale(w.select(w.dropoutMask(tensor.shape, rate, seed), borrow(tensor)), 1 / (1 - rate)));
  // the mask is drawn again from its seed on the way back, instead of being kept
  return withGradient([x], ([x]) => ({ value: apply(x), gradient: apply }));
}

function layer(x: tf.Tensor2D, weights: LayerWeights, context: LayerContext): tf.Tensor2D {
  const { mask, ...rest } = context;
  const native: NativeContext = { ...rest, mask: mask && borrow(mask) };
  const tensors = LAYER_WEIGHTS.map((name) => weights[name]);
  if (!tf.engine().isTapeOn()) {
    const [output, saved] = layerForward(borrow(x), tensors.map(borrow), native);
    free(...listSaved(saved));
    return toTensor<tf.Tensor2D>(output);
  }
  return trainLayer(x, tensors, native);
}

function trainLayer(x: tf.Tensor2D, weights: tf.Tensor[], context: NativeContext): tf.Tensor2D {
  return withGradient([x, ...weights], (inputs, save) => {
    const [output, saved] = layerForward(borrow(inputs[0]), inputs.slice(1).map(borrow), context);
    save([...inputs, ...listSaved(saved).map((handle) => toTensor(handle))]);
    return {
      value: toTensor<tf.Tensor2D>(output),
      gradient: (dy, kept) => {
        const [x, ...handles] = kept.map(borrow);
        const weights = handles.splice(0, LAYER_WEIGHTS.length);
        return layerBackward(borrow(dy), x, weights, restoreSaved(handles), context).map((handle) => toTensor(handle));
      },
    };
  });
}

function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar {
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

export const fastOperations: Operations = {
  packs: false,
  narrows: false,
  embedding,
  linear,
  layerNorm,
  dropout,
  layer,
  crossEntropy,
};

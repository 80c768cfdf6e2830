// The halves of a layer on TensorFlow's own kernels: only what the way back needs is kept, everything else is freed on the way.
import type * as tf from '@tensorflow/tfjs';
import type { AttentionSpec, AttentionWeights, FeedForwardWeights, Norm } from '../ops';
import { dropoutOf, type Pass, type SiteSeed } from '../pass';
import { attentionBackward, attentionForward, type AttentionContext } from './attention';
import { type Handle, BFLOAT16, FLOAT } from './binding';
import type { Ending, Half } from './half';
import type { Workspace } from './workspace';
import {
  GELU_FACTOR,
  geluBackward,
  geluForward,
  linearBackward,
  linearForward,
  normBackward,
  normForward,
} from './parts';

export const present = (...tensors: (tf.Tensor | undefined)[]): tf.Tensor[] =>
  tensors.filter((tensor): tensor is tf.Tensor => tensor !== undefined);

/** The product with queries, keys and values, attention, the product that brings the heads together. */
export function attentionHalf(
  x: tf.Tensor2D,
  { qkv, out }: AttentionWeights<tf.Tensor>,
  spec: AttentionSpec<unknown>,
  pass: Pick<Pass, 'batch' | 'sequence' | 'mask' | 'seed'>,
  type: number,
): Half {
  const { batch, sequence } = pass;
  const context = (mask?: Handle): AttentionContext => ({
    batch,
    sequence,
    heads: spec.heads,
    ...dropoutOf(pass, spec.dropout),
    mask,
  });
  return {
    inputs: present(x, qkv.weight, out.weight, qkv.bias),
    extras: present(pass.mask),
    bias: out.bias,
    type,
    forward(w, [x, qkvW, outW, qkvB], [mask], factor) {
      const product = linearForward(w, x, qkvW, qkvB, undefined, type);
      const [attended, { q, k, v, weights, dropped }] = attentionForward(w, product, context(mask));
      w.free(product);
      const result = w.matMul(attended, w.cast(w.scale(outW, factor), type), false, true);
      return { result, saved: [q, k, v, weights, attended, ...(dropped ? [dropped] : [])] };
    },
    backward(w, dProduct, { inputs: [x, qkvW, outW, qkvB], extras: [mask], saved }, factor, more) {
      const [q, k, v, weights, attended, dropped] = saved;
      const [dAttended, dOutW] = linearBackward(w, dProduct, attended, outW, { weight: factor, bias: 1 }, type);
      const dQkv = attentionBackward(w, dAttended, { q, k, v, weights, dropped }, attended, context(mask));
      w.free(dAttended);
      const [dProjected, dQkvW, dQkvB] = linearBackward(w, dQkv, x, qkvW, undefined, type);
      const dX = sum(w, dProjected, more);
      return qkvB ? [dX, dQkvW, dOutW, dQkvB] : [dX, dQkvW, dOutW];
    },
  };
}

/** dX + more, in float32. */
function sum(w: Workspace, dX: Handle, more?: Handle): Handle {
  const full = w.cast(dX, FLOAT);
  return more ? w.add(full, more) : full;
}

/** Up, the exact GELU, down. The activation's roots go into the weights. */
export function feedForwardHalf(x: tf.Tensor2D, { up, down }: FeedForwardWeights<tf.Tensor>, type: number): Half {
  const upFactors = { weight: GELU_FACTOR, bias: GELU_FACTOR };
  return {
    inputs: present(x, up.weight, down.weight, up.bias),
    extras: [],
    bias: down.bias,
    type,
    forward(w, [x, upW, downW, upB], _extras, factor) {
      const before = linearForward(w, x, upW, upB, upFactors, type);
      const active = w.cast(geluForward(w, w.cast(before, FLOAT)), type);
      const result = w.matMul(active, w.cast(w.scale(downW, GELU_FACTOR * factor), type), false, true);
      return { result, saved: [before] };
    },
    backward(w, dProduct, { inputs: [x, upW, downW, upB], saved: [before] }, factor, more) {
      const [active, slope] = geluBackward(w, w.cast(before, FLOAT));
      const downFactors = { weight: GELU_FACTOR * factor, bias: 1 };
      const [dActive, dDownW] = linearBackward(w, dProduct, active, downW, downFactors, type);
      w.free(active);
      const dUp = w.mul(w.cast(dActive, FLOAT), slope);
      w.free(dActive, slope);
      const [dProjected, dUpW, dUpB] = linearBackward(w, dUp, x, upW, upFactors, type);
      const dX = sum(w, dProjected, more);
      return upB ? [dX, dUpW, dDownW, dUpB] : [dX, dUpW, dDownW];
    },
  };
}

/** A tensor that was computed elsewhere. */
export function tensorHalf(x: tf.Tensor2D): Half {
  return {
    inputs: [x],
    extras: [],
    type: FLOAT,
    forward: (w, [x], _extras, factor) => ({ result: w.scale(x, factor), saved: [] }),
    backward(w, dProduct, _given, factor, more) {
      const dX = w.scale(dProduct, factor);
      return [more ? w.add(dX, more) : dX];
    },
  };
}

/** The bias alone, in float32. */
export function biasEnding({ bias, type }: Half): Ending {
  return {
    inputs: present(bias),
    factor: 1,
    forward(w, product, [bias]) {
      const full = w.cast(product, FLOAT);
      return { result: bias ? w.biasAdd(full, bias) : full, saved: [] };
    },
    backward: (w, dy) => ({
      product: type === BFLOAT16 ? w.cast(dy, type) : dy,
      inputs: bias ? [w.biasAddGrad(dy)] : [],
    }),
  };
}

/** layerNorm(dropout(product + bias) + residual). */
export function normEnding(
  { bias }: Half,
  residual: tf.Tensor2D,
  weights: Norm<tf.Tensor>,
  { epsilon, rate, seed }: { epsilon: number; rate: number; seed: SiteSeed },
): Ending {
  const factor = 1 / (1 - rate); // dropout enlarges what it keeps
  return {
    residual,
    inputs: present(weights.weight, weights.bias, bias),
    factor,
    forward(w, product, inputs, residual) {
      const [gain] = inputs;
      const offset = weights.bias && inputs[1];
      const full = w.cast(product, FLOAT);
      const whole = bias ? w.biasAdd(full, w.scale(inputs.at(-1)!, factor)) : full;
      const mask = rate > 0 ? w.dropoutMask(whole.shape, rate, seed) : undefined;
      const sum = w.add(mask ? w.select(mask, whole) : whole, residual!);
      const [result, { normal, inverse }] = normForward(w, sum, gain, offset, epsilon);
      return { result, saved: [normal, inverse, ...(mask ? [mask] : [])] };
    },
    backward(w, dy, [gain], [normal, inverse, mask]) {
      const [dSum, dGain, dOffset] = normBackward(w, dy, { normal, inverse }, gain);
      const dProduct = mask ? w.select(mask, dSum) : dSum;
      const inputs = weights.bias ? [dGain, dOffset] : [dGain];
      if (bias) inputs.push(w.scale(w.biasAddGrad(dProduct), factor));
      return { product: dProduct, residual: dSum, inputs };
    },
  };
}

// The halves of a layer on TensorFlow's matrix products and our own kernels, but for attention: what lies between two products is one
// pass over memory.
import type * as tf from '@tensorflow/tfjs';
import type { Activation, FeedForwardSpec, FeedForwardWeights, Norm } from '../ops';
import { seedNumbers, type SiteSeed } from '../pass';
import { type Handle, constant, FLOAT, upload } from './binding';
import type { Ending, Half } from './half';
import { type KernelOptions, runKernel } from './kernels';
import { present } from './tensorflow-halves';
import type { Workspace } from './workspace';

/** In the order of the enumeration in kernels/rowwise.h. */
const ACTIVATIONS: Activation[] = ['gelu', 'gelu_tanh', 'relu', 'silu'];

/** What a kernel takes for a bias that is not there. */
export const orNone = (bias?: Handle) => bias ?? constant([], FLOAT);

export const seedOn = (w: Workspace, seed: SiteSeed) => w.own([upload(Int32Array.from(seedNumbers(seed)), [2])])[0];

/** A gradient in float32, with a further part of it where there is one. */
export function added(w: Workspace, gradient: Handle, more?: Handle): Handle {
  if (!more) return w.cast(gradient, FLOAT);
  const [sum] = w.own(runKernel('Sum', { type: gradient.dtype }, [gradient, more]));
  w.free(gradient, more);
  return sum;
}

/** Up, the activation, down; on the way back the activation is computed again. */
export function fusedFeedForwardHalf(
  x: tf.Tensor2D,
  { up, down }: FeedForwardWeights<tf.Tensor>,
  { activation, gated }: FeedForwardSpec,
  type: number,
): Half {
  const options: KernelOptions = { type, kind: ACTIVATIONS.indexOf(activation), flag: gated };
  return {
    inputs: present(x, up.weight, down.weight, up.bias),
    extras: [],
    bias: down.bias,
    type,
    forward(w, [x, upW, downW, upB]) {
      const input = w.cast(x, type);
      const before = w.matMul(input, w.cast(upW, type), false, true);
      const [active] = w.own(runKernel('Activation', options, [before, orNone(upB)]));
      const result = w.matMul(active, w.cast(downW, type), false, true);
      return { result, saved: [before, ...(input === x ? [] : [input])] };
    },
    backward(w, dProduct, { inputs: [x, upW, downW, upB], saved: [before, input = x] }, _factor, more) {
      const dActive = w.matMul(dProduct, w.cast(downW, type));
      const kernel = runKernel('ActivationGradient', options, [dActive, before, orNone(upB)]);
      const [active, dBefore, dUpB] = w.own(kernel);
      w.free(dActive);
      const dDownW = w.matMul(dProduct, active, true);
      w.free(active, dProduct);
      const dUpW = w.matMul(dBefore, input, true);
      const dX = added(w, w.matMul(dBefore, w.cast(upW, type)), more);
      w.free(dBefore);
      const gradients = [dX, w.cast(dUpW, FLOAT), w.cast(dDownW, FLOAT)];
      return upB ? [...gradients, dUpB] : gradients;
    },
  };
}

/** layerNorm(dropout(product + bias) + residual) in one pass. */
export function fusedNormEnding(
  { bias, type }: Half,
  residual: tf.Tensor2D,
  weights: Norm<tf.Tensor>,
  { epsilon, rate, seed }: { epsilon: number; rate: number; seed: SiteSeed },
): Ending {
  return {
    residual,
    inputs: present(weights.weight, weights.bias, bias),
    factor: 1,
    forward(w, product, inputs, residual) {
      const [gain] = inputs;
      const offset = weights.bias && inputs[1];
      const given = [product, orNone(bias && inputs.at(-1)), residual!, gain, orNone(offset), seedOn(w, seed)];
      const [result, normal, inverse] = w.own(runKernel('ResidualNorm', { type, epsilon, rate }, given));
      return { result, saved: [normal, inverse] };
    },
    backward(w, dy, [gain], [normal, inverse]) {
      const given = [dy, normal, inverse, gain, seedOn(w, seed)];
      const [dx, dResidual, dGain, dOffset, dBias] = w.own(runKernel('ResidualNormGradient', { type, rate }, given));
      const inputs = [dGain, ...(weights.bias ? [dOffset] : []), ...(bias ? [dBias] : [])];
      return { product: dx, residual: dResidual, inputs };
    },
  };
}

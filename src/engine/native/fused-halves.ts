// The halves of a layer on TensorFlow's matrix products and our own kernels: what lies between two products is one pass over
// memory, and attention keeps no square of weights.
import * as tf from '@tensorflow/tfjs';
import type { Activation, AttentionSpec, AttentionWeights, FeedForwardSpec, FeedForwardWeights, Norm } from '../ops';
import { dropoutOf, seedNumbers, type Pass, type Rows, type SiteSeed } from '../pass';
import { rotaryAngles } from '../plain-attention';
import { type Handle, constant, FLOAT, upload } from './binding';
import type { Ending, Half } from './half';
import { type KernelOptions, runKernel } from './kernels';
import { present } from './tensorflow-halves';
import type { Workspace } from './workspace';

/** In the order of the enumeration in kernels/rowwise.h. */
const ACTIVATIONS: Activation[] = ['gelu', 'gelu_tanh', 'relu', 'silu'];

/** What a kernel takes for a bias that is not there. */
const orNone = (bias?: Handle) => bias ?? constant([], FLOAT);

const seedOn = (w: Workspace, seed: SiteSeed) => w.own([upload(Int32Array.from(seedNumbers(seed)), [2])])[0];

/** What attention is given besides the products: where the rows are, the angles of rotary positions, dropout. */
interface AttentionKernels {
  extras: tf.Tensor[];
  /** [tokens, 3 * hidden], perhaps turned, and what attention makes of it. */
  forward(w: Workspace, product: Handle, bias: Handle | undefined, extras: Handle[]): Handle[];
  /** Gradients of the product and of its bias. */
  backward(w: Workspace, dMixed: Handle, saved: Handle[], bias: Handle | undefined, extras: Handle[]): Handle[];
}

/** Without rotary positions the bias is added where the kernel reads the product. */
function attentionKernels(options: KernelOptions, rows: Rows, seed: SiteSeed): AttentionKernels {
  return {
    extras: [rows.offsets, rows.keys],
    forward(w, product, bias, [offsets, keys]) {
      const inputs = [product, orNone(bias), offsets, keys, seedOn(w, seed)];
      return [product, ...w.own(runKernel('Attention', options, inputs))];
    },
    backward(w, dMixed, [product, mixed, logSums], bias, [offsets, keys]) {
      const inputs = [dMixed, mixed, logSums, product, orNone(bias), offsets, keys, seedOn(w, seed)];
      return w.own(runKernel('AttentionGradient', options, inputs));
    },
  };
}

/** With them, the product has its bias before it is turned by the angles of the positions, and back on the way back. */
function rotaryKernels(plain: AttentionKernels, options: KernelOptions, angles: tf.Tensor[]): AttentionKernels {
  const { type, heads } = options;
  const turn = (w: Workspace, values: Handle, [offsets, keys, cosines, sines]: Handle[], flag: boolean) =>
    w.own(runKernel('Rotate', { type, heads, flag }, [values, cosines, sines, offsets, keys]));
  return {
    extras: [...plain.extras, ...angles],
    forward(w, product, bias, extras) {
      const whole = bias ? w.add(product, bias) : product;
      turn(w, whole, extras, false);
      return plain.forward(w, whole, undefined, extras);
    },
    backward(w, dMixed, saved, bias, extras) {
      const [dQkv] = plain.backward(w, dMixed, saved, undefined, extras);
      turn(w, dQkv, extras, true);
      return bias ? [dQkv, w.biasAddGrad(dQkv)] : [dQkv];
    },
  };
}

/** The product with queries, keys and values, attention, the product that brings the heads together; nothing has its bias yet. */
export function fusedAttentionHalf(
  x: tf.Tensor2D,
  { qkv, out }: AttentionWeights<tf.Tensor>,
  { heads, window, rope, dropout }: AttentionSpec<unknown>,
  pass: Pass,
  rows: Rows,
  type: number,
): Half {
  const { rate, seed } = dropoutOf(pass, dropout);
  const options: KernelOptions = { type, heads, rate, window };
  const plain = attentionKernels(options, rows, seed);
  const angles = rope === undefined ? [] : angleTensors(pass.sequence, x.shape[1] / heads, rope);
  const kernels = rope === undefined ? plain : rotaryKernels(plain, options, angles);
  return {
    inputs: present(x, qkv.weight, out.weight, qkv.bias),
    extras: kernels.extras,
    bias: out.bias,
    type,
    forward(w, [x, qkvW, outW, qkvB], extras) {
      const input = w.cast(x, type);
      const product = w.matMul(input, w.cast(qkvW, type), false, true);
      const saved = kernels.forward(w, product, qkvB, extras);
      const result = w.matMul(saved[1], w.cast(outW, type), false, true);
      return { result, saved: [...saved, ...(input === x ? [] : [input])] };
    },
    backward(w, dProduct, { inputs: [x, qkvW, outW, qkvB], extras, saved }, _factor, more) {
      const [, mixed, , input = x] = saved;
      const dOutW = w.matMul(dProduct, mixed, true);
      const dMixed = w.matMul(dProduct, w.cast(outW, type));
      w.free(dProduct);
      const [dQkv, dQkvB] = kernels.backward(w, dMixed, saved, qkvB, extras);
      w.free(dMixed);
      const dQkvW = w.matMul(dQkv, input, true);
      const dX = added(w, w.matMul(dQkv, w.cast(qkvW, type)), more);
      const gradients = [dX, w.cast(dQkvW, FLOAT), w.cast(dOutW, FLOAT)];
      return qkvB ? [...gradients, dQkvB] : gradients;
    },
  };
}

function angleTensors(sequence: number, size: number, rope: number): tf.Tensor[] {
  const { cosines, sines } = rotaryAngles(sequence, size, rope);
  return [cosines, sines].map((values) => tf.tensor2d(values, [sequence, size / 2]));
}

/** A gradient in float32, with a further part of it where there is one. */
function added(w: Workspace, gradient: Handle, more?: Handle): Handle {
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

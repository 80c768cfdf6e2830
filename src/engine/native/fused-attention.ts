// The half of a layer that attends, on TensorFlow's matrix products and our own kernels: no square of weights is kept.
import * as tf from '@tensorflow/tfjs';
import type { AttentionSpec, AttentionWeights, Relative } from '../ops';
import { dropoutOf, type Pass, type Rows, type SiteSeed } from '../pass';
import { rotaryAngles } from '../plain-attention';
import { type Handle, FLOAT } from './binding';
import { distanceIds, distancesBackward, distancesForward } from './distances';
import { added, orNone, seedOn } from './fused-halves';
import type { Computed, Given, Half } from './half';
import { type KernelOptions, runKernel } from './kernels';
import { present } from './tensorflow-halves';
import type { Workspace } from './workspace';

/** The bias of the product, tensors that have no gradient, and what distances add to the scores. */
interface KernelInputs {
  bias?: Handle;
  extras: Handle[];
  distances?: Handle;
}

/** What attention is given besides the products: where the rows are, the angles of rotary positions, dropout. */
interface AttentionKernels {
  extras: tf.Tensor[];
  /** [tokens, 3 * hidden], perhaps turned, and what attention makes of it. */
  forward(w: Workspace, product: Handle, given: KernelInputs): Handle[];
  /** Gradients of the product, of its bias, and of the distances. */
  backward(w: Workspace, dMixed: Handle, saved: Handle[], given: KernelInputs): Handle[];
}

/** Without rotary positions the bias is added where the kernel reads the product. */
function attentionKernels(options: KernelOptions, rows: Rows, seed: SiteSeed): AttentionKernels {
  return {
    extras: [rows.offsets, rows.keys],
    forward(w, product, { bias, extras: [offsets, keys], distances }) {
      const inputs = [product, orNone(bias), offsets, keys, seedOn(w, seed), orNone(distances)];
      return [product, ...w.own(runKernel('Attention', options, inputs))];
    },
    backward(w, dMixed, [product, mixed, logSums], { bias, extras: [offsets, keys], distances }) {
      const rest = [orNone(bias), offsets, keys, seedOn(w, seed), orNone(distances)];
      return w.own(runKernel('AttentionGradient', options, [dMixed, mixed, logSums, product, ...rest]));
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
    forward(w, product, { bias, ...given }) {
      const whole = bias ? w.add(product, bias) : product;
      turn(w, whole, given.extras, false);
      return plain.forward(w, whole, given);
    },
    backward(w, dMixed, saved, { bias, ...given }) {
      const [dQkv, dBias, dDistances] = plain.backward(w, dMixed, saved, given);
      turn(w, dQkv, given.extras, true);
      return [dQkv, bias ? w.biasAddGrad(dQkv) : dBias, dDistances];
    },
  };
}

/** What the half is made of besides its tensors. */
interface AttentionSetting {
  kernels: AttentionKernels;
  type: number;
  hasBias: boolean;
  /** How scores depend on distances; the rows of the table are the last of the extras, the table the last of the inputs. */
  kind?: Relative<unknown>['kind'];
}

/** The product with queries, keys and values, attention, the product that brings the heads together; nothing has its bias yet. */
export function fusedAttentionHalf(
  x: tf.Tensor2D,
  { qkv, out }: AttentionWeights<tf.Tensor>,
  { heads, window, rope, relative, dropout }: AttentionSpec<tf.Tensor2D>,
  pass: Pass,
  rows: Rows,
  type: number,
): Half {
  const { rate, seed } = dropoutOf(pass, dropout);
  const options: KernelOptions = { type, heads, rate, window };
  const plain = attentionKernels(options, rows, seed);
  const angles = rope === undefined ? [] : angleTensors(pass.sequence, x.shape[1] / heads, rope);
  const kernels = rope === undefined ? plain : rotaryKernels(plain, options, angles);
  const setting = { kernels, type, hasBias: qkv.bias !== undefined, kind: relative?.kind };
  return {
    inputs: present(x, qkv.weight, out.weight, qkv.bias, relative?.values),
    extras: present(...kernels.extras, relative && distanceIds(relative.bucket, pass.sequence)),
    bias: out.bias,
    type,
    forward: (w, inputs, extras) => attendForward(w, setting, inputs, extras),
    backward: (w, dProduct, given, _factor, more) => attendBackward(w, setting, dProduct, given, more),
  };
}

/** What the kernels are given, and the table of distances where there is one. */
function kernelInputs({ hasBias, kind }: AttentionSetting, inputs: Handle[], extras: Handle[]) {
  const [, weight] = inputs;
  const bias = hasBias ? inputs[3] : undefined;
  const table = kind && { kind, values: inputs.at(-1)!, ids: extras.at(-1)!, weight, bias };
  return { bias, extras, table };
}

function attendForward(w: Workspace, setting: AttentionSetting, inputs: Handle[], extras: Handle[]): Computed {
  const [x, qkvW, outW] = inputs;
  const { kernels, type } = setting;
  const { table, ...given } = kernelInputs(setting, inputs, extras);
  const input = w.cast(x, type);
  const product = w.matMul(input, w.cast(qkvW, type), false, true);
  const distances = table && distancesForward(w, table, type);
  const saved = kernels.forward(w, product, { ...given, distances });
  const result = w.matMul(saved[1], w.cast(outW, type), false, true);
  return { result, saved: [...saved, ...(input === x ? [] : [input])] };
}

function attendBackward(
  w: Workspace,
  setting: AttentionSetting,
  dProduct: Handle,
  { inputs, extras, saved }: Given,
  more?: Handle,
): Handle[] {
  const [x, qkvW, outW] = inputs;
  const [, mixed, , input = x] = saved;
  const { kernels, type } = setting;
  const { table, ...given } = kernelInputs(setting, inputs, extras);
  const dOutW = w.matMul(dProduct, mixed, true);
  const dMixed = w.matMul(dProduct, w.cast(outW, type));
  w.free(dProduct);
  const distances = table && distancesForward(w, table, type); // again: it takes little time, and kept it would take memory
  const [dQkv, dBias, dDistances] = kernels.backward(w, dMixed, saved, { ...given, distances });
  w.free(dMixed, distances);
  const dQkvW = w.cast(w.matMul(dQkv, input, true), FLOAT);
  const dX = added(w, w.matMul(dQkv, w.cast(qkvW, type)), more);
  const further = table && distancesBackward(w, table, dDistances, type);
  const gradients = [dX, plus(w, dQkvW, further?.weight), w.cast(dOutW, FLOAT)];
  if (given.bias) gradients.push(plus(w, dBias, further?.bias));
  return further ? [...gradients, further.values] : gradients;
}

const plus = (w: Workspace, gradient: Handle, more?: Handle) => (more ? w.add(gradient, more) : gradient);

function angleTensors(sequence: number, size: number, rope: number): tf.Tensor[] {
  const { cosines, sines } = rotaryAngles(sequence, size, rope);
  return [cosines, sines].map((values) => tf.tensor2d(values, [sequence, size / 2]));
}

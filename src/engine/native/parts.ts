// The parts of an encoder layer on raw kernels, each with its gradient.
import { type Handle, constant, FLOAT } from './binding';
import type { Workspace } from './workspace';

/** Factors of a linear map. Scaling a matrix of weights is cheap compared with a pass over the activations. */
export interface Factors {
  weight: number;
  bias: number;
}
const ONE: Factors = { weight: 1, bias: 1 };

/** x · (factor weight)ᵀ + factor bias: [tokens, in] → [tokens, out], computed and given in the type `type`. */
export function linearForward(
  w: Workspace,
  x: Handle,
  weight: Handle,
  bias: Handle | undefined,
  factors = ONE,
  type = FLOAT,
): Handle {
  const product = w.matMul(w.cast(x, type), w.cast(w.scale(weight, factors.weight), type), false, true);
  if (!bias) return product;
  const result = w.biasAdd(product, w.cast(w.scale(bias, factors.bias), type));
  w.free(product);
  return result;
}

/** Gradients of x, in the type of the products, and of weight and bias, in float32. */
export function linearBackward(
  w: Workspace,
  dy: Handle,
  x: Handle,
  weight: Handle,
  factors = ONE,
  type = FLOAT,
): [Handle, Handle, Handle] {
  const slope = w.cast(dy, type);
  const dx = w.matMul(slope, w.cast(w.scale(weight, factors.weight), type));
  const dWeight = w.scale(w.cast(w.matMul(slope, w.cast(x, type), true), FLOAT), factors.weight);
  return [dx, dWeight, w.scale(w.biasAddGrad(w.cast(dy, FLOAT)), factors.bias)];
}

/*
 * GELU is x Φ(x) with Φ(x) = (1 + erf(x / √2)) / 2. With u = x / √2 it is u (1 + erf(u)) / √2: both roots go into the
 * weights of the linear maps around it, which saves two passes over the widest tensor of the model.
 */
export const GELU_FACTOR = Math.SQRT1_2;

/** √2 gelu(√2 u). */
export function geluForward(w: Workspace, u: Handle): Handle {
  const erf = w.erf(u);
  const product = w.mul(u, erf);
  const y = w.add(product, u);
  w.free(erf, product);
  return y;
}

/** The value once more and its slope in u: recomputed, because memory is dearer than these passes. */
export function geluBackward(w: Workspace, u: Handle): [value: Handle, slope: Handle] {
  const erf = w.erf(u);
  const rise = w.add(erf, constant(1));
  const square = w.square(u);
  const exponent = w.sub(constant(Math.log(2 / Math.sqrt(Math.PI))), square);
  w.free(erf, square);
  const density = w.exp(exponent); // 2 / √π exp(-u²)
  const bend = w.mul(u, density);
  w.free(exponent, density);
  const results: [Handle, Handle] = [w.mul(u, rise), w.add(rise, bend)];
  w.free(rise, bend);
  return results;
}

/** What layer normalization keeps: the normalized rows, and one over their deviation. */
export interface NormSaved {
  normal: Handle; // [tokens, width]
  inverse: Handle; // [tokens, 1]
}

export function normForward(
  w: Workspace,
  x: Handle,
  gain: Handle,
  bias: Handle | undefined,
  epsilon: number,
): [Handle, NormSaved] {
  const mean = w.mean(x, 1, true);
  const variance = w.mean(w.squaredDifference(x, mean), 1, true);
  const inverse = w.rsqrt(w.add(variance, constant(epsilon)));
  const centred = w.sub(x, mean);
  const normal = w.mul(centred, inverse);
  w.free(centred);
  const scaled = w.mul(normal, gain);
  return [bias ? w.biasAdd(scaled, bias) : scaled, { normal, inverse }];
}

/** Gradients of x, gain and bias. */
export function normBackward(w: Workspace, dy: Handle, saved: NormSaved, gain: Handle): [Handle, Handle, Handle] {
  const { normal, inverse } = saved;
  const dNormal = w.mul(dy, gain);
  const shift = w.mean(dNormal, 1, true);
  const slope = w.mean(w.mul(dNormal, normal), 1, true);
  const centred = w.sub(w.sub(dNormal, shift), w.mul(normal, slope));
  return [w.mul(centred, inverse), w.biasAddGrad(w.mul(dy, normal)), w.biasAddGrad(dy)];
}

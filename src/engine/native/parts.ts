// The parts of an encoder layer on raw kernels, each with its gradient.
import type { Handle } from './binding';
import { constant } from './binding';
import type { NativeContext } from './context';
import type { Workspace } from './workspace';

/** Factors of a linear map. Scaling a matrix of weights is cheap beside a pass over the activations. */
export interface Factors {
  weight: number;
  bias: number;
}
const ONE: Factors = { weight: 1, bias: 1 };

/** x · (factor weight)ᵀ + factor bias: [tokens, in] → [tokens, out]. */
export function linearForward(w: Workspace, x: Handle, weight: Handle, bias: Handle, factors = ONE): Handle {
  const product = w.matMul(x, w.scale(weight, factors.weight), false, true);
  const result = w.biasAdd(product, w.scale(bias, factors.bias));
  w.free(product);
  return result;
}

/** Gradients of x, weight and bias. */
export function linearBackward(
  w: Workspace,
  dy: Handle,
  x: Handle,
  weight: Handle,
  factors = ONE,
): [Handle, Handle, Handle] {
  const dx = w.matMul(dy, w.scale(weight, factors.weight));
  const dWeight = w.scale(w.matMul(dy, x, true), factors.weight);
  return [dx, dWeight, w.scale(w.biasAddGrad(dy), factors.bias)];
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

/** What layer normalization keeps: the normalized rows, one over their deviation, and the dropout mask before them. */
export interface NormSaved {
  normal: Handle; // [tokens, hidden]
  inverse: Handle; // [tokens, 1]
  dropped?: Handle; // [tokens, hidden] bool, true where kept
}

export function normForward(w: Workspace, x: Handle, gain: Handle, bias: Handle, epsilon: number): [Handle, NormSaved] {
  const mean = w.mean(x, 1, true);
  const variance = w.mean(w.squaredDifference(x, mean), 1, true);
  const inverse = w.rsqrt(w.add(variance, constant(epsilon)));
  const centred = w.sub(x, mean);
  const normal = w.mul(centred, inverse);
  w.free(centred);
  return [w.biasAdd(w.mul(normal, gain), bias), { normal, inverse }];
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

/** How much what dropout keeps is enlarged. */
export function keepFactor(context: NativeContext): number {
  return 1 / (1 - (context.dropout?.hidden ?? 0));
}

/** layerNorm(dropout(x) + residual), the end of each half of a layer; x comes already enlarged by `keepFactor`. */
export function residualNormForward(
  w: Workspace,
  x: Handle,
  residual: Handle,
  gain: Handle,
  bias: Handle,
  { epsilon, dropout, index }: NativeContext,
  site: number,
): [Handle, NormSaved] {
  const rate = dropout?.hidden ?? 0;
  const dropped = rate > 0 ? w.dropoutMask(x.shape, rate, [dropout!.seed, 4 * index + site]) : undefined;
  const kept = dropped ? w.select(dropped, x) : x;
  const sum = w.add(kept, residual);
  const [y, saved] = normForward(w, sum, gain, bias, epsilon);
  w.free(dropped && kept, sum);
  return [y, { ...saved, dropped }];
}

/** Gradients of x, residual, gain and bias. */
export function residualNormBackward(
  w: Workspace,
  dy: Handle,
  saved: NormSaved,
  gain: Handle,
): [Handle, Handle, Handle, Handle] {
  const [dSum, dGain, dBias] = normBackward(w, dy, saved, gain);
  return [saved.dropped ? w.select(saved.dropped, dSum) : dSum, dSum, dGain, dBias];
}

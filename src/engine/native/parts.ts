// The parts of an encoder layer on raw kernels, each with its gradient.
import type { Handle } from './binding';
import { constant } from './binding';
import type { NativeContext } from './layer';
import type { Workspace } from './workspace';

/** x · weightᵀ + bias: [tokens, in] → [tokens, out]. */
export function linearForward(w: Workspace, x: Handle, weight: Handle, bias: Handle): Handle {
  const product = w.matMul(x, weight, false, true);
  const result = w.biasAdd(product, bias);
  w.free(product);
  return result;
}

/** Gradients of x, weight and bias. */
export function linearBackward(w: Workspace, dy: Handle, x: Handle, weight: Handle): [Handle, Handle, Handle] {
  return [w.matMul(dy, weight), w.matMul(dy, x, true), w.biasAddGrad(dy)];
}

/** Φ(x), the normal distribution function. */
function normalCdf(w: Workspace, x: Handle): Handle {
  const erf = w.erf(w.scale(x, Math.SQRT1_2));
  const cdf = w.add(w.scale(erf, 0.5), constant(0.5));
  w.free(erf);
  return cdf;
}

export function geluForward(w: Workspace, x: Handle): Handle {
  const cdf = normalCdf(w, x);
  const y = w.mul(x, cdf);
  w.free(cdf);
  return y;
}

/** The activation once more and its slope Φ(x) + x φ(x): recomputed, because memory is dearer than these passes. */
export function geluBackward(w: Workspace, x: Handle): [value: Handle, slope: Handle] {
  const cdf = normalCdf(w, x);
  const density = w.scale(w.exp(w.scale(w.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return [w.mul(x, cdf), w.add(cdf, w.mul(x, density))];
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

/** layerNorm(dropout(x) + residual), the end of each half of a layer. */
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
  const kept = dropped ? w.scale(w.select(dropped, x), 1 / (1 - rate)) : x;
  const [y, saved] = normForward(w, w.add(kept, residual), gain, bias, epsilon);
  return [y, { ...saved, dropped }];
}

/** Gradients of x, residual, gain and bias. */
export function residualNormBackward(
  w: Workspace,
  dy: Handle,
  saved: NormSaved,
  gain: Handle,
  { dropout }: NativeContext,
): [Handle, Handle, Handle, Handle] {
  const [dSum, dGain, dBias] = normBackward(w, dy, saved, gain);
  const rate = dropout?.hidden ?? 0;
  const dx = saved.dropped ? w.scale(w.select(saved.dropped, dSum), 1 / (1 - rate)) : dSum;
  return [dx, dSum, dGain, dBias];
}

// One encoder layer on TensorFlow's matrix products and our own kernels, with its gradient: what lies between two products is
// one pass over memory, and attention keeps no square of weights.
import type { Handle } from './binding';
import { constant, FLOAT } from './binding';
import type { KernelOptions } from './kernels';
import { runKernel } from './kernels';
import type { LayerHandles } from './layer';
import { Workspace } from './workspace';

/** What the kernels must know beside input and weights. */
export interface FusedContext {
  heads: number;
  epsilon: number;
  rates: { hidden: number; attention: number };
  /** [2] int32 each: for attention, for the first and for the second dropout of this layer. */
  seeds: Handle[];
  offsets: Handle; // [rows + 1] int32
  keys: Handle; // [rows] int32
  /** Type of the matrix products, and of what is kept: FLOAT or BFLOAT16. */
  type: number;
}

/** What the forward pass leaves for the backward pass, in the order of `SAVED`. */
export type FusedSaved = Record<(typeof SAVED)[number], Handle>;
export const SAVED = [
  'input', // [tokens, hidden], in the type of the products
  'qkv', // [tokens, 3 * hidden], without bias
  'mixed', // [tokens, hidden]
  'logSums', // [tokens, heads]
  'normal1', // [tokens, hidden]
  'inverse1', // [tokens]
  'middle', // [tokens, hidden]
  'up', // [tokens, intermediate], without bias
  'normal2', // [tokens, hidden]
  'inverse2', // [tokens]
] as const;

/** [tokens, hidden] → [tokens, hidden], with what backward needs. The caller owns both, but not `input` where it is `x`. */
export function fusedForward(x: Handle, weights: LayerHandles, context: FusedContext): [Handle, FusedSaved] {
  const [, qkvB, , outB, gain1, offset1, , upB, , downB, gain2, offset2] = weights;
  const { type, seeds, offsets, keys } = context;
  const w = new Workspace();
  const [qkvW, outW, upW, downW] = matrices(w, weights, type);
  const norm = normOptions(context);
  const input = w.cast(x, type);
  const qkv = w.matMul(input, qkvW, false, true);
  const attention = runKernel('Attention', attentionOptions(context), [qkv, qkvB, offsets, keys, seeds[0]]);
  const [mixed, logSums] = w.own(attention);
  const out = w.matMul(mixed, outW, false, true);
  const first = runKernel('ResidualNorm', norm, [out, outB, x, gain1, offset1, seeds[1]]);
  const [full, narrow, normal1, inverse1] = w.own(first);
  const middle = type === FLOAT ? full : narrow;
  const up = w.matMul(middle, upW, false, true);
  const [active] = w.own(runKernel('Gelu', { type }, [up, upB]));
  const down = w.matMul(active, downW, false, true);
  w.free(out, active);
  const second = runKernel('ResidualNorm', norm, [down, downB, full, gain2, offset2, seeds[2]]);
  const [output, , normal2, inverse2] = w.own(second);
  const saved = { input, qkv, mixed, logSums, normal1, inverse1, middle, up, normal2, inverse2 };
  for (const handle of [output, ...Object.values(saved)]) w.take(handle);
  w.close();
  return [output, saved];
}

/** Gradients of x and of each weight, in the order of `LAYER_WEIGHTS`; frees nothing of `saved`. */
export function fusedBackward(dy: Handle, weights: LayerHandles, saved: FusedSaved, context: FusedContext): Handle[] {
  const w = new Workspace();
  const [qkvW, outW, upW, downW] = matrices(w, weights, context.type);
  const [gain1, gain2] = [weights[4], weights[10]];
  const norm = (inputs: Handle[]) => w.own(runKernel('ResidualNormGradient', normOptions(context), inputs));
  const { seeds, type } = context;
  const last = norm([dy, constant([], type), saved.normal2, saved.inverse2, gain2, seeds[2]]);
  const [dDown, dMiddle2, dGain2, dOffset2, dDownB] = last;
  const [dMiddle1, dUpW, dUpB, dDownW] = feedForwardBackward(w, dDown, weights[7], upW, downW, saved);
  const first = norm([dMiddle2, dMiddle1, saved.normal1, saved.inverse1, gain1, seeds[1]]);
  const [dOut, dResidual, dGain1, dOffset1, dOutB] = first;
  w.free(dMiddle1, dMiddle2);
  const dOutW = w.matMul(dOut, saved.mixed, true);
  const dMixed = w.matMul(dOut, outW);
  w.free(dOut);
  const [dQkv, dQkvB] = attentionBackward(w, dMixed, weights[1], saved, context);
  const dQkvW = w.matMul(dQkv, saved.input, true);
  const dX = w.add(w.cast(w.matMul(dQkv, qkvW), FLOAT), dResidual);
  const [full1, full2, full3, full4] = [dQkvW, dOutW, dUpW, dDownW].map((gradient) => w.cast(gradient, FLOAT));
  const gradients = [dX, full1, dQkvB, full2, dOutB, dGain1, dOffset1, full3, dUpB, full4, dDownB, dGain2, dOffset2];
  for (const gradient of gradients) w.take(gradient);
  w.close();
  return gradients;
}

/** Gradients of the middle, the upper matrix, its bias, and the lower matrix; frees `dDown`. */
function feedForwardBackward(
  w: Workspace,
  dDown: Handle,
  upB: Handle,
  upW: Handle,
  downW: Handle,
  { up, middle }: FusedSaved,
): Handle[] {
  const dActive = w.matMul(dDown, downW);
  const [active, dUp, dUpB] = w.own(runKernel('GeluGradient', { type: up.dtype }, [dActive, up, upB]));
  w.free(dActive);
  const dDownW = w.matMul(dDown, active, true);
  w.free(active, dDown);
  const dUpW = w.matMul(dUp, middle, true);
  const dMiddle = w.matMul(dUp, upW);
  w.free(dUp);
  return [dMiddle, dUpW, dUpB, dDownW];
}

/** Gradients of queries, keys and values, and of their bias; frees `dMixed`. */
function attentionBackward(
  w: Workspace,
  dMixed: Handle,
  bias: Handle,
  { mixed, logSums, qkv }: FusedSaved,
  context: FusedContext,
): Handle[] {
  const inputs = [dMixed, mixed, logSums, qkv, bias, context.offsets, context.keys, context.seeds[0]];
  const gradients = w.own(runKernel('AttentionGradient', attentionOptions(context), inputs));
  w.free(dMixed);
  return gradients;
}

/** The four matrices in the type of the products. */
function matrices(w: Workspace, weights: LayerHandles, type: number): Handle[] {
  return [0, 2, 6, 8].map((i) => w.cast(weights[i], type));
}

function attentionOptions({ type, heads, rates }: FusedContext): KernelOptions {
  return { type, heads, rate: rates.attention };
}

function normOptions({ type, epsilon, rates }: FusedContext): KernelOptions {
  return { type, epsilon, rate: rates.hidden };
}

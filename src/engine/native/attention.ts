// Attention and its gradient on raw kernels.
import type { SiteSeed } from '../pass';
import { type Handle, BFLOAT16, FLOAT } from './binding';
import type { Workspace } from './workspace';

/** How the tokens lie, the mask, and dropout of the weights. */
export interface AttentionContext {
  batch: number;
  sequence: number;
  heads: number;
  rate: number;
  seed: SiteSeed;
  mask?: Handle; // [batch, 1, 1, sequence]
}

/** What attention keeps for its gradient, in the type of the products. */
export interface AttentionSaved {
  q: Handle; // [batch, heads, sequence, size]; in float32 already divided by the root of the head size
  k: Handle;
  v: Handle;
  weights: Handle; // [batch, heads, sequence, sequence], after the softmax
  dropped?: Handle; // the same shape, bool, true where kept
}

/**
 * The queries are divided by the root of their size, which is cheap. In bfloat16 that would round them once more: there the scores
 * are divided, in float32.
 */
function scales(size: number, type: number): { query: number; score: number } {
  const scale = 1 / Math.sqrt(size);
  return type === BFLOAT16 ? { query: 1, score: scale } : { query: scale, score: 1 };
}

/** [tokens, 3 * hidden] → [tokens, hidden], in the type of the products. */
export function attentionForward(w: Workspace, qkv: Handle, context: AttentionContext): [Handle, AttentionSaved] {
  const { batch, sequence, heads, mask, rate, seed } = context;
  const size = qkv.shape[1] / 3 / heads;
  const split = w.transpose(w.reshape(qkv, [batch, sequence, 3, heads, size]), [2, 0, 3, 1, 4]);
  const [query, k, v] = w.unpack(split);
  const { query: factor, score } = scales(size, qkv.dtype);
  const q = w.scale(query, factor);
  const weights = attentionWeights(w, q, k, score, mask);
  const dropped = rate > 0 ? w.dropoutMask(weights.shape, rate, seed) : undefined;
  const kept = dropped ? w.select(dropped, weights) : weights;
  const mixed = w.scale(w.batchMatMul(kept, v), 1 / (1 - rate)); // the scale of dropout, where it is small
  if (dropped) w.free(kept);
  const merged = w.reshape(w.transpose(mixed, [0, 2, 1, 3]), [batch * sequence, heads * size]);
  return [merged, { q, k, v, weights, dropped }];
}

function attentionWeights(w: Workspace, q: Handle, k: Handle, scale: number, mask?: Handle): Handle {
  const product = w.batchMatMul(q, k, false, true);
  const raw = w.scale(w.cast(product, FLOAT), scale);
  const scores = mask ? w.add(raw, mask) : raw;
  const weights = w.softmax(scores);
  w.free(product, raw, scores);
  return w.cast(weights, q.dtype);
}

/**
 * Gradient of `attentionForward`: [tokens, hidden] → [tokens, 3 * hidden]. The row sums of weights ∘ their gradient equal
 * those of the output ∘ its gradient (Dao et al. 2022, FlashAttention, appendix B), which are far smaller.
 */
export function attentionBackward(
  w: Workspace,
  dMerged: Handle,
  { q, k, v, weights, dropped }: AttentionSaved,
  merged: Handle,
  { batch, sequence, heads, rate }: AttentionContext,
): Handle {
  const size = q.shape[3];
  const type = q.dtype;
  const { query: factor, score } = scales(size, type);
  const toHeads = (x: Handle) => w.transpose(w.reshape(x, [batch, sequence, heads, size]), [0, 2, 1, 3]);
  const dMixed = toHeads(w.cast(dMerged, type));
  const products = w.mul(w.cast(dMixed, FLOAT), w.cast(toHeads(merged), FLOAT));
  const rowSums = w.sum(products, 3, true); // [batch, heads, sequence, 1]
  const dKept = w.scale(dMixed, 1 / (1 - rate));
  const dV = valueGradient(w, weights, dropped, dKept);
  const slope = scoreGradient(w, w.batchMatMul(dKept, v, false, true), weights, dropped, rowSums);
  const dScores = w.cast(w.scale(slope, score), type);
  const dQ = w.scale(w.batchMatMul(dScores, k), factor);
  const dK = w.batchMatMul(dScores, q, true);
  w.free(dScores);
  const stacked = w.transpose(w.pack([dQ, dK, dV]), [1, 3, 0, 2, 4]); // [batch, sequence, 3, heads, size]
  return w.reshape(stacked, [batch * sequence, 3 * heads * size]);
}

function valueGradient(w: Workspace, weights: Handle, dropped: Handle | undefined, dKept: Handle): Handle {
  if (!dropped) return w.batchMatMul(weights, dKept, true);
  const kept = w.select(dropped, weights);
  const dV = w.batchMatMul(kept, dKept, true);
  w.free(kept);
  return dV;
}

/** Gradient before the softmax, in float32; frees `dWeights`. */
function scoreGradient(
  w: Workspace,
  dWeights: Handle,
  weights: Handle,
  dropped: Handle | undefined,
  rowSums: Handle,
): Handle {
  const masked = w.cast(dropped ? w.select(dropped, dWeights) : dWeights, FLOAT);
  const centred = w.sub(masked, rowSums);
  w.free(dWeights, masked);
  const dScores = w.mul(w.cast(weights, FLOAT), centred);
  w.free(centred);
  return dScores;
}

// Attention and its gradient on raw kernels.
import type { Handle } from './binding';
import type { Workspace } from './workspace';

/** How the tokens lie, the mask, and dropout of the weights. */
export interface AttentionContext {
  batch: number;
  sequence: number;
  heads: number;
  rate: number;
  seed: [number, number];
  mask?: Handle; // [batch, 1, 1, sequence]
}

/** What attention keeps for its gradient. `q` is already divided by the root of the head size. */
export interface AttentionSaved {
  q: Handle; // [batch, heads, sequence, size]
  k: Handle;
  v: Handle;
  weights: Handle; // [batch, heads, sequence, sequence], after the softmax
  dropped?: Handle; // the same shape, bool, true where kept
}

/** [tokens, 3 * hidden] → [tokens, hidden]. */
export function attentionForward(w: Workspace, qkv: Handle, context: AttentionContext): [Handle, AttentionSaved] {
  const { batch, sequence, heads, mask, rate, seed } = context;
  const size = qkv.shape[1] / 3 / heads;
  const split = w.transpose(w.reshape(qkv, [batch, sequence, 3, heads, size]), [2, 0, 3, 1, 4]);
  const [query, k, v] = w.unpack(split);
  const q = w.scale(query, 1 / Math.sqrt(size));
  const weights = attentionWeights(w, q, k, mask);
  const dropped = rate > 0 ? w.dropoutMask(weights.shape, rate, seed) : undefined;
  const kept = dropped ? w.select(dropped, weights) : weights;
  const mixed = w.scale(w.batchMatMul(kept, v), 1 / (1 - rate)); // the scale of dropout, where it is small
  if (dropped) w.free(kept);
  const merged = w.reshape(w.transpose(mixed, [0, 2, 1, 3]), [batch * sequence, heads * size]);
  return [merged, { q, k, v, weights, dropped }];
}

function attentionWeights(w: Workspace, q: Handle, k: Handle, mask?: Handle): Handle {
  const raw = w.batchMatMul(q, k, false, true);
  const scores = mask ? w.add(raw, mask) : raw;
  const weights = w.softmax(scores);
  w.free(raw, scores);
  return weights;
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
  const toHeads = (x: Handle) => w.transpose(w.reshape(x, [batch, sequence, heads, size]), [0, 2, 1, 3]);
  const dMixed = toHeads(dMerged);
  const rowSums = w.sum(w.mul(dMixed, toHeads(merged)), 3, true); // [batch, heads, sequence, 1]
  const dKept = w.scale(dMixed, 1 / (1 - rate));
  const dV = valueGradient(w, weights, dropped, dKept);
  const dScores = scoreGradient(w, w.batchMatMul(dKept, v, false, true), weights, dropped, rowSums);
  const dQ = w.scale(w.batchMatMul(dScores, k), 1 / Math.sqrt(size));
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

/** Gradient before the softmax; frees `dWeights`. */
function scoreGradient(
  w: Workspace,
  dWeights: Handle,
  weights: Handle,
  dropped: Handle | undefined,
  rowSums: Handle,
): Handle {
  const masked = dropped ? w.select(dropped, dWeights) : dWeights;
  const centred = w.sub(masked, rowSums);
  w.free(dWeights, masked);
  const dScores = w.mul(weights, centred);
  w.free(centred);
  return dScores;
}

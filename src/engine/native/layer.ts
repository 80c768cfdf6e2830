// One encoder layer and its gradient by hand: only what the way back needs is kept, everything else is freed on the way.
import type { Handle } from './binding';
import { attentionBackward, attentionForward } from './attention';
import type { AttentionSaved } from './attention';
import type { NativeContext } from './context';
import type { Factors, NormSaved } from './parts';
import { GELU_FACTOR, geluBackward, geluForward, keepFactor, linearBackward, linearForward } from './parts';
import { residualNormBackward, residualNormForward } from './parts';
import { Workspace } from './workspace';

/** The layer's weights as handles, in the order of `LAYER_WEIGHTS`. */
export type LayerHandles = Handle[];

/** What the forward pass leaves for the backward pass. Whoever holds it owns its handles. */
export interface LayerSaved {
  attention: AttentionSaved;
  attended: Handle; // [tokens, hidden]
  attentionNorm: NormSaved;
  middle: Handle; // [tokens, hidden]
  up: Handle; // [tokens, intermediate], before the activation, over √2
  outputNorm: NormSaved;
}

/** [tokens, hidden] → [tokens, hidden], with what backward needs. The caller owns both. */
export function layerForward(x: Handle, weights: LayerHandles, context: NativeContext): [Handle, LayerSaved] {
  const [qkvW, qkvB, outW, outB, gain1, bias1, upW, upB, downW, downB, gain2, bias2] = weights;
  const { out, up: upFactors, down: downFactors } = layerFactors(context);
  const w = new Workspace();
  const qkv = linearForward(w, x, qkvW, qkvB);
  const [attended, attention] = attentionForward(w, qkv, context);
  w.free(qkv);
  const mixed = linearForward(w, attended, outW, outB, out);
  const [middle, attentionNorm] = residualNormForward(w, mixed, x, gain1, bias1, context, 1);
  const up = linearForward(w, middle, upW, upB, upFactors);
  const hidden = geluForward(w, up);
  const down = linearForward(w, hidden, downW, downB, downFactors);
  w.free(mixed, hidden);
  const [output, outputNorm] = residualNormForward(w, down, middle, gain2, bias2, context, 2);
  const saved: LayerSaved = { attention, attended, attentionNorm, middle, up, outputNorm };
  for (const handle of [output, ...listSaved(saved)]) w.take(handle);
  w.close();
  return [output, saved];
}

/** Gradients of x and of each weight, in the order of `LAYER_WEIGHTS`; frees nothing of `saved`. */
export function layerBackward(
  dy: Handle,
  x: Handle,
  weights: LayerHandles,
  saved: LayerSaved,
  context: NativeContext,
): Handle[] {
  const [qkvW, , outW, , gain1, , upW, , downW, , gain2] = weights;
  const { out, up, down } = layerFactors(context);
  const w = new Workspace();
  const [dDown, dMiddle2, dGain2, dBias2] = residualNormBackward(w, dy, saved.outputNorm, gain2);
  const [hidden, slope] = geluBackward(w, saved.up);
  const [dHidden, dDownW, dDownB] = linearBackward(w, dDown, hidden, downW, down);
  w.free(hidden);
  const dUp = w.mul(dHidden, slope);
  w.free(dHidden, slope);
  const [dMiddle1, dUpW, dUpB] = linearBackward(w, dUp, saved.middle, upW, up);
  w.free(dUp);
  const dMiddle = w.add(dMiddle1, dMiddle2);
  w.free(dDown, dMiddle1, dMiddle2); // without dropout two of them are one
  const [dMixed, dX2, dGain1, dBias1] = residualNormBackward(w, dMiddle, saved.attentionNorm, gain1);
  w.free(dMiddle);
  const [dAttended, dOutW, dOutB] = linearBackward(w, dMixed, saved.attended, outW, out);
  const dQkv = attentionBackward(w, dAttended, saved.attention, saved.attended, context);
  w.free(dAttended);
  const [dX1, dQkvW, dQkvB] = linearBackward(w, dQkv, x, qkvW);
  const dX = w.add(dX1, dX2);
  const gradients = [dX, dQkvW, dQkvB, dOutW, dOutB, dGain1, dBias1, dUpW, dUpB, dDownW, dDownB, dGain2, dBias2];
  for (const gradient of gradients) w.take(gradient);
  w.close();
  return gradients;
}

/** Dropout's enlargement and the activation's roots go into the weights. */
function layerFactors(context: NativeContext): Record<'out' | 'up' | 'down', Factors> {
  const keep = keepFactor(context);
  return {
    out: { weight: keep, bias: keep },
    up: { weight: GELU_FACTOR, bias: GELU_FACTOR },
    down: { weight: GELU_FACTOR * keep, bias: keep },
  };
}

/** The saved handles in one list, the dropout masks last: what goes onto TensorFlow.js's tape. */
export function listSaved({ attention, attended, attentionNorm, middle, up, outputNorm }: LayerSaved): Handle[] {
  const kept = [attention.q, attention.k, attention.v, attention.weights, attended, middle, up];
  const norms = [attentionNorm.normal, attentionNorm.inverse, outputNorm.normal, outputNorm.inverse];
  const masks = [attention.dropped, attentionNorm.dropped, outputNorm.dropped];
  return [...kept, ...norms, ...masks.filter((mask): mask is Handle => mask !== undefined)];
}

/** The way back from `listSaved`; the masks are told apart by their rank. */
export function restoreSaved(list: Handle[]): LayerSaved {
  const [q, k, v, weights, attended, middle, up, normal1, inverse1, normal2, inverse2, ...masks] = list;
  const [dropped, ...pair] = masks[0]?.shape.length === 4 ? masks : [undefined, ...masks];
  return {
    ...{ attended, middle, up },
    attention: { q, k, v, weights, dropped },
    attentionNorm: { normal: normal1, inverse: inverse1, dropped: pair[0] },
    outputNorm: { normal: normal2, inverse: inverse2, dropped: pair[1] },
  };
}

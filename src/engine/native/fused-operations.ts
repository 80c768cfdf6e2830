// The encoder layer on our own kernels, shown to TensorFlow.js as a custom gradient.
import * as tf from '@tensorflow/tfjs';
import { withGradient } from '../gradient';
import type { LayerContext, LayerWeights, Operations, Rows } from '../layer';
import { LAYER_WEIGHTS } from '../layer';
import type { Handle } from './binding';
import { BFLOAT16, borrow, FLOAT, free, INT32, toTensor, upload } from './binding';
import type { FusedContext, FusedSaved } from './fused-layer';
import { fusedBackward, fusedForward, SAVED } from './fused-layer';
import { fastOperations } from './operations';
import { Workspace } from './workspace';

/** Heads larger than this do not fit the kernels. */
export const LARGEST_HEAD = 128;

function layer(x: tf.Tensor2D, weights: LayerWeights, context: LayerContext): tf.Tensor2D {
  const size = x.shape[1] / context.heads;
  if (!context.rows || size > LARGEST_HEAD) return fastOperations.layer(x, weights, context);
  const tensors = LAYER_WEIGHTS.map((name) => weights[name]);
  if (isOdd(x.shape[1]) || isOdd(weights.upBias.size)) context = { ...context, precision: 'fp32' };
  if (tf.engine().isTapeOn()) return trainLayer(x, tensors, context, context.rows!);
  return withContext(context, context.rows!, (fused) => {
    const input = borrow(x);
    const [output, saved] = fusedForward(input, tensors.map(borrow), fused);
    release(saved, input);
    return toTensor<tf.Tensor2D>(output);
  });
}

/** Two numbers of bfloat16 travel as one integer, see `keep`. */
const isOdd = (width: number) => width % 2 === 1;

function trainLayer(x: tf.Tensor2D, weights: tf.Tensor[], context: LayerContext, rows: Rows): tf.Tensor2D {
  return withGradient([x, ...weights], (inputs, save) =>
    withContext(context, rows, (fused) => {
      const [input, ...handles] = inputs.map(borrow);
      const [output, saved] = fusedForward(input, handles, fused);
      const kept = context.recompute ? (release(saved, input), []) : SAVED.map((name) => keep(saved[name], input));
      const tensors = kept.filter((tensor): tensor is tf.Tensor => tensor !== undefined);
      save([...inputs, rows.offsets, rows.keys, ...tensors]);
      return { value: toTensor<tf.Tensor2D>(output), gradient: (dy, list) => backward(dy, list, context) };
    }),
  );
}

function backward(dy: tf.Tensor, list: tf.Tensor[], context: LayerContext): tf.Tensor[] {
  const [x, ...rest] = list;
  const weights = rest.splice(0, LAYER_WEIGHTS.length).map(borrow);
  const [offsets, keys] = rest.splice(0, 2) as tf.Tensor1D[];
  const input = borrow(x);
  return withContext(context, { offsets, keys }, (fused) => {
    const w = new Workspace();
    try {
      const saved = context.recompute ? recomputed(w, input, weights, fused) : restored(w, input, rest);
      return fusedBackward(borrow(dy), weights, saved, fused).map((handle) => toTensor(handle));
    } finally {
      w.close();
    }
  });
}

function recomputed(w: Workspace, input: Handle, weights: Handle[], context: FusedContext): FusedSaved {
  const [output, saved] = fusedForward(input, weights, context);
  w.own([output, ...Object.values(saved).filter((handle) => handle !== input)]);
  w.free(output);
  return saved;
}

/** Hands what is kept over to TensorFlow.js, which knows no bfloat16: two of its numbers travel as one integer. */
function keep(handle: Handle, input: Handle): tf.Tensor | undefined {
  if (handle === input) return undefined; // TensorFlow.js has it already
  if (handle.dtype !== BFLOAT16) return toTensor(handle);
  const w = new Workspace();
  const pairs = w.take(w.bitcast(handle, INT32, [handle.shape[0], handle.shape[1] / 2, 2]));
  w.close();
  free(handle);
  return toTensor(pairs);
}

function restored(w: Workspace, input: Handle, kept: tf.Tensor[]): FusedSaved {
  const handles = kept.map(borrow).map((handle) => {
    if (handle.dtype !== INT32) return handle;
    const [tokens, pairs] = handle.shape;
    return w.reshape(w.bitcast(handle, BFLOAT16, [tokens, pairs]), [tokens, 2 * pairs]);
  });
  const all = handles.length < SAVED.length ? [input, ...handles] : handles;
  return Object.fromEntries(SAVED.map((name, i) => [name, all[i]])) as FusedSaved;
}

function release(saved: FusedSaved, input: Handle): void {
  free(...Object.values(saved).filter((handle) => handle !== input));
}

/** Runs `work` with the small integers that the kernels need. */
function withContext<T>(context: LayerContext, rows: Rows, work: (fused: FusedContext) => T): T {
  const { heads, epsilon, index, dropout } = context;
  const seeds = [0, 1, 2].map((site) => upload(Int32Array.of(dropout?.seed ?? 0, 4 * index + site), [2]));
  const type = context.precision === 'bf16' ? BFLOAT16 : FLOAT;
  const rates = { hidden: dropout?.hidden ?? 0, attention: dropout?.attention ?? 0 };
  try {
    return work({ heads, epsilon, rates, seeds, type, offsets: borrow(rows.offsets), keys: borrow(rows.keys) });
  } finally {
    free(...seeds);
  }
}

export const fusedOperations: Operations = { ...fastOperations, layer, packs: true, narrows: true };

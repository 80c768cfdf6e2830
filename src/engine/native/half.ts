// Half a layer on raw kernels as one step of TensorFlow.js's tape: what leads to a product, and what comes after that product.
import * as tf from '@tensorflow/tfjs';
import { withGradient } from '../gradient';
import { type Handle, BFLOAT16, borrow, INT32, toTensor } from './binding';
import { Workspace } from './workspace';

/** What a forward pass leaves: its result, and what the backward pass needs besides the inputs. */
export interface Computed {
  result: Handle;
  saved: Handle[];
}

/** Up to a product, which lacks its bias and may have the type of the products. What it makes belongs to the workspace. */
export interface Half {
  /** Tensors that have a gradient. */
  inputs: tf.Tensor[];
  /** Tensors that are needed and have none. */
  extras: tf.Tensor[];
  /** What is still to be added to the product. */
  bias?: tf.Tensor;
  /** Of the product: FLOAT or BFLOAT16. */
  type: number;
  /** The product times `factor`. */
  forward(w: Workspace, inputs: Handle[], extras: Handle[], factor: number): Computed;
  /** The gradient of each input; `more` is a further part of the first one's, which is added to it. */
  backward(w: Workspace, dProduct: Handle, given: Given, factor: number, more?: Handle): Handle[];
}

/** What the way back is given. */
export interface Given {
  inputs: Handle[];
  extras: Handle[];
  saved: Handle[];
}

/** From the product on: its bias, and perhaps dropout, a residual and a norm. */
export interface Ending {
  /** What is added to the product; as a rule the half's first input. */
  residual?: tf.Tensor;
  inputs: tf.Tensor[];
  /** The half multiplies its product by it, where that costs least. */
  factor: number;
  forward(w: Workspace, product: Handle, inputs: Handle[], residual?: Handle): Computed;
  /** The gradients of the product, of the residual where there is one, and of each input. */
  backward(w: Workspace, dy: Handle, inputs: Handle[], saved: Handle[]): EndingGradients;
}

export interface EndingGradients {
  product: Handle;
  residual?: Handle;
  inputs: Handle[];
}

/** A tensor, or a product that waits for what comes after it. */
export type Value = { tensor: tf.Tensor2D } | { half: Half };

/** Runs both in one step, [tokens, width] → [tokens, width]. */
export function runHalf(half: Half, ending: Ending): tf.Tensor2D {
  return tf.engine().isTapeOn() ? trainHalf(half, ending) : computeHalf(half, ending);
}

function computeHalf(half: Half, ending: Ending): tf.Tensor2D {
  return onWorkspace((w) => {
    const { result } = half.forward(w, half.inputs.map(borrow), half.extras.map(borrow), ending.factor);
    w.freeExcept(result);
    const residual = ending.residual && borrow(ending.residual);
    return toTensor<tf.Tensor2D>(w.take(ending.forward(w, result, ending.inputs.map(borrow), residual).result));
  });
}

function trainHalf(half: Half, ending: Ending): tf.Tensor2D {
  const { residual } = ending;
  const isShared = residual === half.inputs[0]; // its gradient is then one, of both ways
  const own = residual && !isShared ? [residual] : [];
  const [count, more] = [half.inputs.length, ending.inputs.length];
  return withGradient([...half.inputs, ...ending.inputs, ...own], (tensors, save) => {
    let few = 0; // how many of the saved are the half's
    const value = onWorkspace((w) => {
      const handles = tensors.map(borrow);
      const first = half.forward(w, handles.slice(0, count), half.extras.map(borrow), ending.factor);
      w.freeExcept(first.result, ...first.saved);
      few = first.saved.length;
      const added = isShared ? handles[0] : handles[count + more];
      const last = ending.forward(w, first.result, handles.slice(count, count + more), added);
      const kept = [...first.saved, ...last.saved].map((handle) => keep(w, handle));
      save([...tensors.slice(0, count + more), ...half.extras, ...kept]);
      return toTensor<tf.Tensor2D>(w.take(last.result));
    });
    const gradient = (dy: tf.Tensor, list: tf.Tensor[]) =>
      onWorkspace((w) => {
        const handles = list.slice(0, count + more).map(borrow);
        const saved = list.slice(count + more + half.extras.length).map((tensor) => restore(w, tensor));
        const given = {
          inputs: handles.slice(0, count),
          extras: list.slice(count + more, count + more + half.extras.length).map(borrow),
          saved: saved.slice(0, few),
        };
        const last = ending.backward(w, borrow(dy), handles.slice(count), saved.slice(few));
        const shared = isShared ? last.residual : undefined;
        const first = half.backward(w, last.product, given, ending.factor, shared);
        return takeAll(w, [...first, ...last.inputs, ...(own.length > 0 ? [last.residual!] : [])]);
      });
    return { value, gradient };
  });
}

function onWorkspace<T>(work: (w: Workspace) => T): T {
  const w = new Workspace();
  try {
    return work(w);
  } finally {
    w.close();
  }
}

/** Tensors of their own: a gradient that two inputs share is handed over once, and copied for the other. */
function takeAll(w: Workspace, handles: Handle[]): tf.Tensor[] {
  const taken = new Map<Handle, tf.Tensor>();
  return handles.map((handle) => {
    const before = taken.get(handle);
    if (before) return before.clone();
    const tensor = toTensor(w.take(handle));
    taken.set(handle, tensor);
    return tensor;
  });
}

/** Hands what is kept over to TensorFlow.js, which knows no bfloat16: two of its numbers travel as one integer. */
function keep(w: Workspace, handle: Handle): tf.Tensor {
  if (handle.dtype !== BFLOAT16) return toTensor(w.take(handle));
  const [width, ...outer] = [...handle.shape].reverse();
  return toTensor(w.take(w.bitcast(handle, INT32, [...outer.reverse(), width / 2, 2])));
}

function restore(w: Workspace, tensor: tf.Tensor): Handle {
  const handle = borrow(tensor);
  if (handle.dtype !== INT32) return handle;
  const [pairs, ...outer] = [...handle.shape].reverse();
  return w.reshape(w.bitcast(handle, BFLOAT16, handle.shape), [...outer.reverse(), 2 * pairs]);
}

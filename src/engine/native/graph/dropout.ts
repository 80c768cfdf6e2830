// Dropout where a step is compiled. TensorFlow's generator makes four words at once in many rounds, which XLA cannot put into the loops
// around them; a hash of each element's number costs a few instructions there, and nothing is kept for the way back.
import type * as tf from '@tensorflow/tfjs';
import { type Handle, attribute, borrow, constant, INT32, UINT32 } from '../binding';
import type { Workspace } from '../workspace';

/** Golden ratio, as a multiplier that spreads numbers over all words. */
const SPREAD = 0x9e3779b1;

/** True with probability `1 - rate`, by the hash of our own kernels (kernels/dropout.h). */
export function hashedMask(w: Workspace, shape: number[], rate: number, seed: tf.Scalar, site: number): Handle {
  const width = shape.at(-1)!;
  const rows = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  const first = mix(w, w.add(mix(w, w.xor(unsigned(w, borrow(seed)), word(w, 0x9e3779b9))), word(w, site)));
  const second = mix(w, w.add(first, word(w, 0x85ebca6b)));
  // the number of an element is that of its row plus its place there: a list of all of them would be a constant as large as the mask
  const rowNumbers = w.add(w.mul(range(w, rows), word(w, Math.imul(width, SPREAD))), first);
  const places = w.mul(range(w, width), word(w, SPREAD));
  let x = w.add(w.reshape(rowNumbers, [rows, 1]), w.reshape(places, [1, width]));
  x = w.mul(folded(w, x, 16), word(w, 0x7feb352d));
  x = w.mul(w.add(folded(w, x, 15), second), word(w, 0x846ca68b));
  return w.reshape(w.greaterEqual(folded(w, x, 16), word(w, Math.round(rate * 2 ** 32))), shape);
}

/** Wellons' hash "lowbias32". */
function mix(w: Workspace, value: Handle): Handle {
  let x = w.mul(folded(w, value, 16), word(w, 0x7feb352d));
  x = w.mul(folded(w, x, 15), word(w, 0x846ca68b));
  return folded(w, x, 16);
}

/** 0, 1, … */
function range(w: Workspace, count: number): Handle {
  const limits = [0, count, 1].map((value) => constant(value, INT32));
  return unsigned(w, w.call('Range', [attribute.type('Tidx', INT32)], limits));
}

const folded = (w: Workspace, x: Handle, bits: number) => w.xor(x, w.rightShift(x, word(w, bits)));
const word = (w: Workspace, value: number) => unsigned(w, constant(value | 0, INT32));
const unsigned = (w: Workspace, a: Handle) => w.bitcast(a, UINT32, a.shape);

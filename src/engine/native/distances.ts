// What our kernel for attention takes for the distances of tokens: a row of numbers for each, made of a family's table, and its gradient.
import * as tf from '@tensorflow/tfjs';
import type { Relative } from '../ops';
import { type Handle, FLOAT } from './binding';
import type { Workspace } from './workspace';

/** A table, and the weights that it meets where it is disentangled: those of queries, keys and values. */
interface DistanceTable {
  kind: Relative<unknown>['kind'];
  values: Handle; // [buckets, heads or hidden]
  ids: Handle; // as `distanceIds` gives them
  weight: Handle; // [3 * hidden, hidden]
  bias?: Handle;
}

/** Gradients: of the table, and what is to be added to those of the weights. */
interface DistanceGradients {
  values: Handle;
  weight?: Handle;
  bias?: Handle;
}

/**
 * The rows of the table for the distances from `sequence - 1` down to `1 - sequence`: [2 * sequence - 1] int32.
 *
 * @example distanceIds((distance) => distance + 1, 2).arraySync() // [2, 1, 0]
 */
export function distanceIds(bucket: Relative<unknown>['bucket'], sequence: number): tf.Tensor1D {
  return tf.tensor1d(
    Int32Array.from({ length: 2 * sequence - 1 }, (_, i) => bucket(sequence - 1 - i)),
    'int32',
  );
}

/** [2 * sequence - 1, heads], or [2 * sequence - 1, 3 * hidden] from a product of that type; in float32. */
export function distancesForward(
  w: Workspace,
  { kind, values, ids, weight, bias }: DistanceTable,
  type: number,
): Handle {
  const rows = w.gather(values, ids);
  if (kind === 'bias') return rows;
  const product = w.cast(w.matMul(w.cast(rows, type), w.cast(weight, type), false, true), FLOAT);
  return bias ? w.biasAdd(product, bias) : product;
}

/** The way back from the gradient of what `distancesForward` gives; all in float32. */
export function distancesBackward(
  w: Workspace,
  { kind, values, ids, weight, bias }: DistanceTable,
  gradient: Handle,
  type: number,
): DistanceGradients {
  const buckets = values.shape[0];
  if (kind === 'bias') return { values: w.segmentSum(gradient, ids, buckets) };
  const product = w.cast(gradient, type);
  const rows = w.cast(w.gather(values, ids), type);
  const dRows = w.cast(w.matMul(product, w.cast(weight, type)), FLOAT);
  return {
    values: w.segmentSum(dRows, ids, buckets),
    weight: w.cast(w.matMul(product, rows, true), FLOAT),
    bias: bias && w.biasAddGrad(gradient),
  };
}

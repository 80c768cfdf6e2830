// The interpreter in plain TensorFlow.js: what any backend runs, and the reference for the fast ones.
import * as tf from '@tensorflow/tfjs';
import type { TensorOps } from './interpreter';
import type {
  Activation,
  AddNormSpec,
  AttentionSpec,
  AttentionWeights,
  Dropout,
  FeedForwardSpec,
  FeedForwardWeights,
  Linear,
  Norm,
  Table,
} from './ops';
import { dropoutOf, type Pass } from './pass';
import { plainAttention } from './plain-attention';
import { plainActivation, plainDropout, plainLinear, plainNorm, plainRows } from './plain-parts';
import { recomputed } from './recompute';
import { countOperation } from './tally';

export class PlainOps implements TensorOps<tf.Tensor2D> {
  constructor(readonly pass: Pass) {}

  tensor(x: tf.Tensor2D): tf.Tensor2D {
    return x;
  }

  embed(tables: Table<tf.Tensor>[]): tf.Tensor2D {
    return tables
      .map(({ table, ids, paddingId }) => plainRows(table as tf.Tensor2D, this.pass.ids(ids, paddingId), paddingId))
      .reduce((sum, rows) => tf.add(sum, rows));
  }

  rows(weight: tf.Tensor): tf.Tensor2D {
    return weight as tf.Tensor2D;
  }

  linear(x: tf.Tensor2D, weights: Linear<tf.Tensor>): tf.Tensor2D {
    return plainLinear(x, weights);
  }

  activate(x: tf.Tensor2D, activation: Activation): tf.Tensor2D {
    return plainActivation(x, activation);
  }

  norm(x: tf.Tensor2D, weights: Norm<tf.Tensor>, epsilon: number): tf.Tensor2D {
    return plainNorm(x, weights, epsilon);
  }

  dropout(x: tf.Tensor2D, dropout: Dropout): tf.Tensor2D {
    const { rate, seed } = dropoutOf(this.pass, dropout);
    return (this.pass.drop ?? plainDropout)(x, rate, seed);
  }

  add(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
    return tf.add(a, b);
  }

  attend(x: tf.Tensor2D, weights: AttentionWeights<tf.Tensor>, spec: AttentionSpec<tf.Tensor2D>): tf.Tensor2D {
    countOperation('plain', 'attend');
    const { relative } = spec;
    const positions = relative?.kind === 'disentangled' ? plainLinear(relative.values, weights.qkv) : undefined;
    const tap = this.tapWeights && ((attention: tf.Tensor4D) => this.tapWeights!(attention));
    const mixed = plainAttention(plainLinear(x, weights.qkv), spec, this.pass, positions, tap);
    return plainLinear(mixed, weights.out);
  }

  /** Is given the weights of each layer, [batch, heads, sequence, sequence]. */
  protected tapWeights?(weights: tf.Tensor4D): void;

  feedForward(x: tf.Tensor2D, weights: FeedForwardWeights<tf.Tensor>, spec: FeedForwardSpec): tf.Tensor2D {
    countOperation('plain', 'feedForward');
    const up = plainLinear(x, weights.up); // [tokens, intermediate], twice as wide where it is gated
    const [first, gate] = (spec.gated ? tf.split(up, 2, 1) : [up]) as [tf.Tensor2D, tf.Tensor2D?];
    let active = plainActivation(first, spec.activation);
    if (gate) active = tf.mul(active, gate);
    if (spec.dropout) active = this.dropout(active, spec.dropout);
    return plainLinear(active, weights.down);
  }

  addNorm(x: tf.Tensor2D, residual: tf.Tensor2D, weights: Norm<tf.Tensor>, spec: AddNormSpec): tf.Tensor2D {
    countOperation('plain', 'addNorm');
    const dropped = spec.dropout ? this.dropout(x, spec.dropout) : x;
    return plainNorm(tf.add(dropped, residual), weights, spec.epsilon);
  }

  layer<T>(_index: number, inputs: T, body: (inputs: T) => tf.Tensor2D): tf.Tensor2D {
    return runLayer(this.pass, inputs, body);
  }

  tap(x: tf.Tensor2D): tf.Tensor2D {
    return x;
  }
}

/** Tidied by itself, so that without gradients only one layer's intermediate results exist at a time. */
export function runLayer<T>(pass: Pass, inputs: T, body: (inputs: T) => tf.Tensor2D): tf.Tensor2D {
  if (pass.recompute && tf.engine().isTapeOn()) return recomputed(inputs, body);
  return tf.tidy(() => body(inputs));
}

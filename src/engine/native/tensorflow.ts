// The interpreter on TensorFlow's own kernels: on the native backend, GPU included, with gradients of its own.
import * as tf from '@tensorflow/tfjs';
import type { TensorOps } from '../interpreter';
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
} from '../ops';
import { dropoutOf, type Pass } from '../pass';
import { PlainOps, runLayer } from '../plain';
import { plainActivation } from '../plain-parts';
import { countOperation } from '../tally';
import { BFLOAT16, FLOAT } from './binding';
import { type Ending, type Half, type Value, runHalf } from './half';
import { attentionHalf, biasEnding, feedForwardHalf, normEnding, tensorHalf } from './tensorflow-halves';
import { tensorflowDropout, tensorflowLinear, tensorflowNorm, tensorflowRows } from './tensorflow-parts';

export class TensorflowOps implements TensorOps<Value> {
  constructor(readonly pass: Pass) {}

  tensor(x: Value): tf.Tensor2D {
    return 'tensor' in x ? x.tensor : runHalf(x.half, biasEnding(x.half));
  }

  embed(tables: Table<tf.Tensor>[]): Value {
    const tensor = tables
      .map(({ table, ids, paddingId }) =>
        tensorflowRows(table as tf.Tensor2D, this.pass.ids(ids, paddingId), paddingId),
      )
      .reduce((sum, rows) => tf.add(sum, rows));
    return { tensor };
  }

  rows(weight: tf.Tensor): Value {
    return { tensor: weight as tf.Tensor2D };
  }

  linear(x: Value, weights: Linear<tf.Tensor>): Value {
    return { tensor: tensorflowLinear(this.tensor(x), weights) };
  }

  activate(x: Value, activation: Activation): Value {
    return { tensor: plainActivation(this.tensor(x), activation) };
  }

  norm(x: Value, weights: Norm<tf.Tensor>, epsilon: number): Value {
    return { tensor: tensorflowNorm(this.tensor(x), weights, epsilon) };
  }

  dropout(x: Value, dropout: Dropout): Value {
    const { rate, seed } = dropoutOf(this.pass, dropout);
    return rate === 0 ? x : { tensor: tensorflowDropout(this.tensor(x), rate, seed) };
  }

  add(a: Value, b: Value): Value {
    return { tensor: tf.add(this.tensor(a), this.tensor(b)) };
  }

  attend(value: Value, weights: AttentionWeights<tf.Tensor>, spec: AttentionSpec<Value>): Value {
    const x = this.tensor(value);
    const half = this.attentionHalf(x, weights, spec);
    return half ? { half } : { tensor: this.plainAttend(x, weights, spec) };
  }

  /** The half of a layer that attends, or nothing where the kernels do not know what the spec asks for. */
  protected attentionHalf(
    x: tf.Tensor2D,
    weights: AttentionWeights<tf.Tensor>,
    spec: AttentionSpec<Value>,
  ): Half | undefined {
    if (spec.relative || spec.rope !== undefined || spec.window !== undefined || this.pass.padding) return undefined;
    countOperation('kernels', 'attend');
    return attentionHalf(
      x,
      weights,
      spec,
      this.pass,
      this.typeFor(x.shape[1], x.shape[1] / spec.heads, this.pass.sequence),
    );
  }

  /** On rows of one length, which is what TensorFlow.js's operations want. */
  private plainAttend(
    x: tf.Tensor2D,
    weights: AttentionWeights<tf.Tensor>,
    { relative, ...spec }: AttentionSpec<Value>,
  ): tf.Tensor2D {
    const { padding, ...pass } = this.pass;
    const values = relative && { ...relative, values: this.tensor(relative.values) };
    const ops = this.plain({ ...pass, mask: padding?.mask ?? pass.mask });
    const mixed = ops.attend(padding ? padding.pad(x) : x, weights, { ...spec, relative: values });
    return padding ? padding.unpad(mixed) : mixed;
  }

  /** For what the kernels do not know. */
  private plain(pass: Pass): PlainOps {
    return new PlainOps(typeof pass.seed === 'object' ? { ...pass, drop: tensorflowDropout } : pass);
  }

  feedForward(value: Value, weights: FeedForwardWeights<tf.Tensor>, spec: FeedForwardSpec): Value {
    const x = this.tensor(value);
    const half = this.feedForwardHalf(x, weights, spec);
    return half ? { half } : { tensor: this.plain(this.pass).feedForward(x, weights, spec) };
  }

  /** The half of a layer that thinks about each token, or nothing where the kernels do not know what the spec asks for. */
  protected feedForwardHalf(
    x: tf.Tensor2D,
    weights: FeedForwardWeights<tf.Tensor>,
    { activation, gated, dropout }: FeedForwardSpec,
  ): Half | undefined {
    if (activation !== 'gelu' || gated || dropoutOf(this.pass, dropout).rate > 0) return undefined;
    countOperation('kernels', 'feedForward');
    return feedForwardHalf(x, weights, this.typeFor(x.shape[1], weights.up.weight.shape[0]));
  }

  /** Of the products. What is kept in bfloat16 travels as pairs, so the widths must be even. */
  protected typeFor(...widths: number[]): number {
    return this.pass.precision === 'bf16' && widths.every((width) => width % 2 === 0) ? BFLOAT16 : FLOAT;
  }

  addNorm(x: Value, residual: Value, weights: Norm<tf.Tensor>, spec: AddNormSpec): Value {
    const half = 'half' in x ? x.half : tensorHalf(x.tensor);
    return { tensor: runHalf(half, this.normEnding(half, this.tensor(residual), weights, spec)) };
  }

  protected normEnding(half: Half, residual: tf.Tensor2D, weights: Norm<tf.Tensor>, spec: AddNormSpec): Ending {
    countOperation('kernels', 'addNorm');
    return normEnding(half, residual, weights, { epsilon: spec.epsilon, ...dropoutOf(this.pass, spec.dropout) });
  }

  layer<T>(_index: number, inputs: T, body: (inputs: T) => Value): Value {
    return { tensor: runLayer(this.pass, inputs, (inputs) => this.tensor(body(inputs))) };
  }

  tap(x: Value): Value {
    return x;
  }
}

// The interpreter on our own kernels, on the native backend's processor: rows packed one after another, bfloat16.
import type * as tf from '@tensorflow/tfjs';
import type { AddNormSpec, AttentionSpec, AttentionWeights, FeedForwardSpec, FeedForwardWeights, Norm } from '../ops';
import { dropoutOf } from '../pass';
import { countOperation } from '../tally';
import { FLOAT } from './binding';
import type { Ending, Half, Value } from './half';
import { fusedAttentionHalf } from './fused-attention';
import { fusedFeedForwardHalf, fusedNormEnding } from './fused-halves';
import { TensorflowOps } from './tensorflow';

export class FusedOps extends TensorflowOps {
  protected override attentionHalf(
    x: tf.Tensor2D,
    weights: AttentionWeights<tf.Tensor>,
    spec: AttentionSpec<Value>,
  ): Half | undefined {
    const { rows } = this.pass;
    if (!rows) return super.attentionHalf(x, weights, spec);
    countOperation('fused', 'attend');
    const turnsBiased = spec.rope !== undefined && weights.qkv.bias !== undefined; // added in float32
    const type = turnsBiased ? FLOAT : this.typeFor(x.shape[1]);
    const relative = spec.relative && { ...spec.relative, values: this.tensor(spec.relative.values) };
    return fusedAttentionHalf(x, weights, { ...spec, relative }, this.pass, rows, type);
  }

  protected override feedForwardHalf(
    x: tf.Tensor2D,
    weights: FeedForwardWeights<tf.Tensor>,
    spec: FeedForwardSpec,
  ): Half | undefined {
    if (dropoutOf(this.pass, spec.dropout).rate > 0) return super.feedForwardHalf(x, weights, spec);
    countOperation('fused', 'feedForward');
    return fusedFeedForwardHalf(x, weights, spec, this.typeFor(x.shape[1], weights.up.weight.shape[0]));
  }

  protected override normEnding(
    half: Half,
    residual: tf.Tensor2D,
    weights: Norm<tf.Tensor>,
    spec: AddNormSpec,
  ): Ending {
    countOperation('fused', 'addNorm');
    return fusedNormEnding(half, residual, weights, { epsilon: spec.epsilon, ...dropoutOf(this.pass, spec.dropout) });
  }
}

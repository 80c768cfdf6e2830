// The interpreter on our kernels in WebAssembly: what the others borrow from native TensorFlow besides is theirs, too.
import type * as tf from '@tensorflow/tfjs';
import { type Handle, attribute, borrow } from '../native/binding';
import { compute } from '../native/compute';
import { FusedOps } from '../native/fused';
import type { Half, Value } from '../native/half';
import { withGradient } from '../gradient';
import type { AttentionSpec, AttentionWeights, Dropout } from '../ops';
import { dropoutOf, seedNumbers } from '../pass';

export class WasmOps extends FusedOps {
  protected override attentionHalf(
    x: tf.Tensor2D,
    weights: AttentionWeights<tf.Tensor>,
    spec: AttentionSpec<Value>,
  ): Half | undefined {
    if (!this.pass.rows) return undefined;
    return super.attentionHalf(x, weights, spec);
  }

  override dropout(x: Value, dropout: Dropout): Value {
    const { rate, seed } = dropoutOf(this.pass, dropout);
    if (rate === 0) return x;
    const [number, site] = seedNumbers(seed);
    const attributes = [attribute.float('rate', rate), attribute.int('seed', number), attribute.int('site', site)];
    const drop = (handle: Handle) => compute<tf.Tensor2D>((w) => w.call('SpanlabDropout', attributes, [handle]));
    // drawn again on the way back instead of being kept
    const tensor = withGradient([this.tensor(x)], ([x]) => ({
      value: drop(borrow(x)),
      gradient: (dy) => drop(borrow(dy)),
    }));
    return { tensor: tensor as tf.Tensor2D };
  }
}

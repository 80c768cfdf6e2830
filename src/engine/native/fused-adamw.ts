// AdamW in one pass over all weights, by our own kernel.
import { type Gradients, type Update, decays } from '../moments';
import { NativeMoments } from './adamw';
import { type Handle, borrow, download, FLOAT, free, upload } from './binding';
import { runKernel } from './kernels';

/** Moments in resource variables, changed in place together with the weights. */
export class FusedMoments extends NativeMoments {
  override squaredNorm(gradients: Gradients): number {
    const tensors = Object.values(gradients).map(borrow);
    const [total] = runKernel('SquaredNorm', { type: FLOAT, count: tensors.length }, tensors);
    const norm = download(total)[0];
    free(total);
    return norm;
  }

  override apply(gradients: Gradients, update: Update): void {
    const names = Object.keys(gradients);
    this.parameters.touch();
    const weights = names.map((name) => borrow(this.parameters.get(name)));
    const moments = names.map((name) => this.variables(name).map((variable) => variable.read()));
    const [first, second] = [0, 1].map((which) => moments.map((pair) => pair[which]));
    const settings = [upload(scalars(update), [8]), decayFlags(weights)];
    const inputs = [...settings, ...weights, ...first, ...second, ...Object.values(gradients).map(borrow)];
    const [done] = runKernel('AdamW', { type: FLOAT, count: names.length }, inputs);
    free(done, ...settings, ...first, ...second);
  }
}

/** In the order of `AdamOptions` in kernels/adamw.h. */
function scalars({ learningRate, beta1, beta2, epsilon, weightDecay, scale, step }: Update): Float32Array {
  return Float32Array.of(learningRate, beta1, beta2, epsilon, weightDecay, scale, 1 - beta1 ** step, 1 - beta2 ** step);
}

function decayFlags(weights: Handle[]): Handle {
  return upload(
    Int32Array.from(weights, ({ shape }) => Number(decays(shape))),
    [weights.length],
  );
}

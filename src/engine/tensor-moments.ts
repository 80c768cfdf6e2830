// AdamW's update with TensorFlow.js's own operations: for every backend.
import * as tf from '@tensorflow/tfjs';
import { type Gradients, type Moments, type Update, decays } from './moments';
import type { Parameters } from './parameter-store';

/** Moments as ordinary tensors. */
export class TensorMoments implements Moments {
  private readonly first = new Map<string, tf.Tensor>();
  private readonly second = new Map<string, tf.Tensor>();

  constructor(private readonly parameters: Parameters) {}

  async squaredNorm(gradients: Gradients): Promise<number> {
    // WebGPU's kernels take few inputs at once: one after another
    const squares = (gradient: tf.Tensor) => tf.sum(tf.square(gradient));
    const total = tf.tidy(() =>
      Object.values(gradients)
        .map(squares)
        .reduce((a, b) => tf.add(a, b)),
    );
    const [norm] = await total.data();
    total.dispose();
    return norm;
  }

  apply(gradients: Gradients, update: Update): void {
    for (const [name, gradient] of Object.entries(gradients)) this.applyOne(name, gradient, update);
  }

  private applyOne(name: string, gradient: tf.Tensor, update: Update): void {
    const { learningRate, beta1, beta2, epsilon, step, scale } = update;
    const weightDecay = decays(this.parameters.shape(name)) ? update.weightDecay : 0;
    const [m, v, weight] = tf.tidy(() => {
      const [oldM, oldV] = this.read(name);
      const g = scale === 1 ? gradient : tf.mul(gradient, scale);
      const m = tf.add(tf.mul(oldM, beta1), tf.mul(g, 1 - beta1));
      const v = tf.add(tf.mul(oldV, beta2), tf.mul(tf.square(g), 1 - beta2));
      const root = tf.add(tf.div(tf.sqrt(v), Math.sqrt(1 - beta2 ** step)), epsilon);
      const kept = tf.mul(this.parameters.get(name), 1 - learningRate * weightDecay);
      return [m, v, tf.sub(kept, tf.mul(tf.div(m, root), learningRate / (1 - beta1 ** step)))];
    });
    this.write(name, m, v);
    this.parameters.set(name, weight);
  }

  read(name: string): [tf.Tensor, tf.Tensor] {
    const shape = this.parameters.shape(name);
    const of = (moments: Map<string, tf.Tensor>) => moments.get(name)?.clone() ?? tf.zeros(shape);
    return [of(this.first), of(this.second)];
  }

  write(name: string, first: tf.Tensor, second: tf.Tensor): void {
    tf.dispose([this.first.get(name), this.second.get(name)].filter((tensor) => tensor !== undefined) as tf.Tensor[]);
    this.first.set(name, tf.keep(first));
    this.second.set(name, tf.keep(second));
  }

  dispose(): void {
    tf.dispose([...this.first.values(), ...this.second.values()]);
  }
}

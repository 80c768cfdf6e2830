// AdamW (Loshchilov and Hutter 2019) with PyTorch's arithmetic: decay apart from the gradient, bias correction, clipping.
import * as tf from '@tensorflow/tfjs';
import { NativeMoments } from './native/adamw';
import { FusedMoments } from './native/fused-adamw';
import { decays, ResourceParameters } from './native/variables';
import { operations } from './operations';
import type { Parameters } from './parameters';

export interface AdamWOptions {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
  /** Largest global norm of the gradients; 0 leaves them as they are. */
  maxGradientNorm: number;
}
export const ADAMW_DEFAULTS: AdamWOptions = {
  learningRate: 5e-5,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  maxGradientNorm: 1,
};

export type Gradients = Record<string, tf.Tensor>;

/** What one update of one weight needs to know. */
export interface Update extends AdamWOptions {
  step: number;
  /** Every gradient is multiplied by it: below 1 when they are clipped. */
  scale: number;
}

/** Moments of every weight and the rule that applies them. */
export interface Moments {
  /** The sum of the squares of all gradients. */
  squaredNorm(gradients: Gradients): number | Promise<number>;
  apply(gradients: Gradients, update: Update): void;
  /** First and second moment of a weight; the caller owns the tensors. */
  read(name: string): [tf.Tensor, tf.Tensor];
  write(name: string, first: tf.Tensor, second: tf.Tensor): void;
  dispose(): void;
}

/**
 * The optimizer of the lesson, `torch.optim.AdamW`, with the weight-decay groups of Hugging Face's trainer: biases and layer
 * norms do not decay.
 *
 * @example const optimizer = new AdamW(model.parameters, { learningRate: 5e-5 }); await optimizer.step(gradients)
 */
export class AdamW {
  readonly options: AdamWOptions;
  readonly moments: Moments;
  stepCount = 0;

  constructor(parameters: Parameters, options: Partial<AdamWOptions> = {}) {
    this.options = { ...ADAMW_DEFAULTS, ...options };
    this.moments = momentsFor(parameters);
  }

  /**
   * One update; `gradients` stay the caller's. When their norm is not a finite number, nothing changes.
   *
   * @returns the global norm of the gradients before clipping
   */
  async step(gradients: Gradients, learningRate = this.options.learningRate): Promise<number> {
    const norm = Math.sqrt(await this.moments.squaredNorm(gradients));
    if (!Number.isFinite(norm)) return norm;
    const { maxGradientNorm: limit } = this.options;
    const scale = limit > 0 ? Math.min(1, limit / (norm + 1e-6)) : 1; // torch.nn.utils.clip_grad_norm_
    this.stepCount++;
    this.moments.apply(gradients, { ...this.options, learningRate, step: this.stepCount, scale });
    return norm;
  }

  dispose(): void {
    this.moments.dispose();
  }
}

function momentsFor(parameters: Parameters): Moments {
  if (!(parameters instanceof ResourceParameters)) return new TensorMoments(parameters);
  return operations().packs ? new FusedMoments(parameters) : new NativeMoments(parameters);
}

/** Moments as ordinary tensors: for every backend. */
class TensorMoments implements Moments {
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

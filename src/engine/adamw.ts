// AdamW (Loshchilov and Hutter 2019) with PyTorch's arithmetic: decay apart from the gradient, bias correction, clipping.
import { nativeBackend } from './handles';
import type { AdamWOptions, Gradients, Moments } from './moments';
import { NativeMoments } from './native/adamw';
import { FusedMoments } from './native/fused-adamw';
import { ResourceParameters } from './native/variables';
import { operationsKind } from './operations';
import type { Parameters } from './parameter-store';
import { TensorMoments } from './tensor-moments';

export const ADAMW_DEFAULTS: AdamWOptions = {
  learningRate: 5e-5,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  maxGradientNorm: 1,
};

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
  // WebAssembly has but our own kernel for it
  const isFused = operationsKind() === 'fused' || !nativeBackend();
  return isFused ? new FusedMoments(parameters) : new NativeMoments(parameters);
}

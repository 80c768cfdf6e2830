// AdamW's update by TensorFlow's own kernel, in place.
import type * as tf from '@tensorflow/tfjs';
import { type AdamWOptions, type Gradients, type Moments, type Update, decays } from '../moments';
import { type Handle, attribute, borrow, constant, download, FLOAT, free, run, toTensor, upload } from './binding';
import { type ResourceParameters, Variable } from './variables';
import { Workspace } from './workspace';

const ADAM = [attribute.type('T', FLOAT), attribute.bool('use_locking', false), attribute.bool('use_nesterov', false)];

/** Moments in resource variables, and TensorFlow's rule for them. */
export class NativeMoments implements Moments {
  private readonly moments = new Map<string, [Variable, Variable]>();

  constructor(protected readonly parameters: ResourceParameters) {}

  squaredNorm(gradients: Gradients): number {
    const w = new Workspace();
    const halves = Object.values(gradients).map((gradient) => w.l2Loss(borrow(gradient)));
    const [half] = download(w.addN(halves)); // one reading: a GPU would be waited for at each
    w.close();
    return 2 * half;
  }

  apply(gradients: Gradients, update: Update): void {
    const scalars = hyperparameters(update);
    for (const [name, gradient] of Object.entries(gradients)) {
      const w = new Workspace();
      const variable = this.parameters.change(name);
      const [m, v] = this.variables(name);
      const share = update.learningRate * update.weightDecay;
      if (share > 0 && decays(variable.shape)) decay(w, variable, share);
      const scaled = w.scale(borrow(gradient), update.scale, false);
      run('ResourceApplyAdam', ADAM, [variable.handle, m.handle, v.handle, ...scalars, scaled], 0);
      w.close();
    }
    free(...scalars);
  }

  /** Everything that an update changes. */
  changing(): Variable[] {
    return this.parameters.names.flatMap((name) => [this.parameters.change(name), ...this.variables(name)]);
  }

  /**
   * Clipping and the update as part of a function; nothing changes when the norm of the gradients is not a finite number.
   *
   * @param rates The learning rate, 1 / (1 - beta1^step), 1 / √(1 - beta2^step): [3].
   * @returns the norm of the gradients before clipping
   */
  trace(w: Workspace, gradients: Gradients, rates: Handle, options: AdamWOptions): Handle {
    const list = Object.values(gradients).map(borrow);
    const norm = w.sqrt(w.scale(w.addN(list.map((gradient) => w.l2Loss(gradient))), 2));
    const limit = options.maxGradientNorm;
    const share = w.div(constant(limit), w.add(norm, constant(1e-6)));
    const scale = limit > 0 ? w.minimum(share, constant(1)) : constant(1);
    const given = { isFinite: w.isFinite(norm), scale, rates: w.unpack(rates) };
    for (const [name, gradient] of Object.entries(gradients)) this.traceOne(w, name, borrow(gradient), given, options);
    return norm;
  }

  private traceOne(w: Workspace, name: string, gradient: Handle, given: TracedUpdate, options: AdamWOptions): void {
    const { beta1, beta2, epsilon, weightDecay } = options;
    const variables = [this.parameters.change(name), ...this.variables(name)];
    const [weight, firstM, oldV] = w.own(variables.map((variable) => variable.read()));
    // XLA would make one kernel of all weights of one shape that has more values at hand than a GPU has registers, because they share
    // these numbers; behind a barrier with a value of its own each weight has its own
    const [oldM, isFinite, scale, rate, correction1, correction2] = w.barrier([firstM, given.isFinite, given.scale, ...given.rates]); // prettier-ignore
    const g = w.mul(gradient, scale);
    const m = w.add(w.scale(oldM, beta1), w.scale(g, 1 - beta1));
    const v = w.add(w.scale(oldV, beta2), w.scale(w.square(g), 1 - beta2));
    const root = w.add(w.mul(w.sqrt(v), correction2), constant(epsilon));
    const change = w.mul(w.div(w.mul(m, correction1), root), rate);
    const share = w.sub(constant(1), w.scale(rate, weightDecay));
    const kept = decays(weight.shape) ? w.mul(weight, share) : weight;
    const values = [w.sub(kept, change), m, v];
    const before = [weight, oldM, oldV];
    variables.forEach((variable, i) => variable.assign(w.select(isFinite, values[i], before[i])));
  }

  read(name: string): [tf.Tensor, tf.Tensor] {
    const [m, v] = this.variables(name).map((variable) => variable.read());
    return [toTensor(copy(m)), toTensor(copy(v))];
  }

  write(name: string, first: tf.Tensor, second: tf.Tensor): void {
    const [m, v] = this.variables(name);
    m.assign(borrow(first));
    v.assign(borrow(second));
    first.dispose();
    second.dispose();
  }

  dispose(): void {
    for (const pair of this.moments.values()) pair.forEach((variable) => variable.dispose());
    this.moments.clear();
  }

  protected variables(name: string): [Variable, Variable] {
    let pair = this.moments.get(name);
    if (!pair) {
      const shape = this.parameters.shape(name);
      pair = [Variable.zeros(shape), Variable.zeros(shape)];
      this.moments.set(name, pair);
    }
    return pair;
  }
}

interface TracedUpdate {
  isFinite: Handle;
  scale: Handle;
  /** As in `trace`, one by one. */
  rates: Handle[];
}

/** A handle of its own memory; frees the one it was given. */
function copy(handle: Handle): Handle {
  const [made] = run('DeepCopy', [attribute.type('T', FLOAT)], [handle]);
  free(handle);
  return made;
}

/** weight -= rate * weight */
function decay(w: Workspace, variable: Variable, rate: number): void {
  const weight = variable.read();
  const share = w.scale(weight, rate, false);
  free(weight); // before the change, which would otherwise copy
  run('AssignSubVariableOp', [attribute.type('dtype', FLOAT)], [variable.handle, share], 0);
}

/**
 * The kernel's scalars. It adds epsilon before the bias correction of the second moment, PyTorch after it: the root of that
 * correction makes the two equal.
 */
function hyperparameters({ beta1, beta2, epsilon, learningRate, step }: Update): Handle[] {
  const power1 = beta1 ** step;
  const power2 = beta2 ** step;
  const values = [power1, power2, learningRate, beta1, beta2, epsilon * Math.sqrt(1 - power2)];
  return values.map((value) => upload(Float32Array.of(value), []));
}

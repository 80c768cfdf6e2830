// AdamW's update by TensorFlow's own kernel, in place.
import type * as tf from '@tensorflow/tfjs';
import type { Gradients, Moments, Update } from '../moments';
import type { Handle } from './binding';
import { attribute, borrow, download, FLOAT, free, run, toTensor, upload } from './binding';
import type { ResourceParameters } from './variables';
import { Variable } from './variables';
import { decays } from '../moments';
import { Workspace } from './workspace';

const ADAM = [attribute.type('T', FLOAT), attribute.bool('use_locking', false), attribute.bool('use_nesterov', false)];

/** Moments in resource variables, and TensorFlow's rule for them. */
export class NativeMoments implements Moments {
  private readonly moments = new Map<string, [Variable, Variable]>();

  constructor(protected readonly parameters: ResourceParameters) {}

  squaredNorm(gradients: Gradients): number {
    let norm = 0;
    for (const gradient of Object.values(gradients)) {
      const [half] = run('L2Loss', [attribute.type('T', FLOAT)], [borrow(gradient)]);
      norm += 2 * download(half)[0];
      free(half);
    }
    return norm;
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

// AdamW's update by TensorFlow's own kernel, in place.
import type * as tf from '@tensorflow/tfjs';
import type { Moments, Update } from '../adamw';
import type { Handle } from './binding';
import { attribute, borrow, download, FLOAT, free, run, toTensor, upload } from './binding';
import type { ResourceParameters } from './variables';
import { Variable } from './variables';
import { Workspace } from './workspace';

const ADAM = [attribute.type('T', FLOAT), attribute.bool('use_locking', false), attribute.bool('use_nesterov', false)];

/** Moments in resource variables. */
export class NativeMoments implements Moments {
  private readonly moments = new Map<string, [Variable, Variable]>();

  constructor(private readonly parameters: ResourceParameters) {}

  squaredNorm(gradient: tf.Tensor): number {
    const [half] = run('L2Loss', [attribute.type('T', FLOAT)], [borrow(gradient)]);
    const norm = 2 * download(half)[0];
    free(half);
    return norm;
  }

  apply(name: string, gradient: tf.Tensor, update: Update): void {
    const w = new Workspace();
    const variable = this.parameters.change(name);
    if (update.weightDecay > 0) decay(w, variable, update.learningRate * update.weightDecay);
    const [m, v] = this.variables(name);
    const scaled = w.scale(borrow(gradient), update.scale, false);
    const scalars = hyperparameters(update);
    run('ResourceApplyAdam', ADAM, [variable.handle, m.handle, v.handle, ...scalars, scaled], 0);
    free(...scalars);
    w.close();
  }

  read(name: string): [tf.Tensor, tf.Tensor] {
    const [m, v] = this.variables(name);
    return [toTensor(m.read()), toTensor(v.read())];
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

  private variables(name: string): [Variable, Variable] {
    let pair = this.moments.get(name);
    if (!pair) {
      const shape = this.parameters.shape(name);
      pair = [Variable.zeros(shape), Variable.zeros(shape)];
      this.moments.set(name, pair);
    }
    return pair;
  }
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

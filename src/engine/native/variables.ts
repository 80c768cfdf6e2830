// Weights in TensorFlow's resource variables, which its optimizers change in place.
import * as tf from '@tensorflow/tfjs';
import { type ParameterData, type Parameters, heldOf, namesOf } from '../parameter-store';
import { type Handle, attribute, borrow, FLOAT, free, run, toTensor, upload } from './binding';

const DTYPE = attribute.type('dtype', FLOAT);
const TYPE = attribute.type('T', FLOAT);

/**
 * A variable without a name of its own lives as long as its handle (ResourceHandle::ANONYMOUS_NAME in
 * tensorflow/core/framework/resource_handle.h). TensorFlow keeps a kernel for every other name that it has ever seen.
 */
const NAMELESS = attribute.string('shared_name', 'cd2c89b7-88b7-44c8-ad83-06c2a9158347');

/** What is made of a model's weights. */
export interface Derived {
  dispose(): void;
}

/** One resource variable. */
export class Variable {
  readonly handle: Handle;

  constructor(
    readonly shape: number[],
    values: Handle,
  ) {
    const attributes = [attribute.string('container', ''), NAMELESS, DTYPE, attribute.shape('shape', shape)];
    [this.handle] = run('VarHandleOp', attributes, []);
    this.assign(values);
  }

  static zeros(shape: number[]): Variable {
    const zeros = upload(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
    const variable = new Variable(shape, zeros);
    free(zeros);
    return variable;
  }

  /** The value without a copy; a read that is still alive makes the next change copy it. */
  read(): Handle {
    return run('ReadVariableOp', [DTYPE], [this.handle])[0];
  }

  /** Takes a copy: what `values` shares its memory with must not change with the variable. */
  assign(values: Handle): void {
    const [copy] = run('DeepCopy', [TYPE], [values]);
    run('AssignVariableOp', [DTYPE], [this.handle, copy], 0);
    free(copy);
  }

  dispose(): void {
    run('DestroyResourceOp', [attribute.bool('ignore_lookup_error', true)], [this.handle], 0);
    free(this.handle);
  }
}

/**
 * Weights as resource variables from their first change on: a model that only answers needs no copy of them. What `get` gave is let go
 * before TensorFlow changes one, and changes with it when we do.
 */
export class ResourceParameters implements Parameters {
  /** Of each weight what it began with, or its variable. */
  private readonly held = new Map<string, Handle | Variable>();
  private readonly reads = new Map<string, tf.Tensor>();
  private derived?: { key: string; value?: Derived };

  constructor(data: Map<string, ParameterData>) {
    for (const [name, { shape, values }] of data) this.held.set(name, upload(values, shape));
  }

  get names(): string[] {
    return namesOf(this.held);
  }

  shape(name: string): number[] {
    return heldOf(this.held, name).shape;
  }

  get(name: string): tf.Tensor {
    let tensor = this.reads.get(name);
    if (!tensor) {
      const held = heldOf(this.held, name);
      tensor = tf.keep(toTensor(held instanceof Variable ? held.read() : run('Identity', [TYPE], [held])[0]));
      this.reads.set(name, tensor);
    }
    return tensor;
  }

  /**
   * What `make` makes of the weights as they are, or nothing: kept for all who ask for that `key`, until a weight changes or somebody
   * asks for another.
   */
  derive<T extends Derived>(key: string, make: () => T | undefined): T | undefined {
    if (this.derived?.key !== key) {
      this.touch();
      this.derived = { key, value: make() };
    }
    return this.derived.value as T | undefined;
  }

  /** Lets go what was made of the weights; whoever changes one without asking `change` calls it. */
  touch(): void {
    this.derived?.value?.dispose();
    this.derived = undefined;
  }

  /** Lets go what `get` gave: a variable that nobody reads is changed in place. */
  release(): void {
    this.touch();
    for (const tensor of this.reads.values()) tensor.dispose();
    this.reads.clear();
  }

  /** The variable, for the optimizer to change in place. */
  change(name: string): Variable {
    this.touch();
    this.reads.get(name)?.dispose();
    this.reads.delete(name);
    const held = heldOf(this.held, name);
    if (held instanceof Variable) return held;
    const variable = new Variable(held.shape, held);
    this.held.set(name, variable);
    free(held);
    return variable;
  }

  /** Takes `value` over. */
  set(name: string, value: tf.Tensor): void {
    this.change(name).assign(borrow(value));
    value.dispose();
  }

  dispose(): void {
    this.release();
    for (const held of this.held.values()) {
      if (held instanceof Variable) held.dispose();
      else free(held);
    }
    this.held.clear();
  }
}

// A step of training as one function that XLA compiles: forward, backward, clipping and AdamW, with dropout from its seed. On a GPU
// hundreds of small launches become a few large ones.
import * as tf from '@tensorflow/tfjs';
import type { AdamW } from '../engine/adamw';
import { type Handle, borrow, download, FLOAT, free, INT32, toTensor, upload } from '../engine/native/binding';
import { NativeMoments } from '../engine/native/adamw';
import { type TracedFunction, allowTensorFloat32, trace } from '../engine/native/graph/trace';
import { ResourceParameters } from '../engine/native/variables';
import { Workspace } from '../engine/native/workspace';
import type { LabelledInputs } from './inputs';
import type { QuestionAnsweringModel } from './question-answering';

/** What a step gives: the loss before it, and the norm of the gradients before clipping. */
export interface StepResult {
  loss: number;
  gradientNorm: number;
}

/** Names of the inputs that are tensors, in the order in which the function takes them. */
const TENSORS = ['inputIds', 'startPositions', 'endPositions', 'attentionMask', 'tokenTypeIds', 'lengths'] as const;
type TensorName = (typeof TENSORS)[number];

/** Compiled steps of one training, a function for each shape of its batches. */
export class CompiledStep {
  private readonly functions = new Map<string, TracedFunction>();
  private readonly parameters: ResourceParameters;
  private readonly moments: NativeMoments;

  /** @param optimizer That of the model's parameters; its options hold as they are when a shape comes first. */
  constructor(
    private readonly model: QuestionAnsweringModel,
    private readonly optimizer: AdamW,
  ) {
    this.parameters = model.parameters as ResourceParameters;
    this.moments = optimizer.moments as NativeMoments;
  }

  /**
   * One step. When the norm of the gradients is not a finite number, nothing changes.
   *
   * @example const { loss } = compiled.run(batch, seed, 5e-5)
   */
  run(inputs: LabelledInputs, dropoutSeed?: number, learningRate = this.optimizer.options.learningRate): StepResult {
    this.parameters.release();
    const { names, tensors, made } = handlesOf(inputs);
    const step = this.optimizer.stepCount + 1;
    const { beta1, beta2 } = this.optimizer.options;
    const rates = upload(Float32Array.of(learningRate, 1 / (1 - beta1 ** step), 1 / Math.sqrt(1 - beta2 ** step)), [3]);
    const seed = upload(Int32Array.of(dropoutSeed ?? 0), []);
    try {
      const traced = this.functionFor(names, tensors, dropoutSeed !== undefined);
      allowTensorFloat32(this.model.compute.precision === 'tf32'); // XLA compiles when a function runs first
      const [result] = traced.run([...tensors, rates, seed]);
      const [loss, gradientNorm] = download(result) as Float32Array;
      free(result);
      if (Number.isFinite(gradientNorm)) this.optimizer.stepCount++;
      return { loss, gradientNorm };
    } finally {
      free(rates, seed, ...made);
    }
  }

  private functionFor(names: TensorName[], tensors: Handle[], drops: boolean): TracedFunction {
    const { precision, recompute, dropout } = this.model.compute;
    const key = JSON.stringify([names, tensors.map(({ shape }) => shape), drops, precision, recompute, dropout]);
    let found = this.functions.get(key);
    if (!found) {
      found = this.write(names, tensors, drops);
      this.functions.set(key, found);
    }
    return found;
  }

  private write(names: TensorName[], tensors: Handle[], drops: boolean): TracedFunction {
    const changing = this.moments.changing();
    const inputs = [...tensors, { shape: [3], dtype: FLOAT }, { shape: [], dtype: INT32 }];
    return trace(inputs, changing, (given) => {
      const [rates, seed] = given.slice(-2);
      const parts = names.map((name, i) => [name, toTensor(given[i])] as const);
      const batch = Object.fromEntries(parts) as unknown as LabelledInputs;
      const { loss, gradients } = this.model.gradientsOf(batch, drops ? toTensor<tf.Scalar>(seed) : undefined);
      const w = new Workspace();
      const norm = this.moments.trace(w, gradients, rates, this.optimizer.options);
      const result = w.take(w.pack([borrow(loss), norm]));
      tf.dispose([loss, gradients, ...parts.map(([, tensor]) => tensor)]);
      this.parameters.release();
      return [result];
    });
  }

  dispose(): void {
    for (const traced of this.functions.values()) traced.dispose();
    this.functions.clear();
  }
}

/** The inputs that are there; `made` must be freed. */
function handlesOf(inputs: LabelledInputs): { names: TensorName[]; tensors: Handle[]; made: Handle[] } {
  const names: TensorName[] = [];
  const tensors: Handle[] = [];
  const made: Handle[] = [];
  for (const name of TENSORS) {
    const value = inputs[name];
    if (!value) continue;
    names.push(name);
    if (value instanceof tf.Tensor) tensors.push(borrow(value));
    else {
      const handle = upload(Int32Array.from(value), [value.length]);
      made.push(handle);
      tensors.push(handle);
    }
  }
  return { names, tensors, made };
}

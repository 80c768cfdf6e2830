// The interpreter that writes a family's operations down as a list of steps, for a kernel that takes a whole model at once. Only what
// answers need: nothing is dropped, nothing has a gradient.
import * as tf from '@tensorflow/tfjs';
import type {
  Activation,
  AddNormSpec,
  AttentionSpec,
  AttentionWeights,
  FeedForwardSpec,
  FeedForwardWeights,
  Ids,
  Linear,
  Norm,
  Ops,
  Table,
} from './ops';
import { rotaryAngles } from './plain-attention';

/** In the order of the enumerations in native/kernels/steps.h and rowwise.h. */
const STEP_KINDS = ['embed', 'linear', 'activate', 'norm', 'add', 'attend', 'rotate'] as const;
const IDS: Ids[] = ['tokens', 'types', 'positions'];
const ACTIVATIONS: Activation[] = ['gelu', 'gelu_tanh', 'relu', 'silu'];

/** What a step writes; its slot is known when all steps are. */
export interface Written {
  width: number;
}

/** As `Step` in native/kernels/steps.h, with values in the place of slots and weights in that of their numbers. */
interface Step {
  kind: (typeof STEP_KINDS)[number];
  to: Written;
  from?: Written;
  other?: Written;
  weight?: tf.Tensor;
  bias?: tf.Tensor;
  a?: number;
  b?: number;
  epsilon?: number;
}

/** Steps as numbers, and the weights that they name. */
export interface Program {
  steps: Int32Array; // [steps, 8]
  epsilons: Float32Array; // [steps]
  weights: tf.Tensor[];
}

const NONE = -1;

export class ProgramOps implements Ops<Written, tf.Tensor> {
  private readonly steps: Step[] = [];
  private readonly angles = new Map<string, tf.Tensor[]>();
  /** Whether an operation was asked for that no step is. */
  private isWhole = true;

  /** @param longest How many positions the longest row has. */
  constructor(private readonly longest: number) {}

  embed(tables: Table<tf.Tensor>[]): Written {
    const to = { width: tables[0].table.shape[1]! };
    for (const [i, { table, ids, paddingId }] of tables.entries()) {
      const behind = ids === 'positions' ? (paddingId ?? NONE) : NONE;
      const other = i > 0 ? to : undefined; // its own value: added to
      this.steps.push({ kind: 'embed', to, other, weight: table, a: IDS.indexOf(ids), b: behind });
    }
    return to;
  }

  /** A table as a value is as long as the table, not as the batch. */
  rows(weight: tf.Tensor): Written {
    return this.unknown(weight.shape[1]!);
  }

  linear(from: Written, { weight, bias }: Linear<tf.Tensor>, activation?: Activation): Written {
    const a = activation ? ACTIVATIONS.indexOf(activation) : NONE;
    return this.write({ kind: 'linear', from, weight, bias, a }, weight.shape[0]);
  }

  activate(from: Written, activation: Activation): Written {
    return this.write({ kind: 'activate', from, a: ACTIVATIONS.indexOf(activation), b: 0 }, from.width);
  }

  norm(from: Written, { weight, bias }: Norm<tf.Tensor>, epsilon: number, other?: Written): Written {
    return this.write({ kind: 'norm', from, other, weight, bias, epsilon }, from.width);
  }

  dropout(x: Written): Written {
    return x;
  }

  add(from: Written, other: Written): Written {
    return this.write({ kind: 'add', from, other }, from.width);
  }

  attend(x: Written, { qkv, out }: AttentionWeights<tf.Tensor>, spec: AttentionSpec<Written>): Written {
    if (spec.relative) return this.unknown(x.width);
    const { heads, window = NONE, rope } = spec;
    const product = this.linear(x, qkv);
    if (rope !== undefined) {
      const [weight, bias] = this.anglesOf(product.width / 3 / heads, rope);
      this.steps.push({ kind: 'rotate', to: product, from: product, weight, bias, a: heads });
    }
    const mixed = this.write({ kind: 'attend', from: product, a: heads, b: window }, product.width / 3);
    return this.linear(mixed, out);
  }

  feedForward(x: Written, { up, down }: FeedForwardWeights<tf.Tensor>, spec: FeedForwardSpec): Written {
    if (!spec.gated) return this.linear(this.linear(x, up, spec.activation), down);
    const from = this.linear(x, up);
    const active = { kind: 'activate', from, a: ACTIVATIONS.indexOf(spec.activation), b: 1 } as const;
    return this.linear(this.write(active, from.width / 2), down);
  }

  addNorm(x: Written, residual: Written, weights: Norm<tf.Tensor>, { epsilon }: AddNormSpec): Written {
    return this.norm(x, weights, epsilon, residual);
  }

  layer<T>(_index: number, inputs: T, body: (inputs: T) => Written): Written {
    return body(inputs);
  }

  tap(x: Written): Written {
    return x;
  }

  /** What was written down; nothing where an operation was asked for that no step is. */
  program(): Program | undefined {
    if (!this.isWhole) return undefined;
    const weights = [...new Set(this.steps.flatMap(({ weight, bias }) => [weight, bias]))].filter(isTensor);
    const numbers = new Map(weights.map((weight, i) => [weight, i]));
    const slots = slotsOf(this.steps);
    const rows = this.steps.map(({ kind, to, from, other, weight, bias, a = NONE, b = NONE }) => {
      const slot = (value?: Written) => (value ? slots.get(value)! : NONE);
      const number = (tensor?: tf.Tensor) => (tensor ? numbers.get(tensor)! : NONE);
      const second = kind === 'embed' ? Number(other !== undefined) : slot(other);
      return [STEP_KINDS.indexOf(kind), slot(to), slot(from), second, number(weight), number(bias), a, b];
    });
    return {
      steps: Int32Array.from(rows.flat()),
      epsilons: Float32Array.from(this.steps, ({ epsilon = 0 }) => epsilon),
      weights,
    };
  }

  private write(step: Omit<Step, 'to'>, width: number): Written {
    const to = { width };
    this.steps.push({ ...step, to });
    return to;
  }

  private unknown(width: number): Written {
    this.isWhole = false;
    return { width };
  }

  private anglesOf(size: number, rope: number): tf.Tensor[] {
    const key = `${size} ${rope}`;
    let pair = this.angles.get(key);
    if (!pair) {
      const { cosines, sines } = rotaryAngles(this.longest, size, rope);
      pair = [cosines, sines].map((values) => tf.tensor2d(values, [this.longest, size / 2]));
      this.angles.set(key, pair);
    }
    return pair;
  }
}

const isTensor = (tensor?: tf.Tensor): tensor is tf.Tensor => tensor !== undefined;

/** A slot for each value, which is another's behind the last step that reads it. */
function slotsOf(steps: Step[]): Map<Written, number> {
  const reads = ({ from, other }: Step) => [from, other].filter((value): value is Written => value !== undefined);
  const last = new Map<Written, number>();
  steps.forEach((step, i) => [step.to, ...reads(step)].forEach((value) => last.set(value, i)));
  const slots = new Map<Written, number>();
  const free: number[] = [];
  let count = 0;
  steps.forEach((step, i) => {
    if (!slots.has(step.to)) slots.set(step.to, free.pop() ?? count++);
    for (const value of new Set(reads(step)))
      if (last.get(value) === i && value !== step.to) free.push(slots.get(value)!);
  });
  return slots;
}

// Writes operations down as a TensorFlow function instead of running them, as `tf.function` does in Python: what the interpreter, the
// tape and the optimizer call while they are traced becomes nodes of a graph. XLA compiles the function for shapes that are fixed.
import {
  type NativeBinding,
  type NativeBackend,
  type OpAttribute,
  type TensorMetadata,
  nativeBackend,
} from '../../handles';
import { EngineError } from '../../errors';
import { type Handle, borrowConstants, own } from '../binding';
import type { Variable } from '../variables';

/** A value of a graph, as the addon describes it. */
type Value = TensorMetadata;
type External = object;

/** What the addon has besides the binding's functions (addon.cc); an older one lacks them. */
export interface GraphBinding extends NativeBinding {
  newGraph(): External;
  addNode(
    graph: External,
    kind: string,
    attributes: OpAttribute[],
    inputs: (number | number[])[],
  ): { node: number; outputs: Value[] };
  addConstant(graph: External, dtype: number, shape: number[], values: ArrayBufferView): Value;
  addCopy(graph: External, tensor: number): Value;
  addInput(graph: External, dtype: number, shape: number[]): Value;
  setShape(graph: External, value: number, shape: number[]): void;
  addFunction(graph: External, name: string, inputs: number[], outputs: number[], effects: number[]): void;
  removeFunction(name: string): void;
  runFunction(name: string, inputs: number[], outputs: number, compile: boolean): TensorMetadata[];
  allowTensorFloat32(allow: boolean): void;
}

/** Numbers of values in a graph begin here; those of tensors are below. */
const FIRST = 2 ** 30;
const RESOURCE = 20; // TF_RESOURCE

/** How many of an operation's inputs, from the first on, are one list. */
const LISTS: Record<string, (inputs: number) => number> = {
  Pack: (inputs) => inputs,
  AddN: (inputs) => inputs,
  ConcatV2: (inputs) => inputs - 1,
  XlaOptimizationBarrier: (inputs) => inputs,
};

/** A function that TensorFlow knows. */
export interface TracedFunction {
  /** Runs it, compiled by XLA: results in the order of the trace; the caller owns them. */
  run(inputs: Handle[]): Handle[];
  dispose(): void;
}

/** Whether the addon in use is able to write functions. */
export function canTrace(): boolean {
  return typeof (nativeBackend()?.binding as Partial<GraphBinding> | undefined)?.newGraph === 'function';
}

/**
 * Whether TensorFlow may compute products of float32 in TF32 from now on, as it would by default. Does nothing where the addon is
 * older, as on a processor.
 */
export function allowTensorFloat32(allow: boolean): void {
  const binding = nativeBackend()?.binding as Partial<GraphBinding> | undefined;
  binding?.allowTensorFloat32?.(allow);
}

let traced = 0;

/**
 * Calls `work` once, and makes what it computes a function.
 *
 * @param inputs Type and shape of each input.
 * @param variables Those that `work` reads or changes; a change happens when the function runs.
 * @param work Gets a handle for each input, and gives those of the results. It must not read a tensor's values, and what else
 * it uses of tensors made before must be small: their values now become constants.
 * @throws EngineError `E_TRACE` when `work` reads values.
 * @example trace([x], [], ([x]) => [w.square(x)]).run([x])
 */
export function trace(
  inputs: Pick<Handle, 'shape' | 'dtype'>[],
  variables: Variable[],
  work: (inputs: Handle[]) => Handle[],
): TracedFunction {
  const backend = nativeBackend()!;
  const tracer = new Tracer(backend.binding as GraphBinding, variables);
  const name = `spanlab_traced_${traced++}`;
  const given = inputs.map(({ shape, dtype }) => tracer.input(dtype, shape));
  const results = tracer.while(backend, () => work(given));
  tracer.finish(name, given, results);
  return {
    run: (handles) => {
      const binding = backend.binding as GraphBinding;
      const ids = [...handles, ...tracer.resources].map(({ id }) => id);
      return own(binding.runFunction(name, ids, results.length, true));
    },
    dispose: () => (backend.binding as GraphBinding).removeFunction(name),
  };
}

class Tracer {
  /** The variables that the function takes after its inputs. */
  readonly resources: Handle[] = [];
  private readonly graph: External;
  private readonly values = new Map<number, number>(); // of tensors outside, by their number
  private readonly resourceInputs: number[] = [];
  private readonly effects: number[] = [];
  private readonly variables: Map<number, Variable>;

  constructor(
    private readonly outer: GraphBinding,
    variables: Variable[],
  ) {
    this.graph = outer.newGraph();
    this.variables = new Map(variables.map((variable) => [variable.handle.id, variable]));
  }

  input(dtype: number, shape: number[]): Handle {
    return inside(this.outer.addInput(this.graph, dtype, shape));
  }

  /** `work` with the backend's binding replaced by this. */
  while<T>(backend: NativeBackend, work: () => T): T {
    const giveBack = borrowConstants();
    backend.binding = this.binding();
    try {
      return work();
    } finally {
      backend.binding = this.outer;
      giveBack();
    }
  }

  finish(name: string, inputs: Handle[], results: Handle[]): void {
    const numbers = (handles: Handle[]) => handles.map(({ id }) => this.value(id));
    const all = [...numbers(inputs), ...this.resourceInputs];
    this.outer.addFunction(this.graph, name, all, numbers(results), this.effects);
  }

  private binding(): NativeBinding {
    const tracing: Partial<NativeBinding> = {
      executeOp: (name, attributes, inputs, outputs) => this.node(name, attributes, inputs, outputs),
      createTensor: (shape, dtype, values) =>
        inside(this.outer.addConstant(this.graph, dtype, shape, typed(values, dtype))).id,
      deleteTensor: (id) => {
        if (id < FIRST) this.outer.deleteTensor(id);
      },
      tensorDataSync: () => {
        throw new EngineError(
          'E_TRACE',
          'the values of a tensor are not known while a step is compiled; take SPANLAB_OPERATIONS=kernels',
        );
      },
    };
    // the binding's own properties cannot be assigned to
    const properties = Object.entries(tracing).map(([name, value]) => [name, { value }] as const);
    return Object.create(this.outer, Object.fromEntries(properties)) as NativeBinding;
  }

  private node(name: string, attributes: OpAttribute[], ids: number[], outputs: number): TensorMetadata[] {
    const inputs = ids.map((id) => this.value(id));
    const listed = LISTS[name]?.(inputs.length) ?? 0;
    const arranged = listed > 0 ? [inputs.slice(0, listed), ...inputs.slice(listed)] : inputs;
    // XLA has no copies; the length of a list follows from its inputs
    const kind = name === 'DeepCopy' ? 'Identity' : name;
    const wanted = listed > 0 ? attributes.filter((attribute) => attribute.name !== 'N') : attributes;
    const made = this.outer.addNode(this.graph, kind, wanted, arranged);
    if (outputs === 0) this.effects.push(made.node);
    if (name !== 'ReadVariableOp') return made.outputs.map(inside);
    const { shape } = this.variables.get(ids[0])!;
    this.outer.setShape(this.graph, made.outputs[0].id, shape);
    return [inside({ ...made.outputs[0], shape })];
  }

  /** The graph's value for a number that a tensor has, inside or outside. */
  private value(id: number): number {
    if (id >= FIRST) return id - FIRST;
    let value = this.values.get(id);
    if (value === undefined) {
      value = this.variables.has(id) ? this.resource(this.variables.get(id)!) : this.outer.addCopy(this.graph, id).id;
      this.values.set(id, value);
    }
    return value;
  }

  private resource({ handle }: Variable): number {
    const { id } = this.outer.addInput(this.graph, RESOURCE, []);
    this.resources.push(handle);
    this.resourceInputs.push(id);
    return id;
  }
}

const inside = (value: Value): Handle => ({ ...value, id: value.id + FIRST });

/** TensorFlow.js also hands over plain arrays. */
function typed(values: ArrayBufferView | ArrayLike<number>, dtype: number): ArrayBufferView {
  if (ArrayBuffer.isView(values)) return values;
  return dtype === 1 ? Float32Array.from(values) : dtype === 10 ? Uint8Array.from(values) : Int32Array.from(values);
}

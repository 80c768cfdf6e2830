// A graph while it is built: nodes one after another, each named after its place in the model.
import { type AttributeProto, type NodeProto, type TensorProto, ATTRIBUTE } from './messages';
import { int64Tensor } from './tensors';

/** Numbers of attributes: whole ones are ints, others floats; `float` makes a float of any. */
type Attributes = Record<string, number | number[] | { float: number }>;

export class GraphBuilder {
  readonly nodes: NodeProto[] = [];
  private readonly tensors = new Map<string, TensorProto>();
  private readonly paths = new Set<string>();
  private scope = '';

  get initializers(): TensorProto[] {
    return [...this.tensors.values()];
  }

  /** Nodes that `build` adds are named `name/…`. */
  within<T>(name: string, build: () => T): T {
    const outer = this.scope;
    this.scope = `${outer}${name}/`;
    const result = build();
    this.scope = outer;
    return result;
  }

  /** Adds a node with one output and returns the output's name: the node's own, or `output`. */
  add(opType: string, input: string[], { attributes = {}, name = opType, output = '' }: NodeOptions = {}): string {
    return this.addMany(opType, input, 1, { attributes, name, output })[0];
  }

  /** Adds a node with several outputs. */
  addMany(opType: string, input: string[], count: number, options: NodeOptions = {}): string[] {
    const { attributes = {}, name = opType } = options;
    const path = this.freshPath(name);
    const output = Array.from({ length: count }, (_, i) => options.output || (count > 1 ? `${path}/${i}` : path));
    const attribute = Object.entries(attributes).map(([key, value]) => toAttribute(key, value));
    this.nodes.push({ opType, name: path, input, output, attribute });
    return output;
  }

  /** Values have one name each: where several nodes would share theirs, the later ones are numbered. */
  private freshPath(name: string): string {
    let path = `${this.scope}${name}`;
    for (let i = 1; this.paths.has(path); i++) path = `${this.scope}${name}_${i}`;
    this.paths.add(path);
    return path;
  }

  /** Adds a tensor that is part of the file; the same name is added once. */
  constant(tensor: TensorProto): string {
    this.tensors.set(tensor.name, tensor);
    return tensor.name;
  }

  /** Takes a tensor back that nothing uses after all. */
  discard(name: string): void {
    this.tensors.delete(name);
  }

  /** Whole numbers, for the inputs that shape other tensors. */
  ints(...values: number[]): string {
    return this.list(`ints/${values.join('_')}`, values);
  }

  /** A list of whole numbers. */
  list(name: string, values: number[]): string {
    return this.constant(int64Tensor(name, values));
  }

  /** One whole number, without an axis. */
  scalar(value: number): string {
    return this.constant(int64Tensor(`int/${value}`, [value], []));
  }
}

export interface NodeOptions {
  attributes?: Attributes;
  /** Of the node, when it is not its operator's. */
  name?: string;
  /** Of its output, when it is not the node's. */
  output?: string;
}

function toAttribute(name: string, value: Attributes[string]): AttributeProto {
  if (Array.isArray(value)) return { name, type: ATTRIBUTE.ints, ints: value };
  if (typeof value === 'object') return { name, type: ATTRIBUTE.float, f: value.float };
  return { name, type: ATTRIBUTE.int, i: value };
}

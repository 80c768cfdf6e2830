// The interpreter that writes a model down as ONNX operators, in the forms in which ONNX Runtime finds its fused kernels.
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
} from '../../engine/ops';
import { addAttention } from './attention';
import type { GraphBuilder } from './graph';
import { ELEMENT } from './messages';
import type { Weight } from './tensors';
import { type NamedWeight, type Writer, type Writing, INPUTS, OUTPUTS, sequenceLength } from './writing';

/** Values are names of tensors [batch, sequence, width]. */
export class OnnxOps implements Ops<string, NamedWeight>, Writer {
  /** 0 for tokens, the lowest number for padding: [batch, 1, 1, sequence]. */
  private readonly mask: string;
  /** Values that are weights. */
  private readonly constants = new Map<string, Weight>();

  constructor(readonly writing: Writing) {
    this.mask = this.graph.within('mask', () => this.addMask());
  }

  private get graph(): GraphBuilder {
    return this.writing.graph;
  }

  private addMask(): string {
    const { graph } = this;
    const { numbers } = this.writing;
    const one = numbers.constant('mask/one', { shape: [], values: Float32Array.of(1) });
    const lowest = numbers.constant('mask/lowest', { shape: [], values: Float32Array.of(numbers.lowest) });
    const rows = graph.add('Unsqueeze', [INPUTS.mask, graph.ints(1)]);
    const wide = graph.add('Unsqueeze', [rows, graph.ints(2)]);
    const tokens = graph.add('Cast', [wide], { attributes: { to: numbers.elementType } });
    return graph.add('Mul', [graph.add('Sub', [one, tokens]), lowest]);
  }

  embed(tables: Table<NamedWeight>[]): string {
    return this.graph.within('embeddings', () =>
      tables.map((entry) => this.addRows(entry)).reduce((sum, rows) => this.graph.add('Add', [sum, rows])),
    );
  }

  private addRows({ table, ids, paddingId }: Table<NamedWeight>): string {
    const { graph } = this;
    const { numbers } = this.writing;
    const [name] = table.names;
    const rows = (chosen: string) => numbers.rows(name, table, chosen);
    if (ids === 'positions' && paddingId === undefined) {
      const positions = numbers.constant(name, table);
      return graph.add('Slice', [positions, graph.ints(0), sequenceLength(graph), graph.ints(0)]); // [sequence, width]
    }
    if (ids === 'types' && table.shape[0] === 1) return numbers.constant(name, table); // the tokenizer gives no types
    const chosen: Record<Ids, () => string> = {
      tokens: () => graph.within('word', () => rows(INPUTS.ids)),
      types: () => graph.within('type', () => rows(INPUTS.types)),
      positions: () => graph.within('position', () => rows(this.addPositionsBehind(paddingId!))),
    };
    return chosen[ids]();
  }

  /** Tokens counted from the padding's id on; padding has that id itself. */
  private addPositionsBehind(paddingId: number): string {
    const { graph } = this;
    const padding = graph.scalar(paddingId);
    const isToken = graph.add('Not', [graph.add('Equal', [INPUTS.ids, padding])]);
    const ones = graph.add('Cast', [isToken], { attributes: { to: ELEMENT.int64 } });
    const counted = graph.add('CumSum', [ones, graph.scalar(1)]);
    return graph.add('Add', [graph.add('Mul', [counted, ones]), padding]);
  }

  rows(weight: NamedWeight): string {
    const name = this.writing.numbers.constant(weight.names[0], weight);
    this.constants.set(name, weight);
    return name;
  }

  linear(x: string, { weight, bias }: Linear<NamedWeight>): string {
    const { graph } = this;
    const { numbers } = this.writing;
    const product = numbers.product(x, weight.names[0], weight);
    return bias ? graph.add('Add', [product, numbers.constant(bias.names[0], bias)]) : product;
  }

  activate(x: string, activation: Activation): string {
    return this.graph.within(activation, () => this.addActivation(x, activation));
  }

  private addActivation(x: string, activation: Activation): string {
    const { graph } = this;
    const scalar = (name: string, value: number) =>
      this.writing.numbers.constant(`${activation}/${name}`, { shape: [], values: Float32Array.of(value) });
    if (activation === 'relu') return graph.add('Relu', [x]);
    if (activation === 'silu') return graph.add('Mul', [x, graph.add('Sigmoid', [x])]);
    const bent = (inner: string) => {
      const product = graph.add('Mul', [x, graph.add('Add', [inner, scalar('one', 1)])]);
      return graph.add('Mul', [product, scalar('half', 0.5)]);
    };
    // Hendrycks and Gimpel 2016: exactly, and by tanh
    if (activation === 'gelu') return bent(graph.add('Erf', [graph.add('Div', [x, scalar('root', Math.SQRT2)])]));
    const cube = graph.add('Mul', [graph.add('Mul', [x, x]), x]);
    const sum = graph.add('Add', [x, graph.add('Mul', [cube, scalar('cubic', 0.044715)])]);
    return bent(graph.add('Tanh', [graph.add('Mul', [sum, scalar('scale', Math.sqrt(2 / Math.PI))])]));
  }

  norm(x: string, weights: Norm<NamedWeight>, epsilon: number): string {
    const constant = this.constants.get(x);
    if (!constant) return this.addNormalization(x, weights, epsilon);
    this.graph.discard(x); // what no input changes is computed here
    return this.rows({ ...normalized(constant, weights, epsilon), names: [`${x}.normalized`] });
  }

  private addNormalization(x: string, { weight, bias }: Norm<NamedWeight>, epsilon: number): string {
    const parameters = [weight, ...(bias ? [bias] : [])].map((part) =>
      this.writing.numbers.constant(part.names[0], part),
    );
    const attributes = { axis: -1, epsilon: { float: epsilon } };
    return this.graph.add('LayerNormalization', [x, ...parameters], { attributes });
  }

  dropout(x: string): string {
    return x;
  }

  add(a: string, b: string): string {
    return this.graph.add('Add', [a, b], { name: 'Residual' });
  }

  attend(x: string, weights: AttentionWeights<NamedWeight>, spec: AttentionSpec<string>): string {
    return this.graph.within('attention', () => {
      const mixed = addAttention(this, x, weights.qkv, spec, this.mask);
      return this.graph.within('out', () => this.linear(mixed, weights.out));
    });
  }

  feedForward(
    x: string,
    { up, down }: FeedForwardWeights<NamedWeight>,
    { activation, gated }: FeedForwardSpec,
  ): string {
    const { graph } = this;
    const raised = graph.within('up', () => this.linear(x, up));
    const [first, gate] = gated ? graph.addMany('Split', [raised], 2, { attributes: { axis: -1 } }) : [raised];
    const active = this.activate(first, activation);
    const passed = gate ? graph.add('Mul', [active, gate], { name: 'Gate' }) : active;
    return graph.within('down', () => this.linear(passed, down));
  }

  addNorm(x: string, residual: string, weights: Norm<NamedWeight>, { epsilon }: AddNormSpec): string {
    return this.norm(this.add(x, residual), weights, epsilon);
  }

  layer<T>(index: number, inputs: T, body: (inputs: T) => string): string {
    return this.graph.within(`layer.${index}`, () => body(inputs));
  }

  tap(x: string): string {
    return x;
  }

  /** Two scores a token become the graph's outputs, always in float32. */
  addOutputs(scores: string): void {
    const { graph } = this;
    const parts = graph.addMany('Split', [scores], 2, { attributes: { axis: -1 } });
    parts.forEach((part, i) => {
      const narrow = graph.add('Squeeze', [part, graph.ints(-1)]);
      graph.add('Cast', [narrow], { attributes: { to: ELEMENT.float }, output: OUTPUTS[i] });
    });
  }
}

/** Layer normalization of the rows of a table. */
function normalized({ shape, values }: Weight, { weight, bias }: Norm<NamedWeight>, epsilon: number): Weight {
  const width = shape[1];
  const result = new Float32Array(values.length);
  for (let from = 0; from < values.length; from += width) {
    const row = values.subarray(from, from + width);
    const mean = row.reduce((sum, value) => sum + value, 0) / width;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
    const factor = 1 / Math.sqrt(variance + epsilon);
    row.forEach((value, i) => {
      result[from + i] = (value - mean) * factor * weight.values[i] + (bias?.values[i] ?? 0);
    });
  }
  return { shape, values: result };
}

// Attention as ONNX operators, with what a family adds to the scores.
import type { AttentionSpec, Linear, Relative } from '../../engine/ops';
import { rotaryAngles } from '../../engine/plain-attention';
import type { GraphBuilder } from './graph';
import { type NamedWeight, type Writer, partOf, sequenceLength } from './writing';

type Spec = AttentionSpec<string>;

/** softmax(q · kᵀ / √size + mask) · v for every head, side by side: [batch, sequence, hidden]. */
export function addAttention(ops: Writer, x: string, qkv: Linear<NamedWeight>, spec: Spec, mask: string): string {
  const { graph, numbers } = ops.writing;
  const hidden = qkv.weight.shape[0] / 3;
  const size = hidden / spec.heads;
  const heads = (part: 0 | 1 | 2, order: number[]) =>
    graph.within('qkv'[part], () => {
      const split = graph.add('Reshape', [addPart(ops, x, qkv, part), graph.ints(0, 0, spec.heads, size)]);
      return graph.add('Transpose', [split], { attributes: { perm: order } });
    });
  // [batch, heads, sequence, size]; keys the other way round
  let q = heads(0, [0, 2, 1, 3]);
  let k = heads(1, spec.rope === undefined ? [0, 2, 3, 1] : [0, 2, 1, 3]);
  const v = heads(2, [0, 2, 1, 3]);
  if (spec.rope !== undefined) {
    q = addRotation(ops, q, size, spec.rope);
    k = graph.add('Transpose', [addRotation(ops, k, size, spec.rope)], { attributes: { perm: [0, 1, 3, 2] } });
  }
  let scores = graph.add('MatMul', [q, k], { name: 'Scores' }); // [batch, heads, sequence, sequence]
  const isDisentangled = spec.relative?.kind === 'disentangled';
  if (isDisentangled) scores = graph.add('Add', [scores, addDisentangled(ops, q, k, qkv, spec)]);
  const divisor = Math.sqrt(isDisentangled ? 3 * size : size);
  const root = numbers.constant(`attention/root/${divisor}`, { shape: [], values: Float32Array.of(divisor) });
  scores = graph.add('Div', [scores, root]);
  if (spec.relative?.kind === 'bias') scores = graph.add('Add', [scores, addBias(ops, spec.relative)]);
  const bounds = spec.window === undefined ? mask : graph.add('Min', [mask, addWindow(ops, spec.window)]);
  const shares = graph.add('Softmax', [graph.add('Add', [scores, bounds])], { attributes: { axis: -1 } });
  const mixed = graph.add('MatMul', [shares, v], { name: 'Mixed' });
  const together = graph.add('Transpose', [mixed], { attributes: { perm: [0, 2, 1, 3] } });
  return graph.add('Reshape', [together, graph.ints(0, 0, hidden)]);
}

function addPart(ops: Writer, x: string, { weight, bias }: Linear<NamedWeight>, part: number): string {
  return ops.linear(x, { weight: partOf(weight, part, 3), bias: bias && partOf(bias, part, 3) });
}

/** The same for an `x` that no input changes. */
function addConstantPart({ writing }: Writer, x: string, { weight, bias }: Linear<NamedWeight>, part: number): string {
  const [product, added] = [weight, bias!].map((whole) => {
    const own = partOf(whole, part, 3);
    return { ...own, name: own.names[0] };
  });
  return writing.numbers.constantLinear(x, product, added);
}

/** Pairs of numbers, half a head apart, turned by the angles of their positions. */
function addRotation(ops: Writer, x: string, size: number, rope: number): string {
  const { graph, numbers, maxPositions } = ops.writing;
  const angles = rotaryAngles(maxPositions, size, rope);
  const [cos, sin] = (['cosines', 'sines'] as const).map((name) => {
    const table = numbers.constant(`rope/${rope}/${name}`, { shape: [maxPositions, size / 2], values: angles[name] });
    return graph.add('Slice', [table, graph.ints(0), sequenceLength(graph), graph.ints(0)]);
  });
  const [first, second] = graph.addMany('Split', [x], 2, { attributes: { axis: -1 } });
  const product = (a: string, b: string) => graph.add('Mul', [a, b]);
  const turned = [
    graph.add('Sub', [product(first, cos), product(second, sin)]),
    graph.add('Add', [product(second, cos), product(first, sin)]),
  ];
  return graph.add('Concat', turned, { attributes: { axis: -1 } });
}

/** The place of the token that looks minus that of the token looked at: int64 [sequence, sequence]. */
function addDistances(graph: GraphBuilder): string {
  const length = graph.add('Squeeze', [sequenceLength(graph)]);
  const places = graph.add('Range', [graph.scalar(0), length, graph.scalar(1)]);
  const [columns, rows] = [0, 1].map((axis) => graph.add('Unsqueeze', [places, graph.ints(axis)]));
  return graph.add('Sub', [rows, columns]);
}

/** 0 for tokens at most `window` apart, else the lowest number: [sequence, sequence]. */
function addWindow(ops: Writer, window: number): string {
  const { graph, numbers } = ops.writing;
  return graph.within('window', () => {
    const far = graph.add('Greater', [graph.add('Abs', [addDistances(graph)]), graph.scalar(window)]);
    const lowest = numbers.constant('mask/lowest', { shape: [], values: Float32Array.of(numbers.lowest) });
    return graph.add('Mul', [graph.add('Cast', [far], { attributes: { to: numbers.elementType } }), lowest]);
  });
}

/** The row of the table of relative positions for each pair of tokens: int64 [sequence, sequence]. */
function addBuckets(ops: Writer, { bucket, values }: Relative<string>): string {
  const { graph, maxPositions } = ops.writing;
  const rows = Array.from({ length: 2 * maxPositions - 1 }, (_, i) => bucket(i - (maxPositions - 1)));
  const table = graph.list(`${values}/buckets`, rows);
  const places = graph.add('Add', [addDistances(graph), graph.scalar(maxPositions - 1)]);
  return graph.add('Gather', [table, places], { name: 'Buckets' });
}

/** [1, heads, sequence, sequence]. */
function addBias(ops: Writer, relative: Relative<string>): string {
  const { graph } = ops.writing;
  return graph.within('relative', () => {
    const biases = graph.add('Gather', [relative.values, addBuckets(ops, relative)]); // [sequence, sequence, heads]
    const byHead = graph.add('Transpose', [biases], { attributes: { perm: [2, 0, 1] } });
    return graph.add('Unsqueeze', [byHead, graph.ints(0)]);
  });
}

/** The keys of positions for the queries of tokens, and the queries of positions for the keys of tokens. */
function addDisentangled(
  ops: Writer,
  q: string,
  k: string,
  qkv: Linear<NamedWeight>,
  { heads, relative }: Spec,
): string {
  const { graph } = ops.writing;
  const size = qkv.weight.shape[0] / 3 / heads;
  return graph.within('relative', () => {
    const buckets = addBuckets(ops, relative!);
    const turn = (x: string, perm: number[]) => graph.add('Transpose', [x], { attributes: { perm } });
    const gathered = (x: string, part: 0 | 1, index: string) => {
      const table = graph.within('qk'[part], () => addConstantPart(ops, relative!.values, qkv, part)); // [buckets, hidden]
      const byHead = turn(graph.add('Reshape', [table, graph.ints(0, heads, size)]), [1, 2, 0]);
      const products = graph.add('MatMul', [x, byHead]); // [batch, heads, sequence, buckets]
      const [batch, sequence] = [0, 2].map((axis) =>
        graph.add('Gather', [graph.add('Shape', [products]), graph.ints(axis)]),
      );
      const shape = graph.add('Concat', [batch, graph.ints(heads), sequence, sequence], { attributes: { axis: 0 } });
      const wide = graph.add('Expand', [index, shape]);
      return graph.add('GatherElements', [products, wide], { attributes: { axis: -1 } });
    };
    const keys = turn(k, [0, 1, 3, 2]);
    const fromQueries = gathered(q, 1, buckets);
    const fromKeys = gathered(keys, 0, turn(buckets, [1, 0]));
    return graph.add('Add', [fromQueries, turn(fromKeys, [0, 1, 3, 2])]);
  });
}

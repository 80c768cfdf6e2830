// The operations that the interpreters on kernels ask for, by the names that TensorFlow and register.cc give them.
import { INT32 } from '../native/binding';
import type { Operand } from './backend';
import {
  activation,
  activationGradient,
  adamw,
  attention,
  attentionGradient,
  norm,
  normGradient,
  rotate,
  squaredNorm,
} from './fused';
import { type Operation, check, number, rowsOf } from './operation';

/** In the order of `Operation` in kernels/exports.cc. */
const COMBINATIONS = ['AddV2', 'Sub', 'Mul', 'RealDiv', 'SquaredDifference'];

/** The steps to the next row and column of an operand that may stand for several rows or columns of the result. */
function steps(operand: Operand, width: number): [number, number] {
  const [rows, columns] = rowsOf(operand);
  return [rows > 1 ? columns : 0, columns > 1 || width === 1 ? 1 : 0];
}

function combine(kind: number): Operation {
  return (backend, inputs) => {
    const operands = inputs.map((id) => backend.operand(id));
    const [larger, smaller] = operands[0].count >= operands[1].count ? operands : [operands[1], operands[0]];
    const [rows, width] = rowsOf(larger);
    const [smallRows, smallWidth] = rowsOf(smaller);
    const fits = [1, rows].includes(smallRows) && [1, width].includes(smallWidth);
    check(fits, COMBINATIONS[kind], operands);
    const result = backend.create(larger.shape);
    const [a, b] = operands.map((operand) => [operand.address, ...steps(operand, width)]);
    backend.kernels.call('combine', kind, rows, width, ...a, ...b, backend.operand(result.id).address);
    return [result];
  };
}

const matMul: Operation = (backend, inputs, attributes) => {
  const operands = inputs.map((id) => backend.operand(id));
  const [a, b] = operands;
  const [left, right] = [Boolean(attributes.transpose_a), Boolean(attributes.transpose_b)];
  const [rows, inner] = left ? [a.shape[1], a.shape[0]] : a.shape;
  const [depth, columns] = right ? [b.shape[1], b.shape[0]] : b.shape;
  check(a.shape.length === 2 && b.shape.length === 2 && inner === depth, 'MatMul', operands);
  const result = backend.create([rows, columns]);
  const [from, to] = [a, b].map(({ address, shape }, i) => [
    address,
    ...([left, right][i] ? [1, shape[1]] : [shape[1], 1]),
  ]);
  backend.kernels.call('matrixProduct', rows, columns, inner, ...from, ...to, backend.operand(result.id).address);
  return [result];
};

/** Sums of rows of the last axis or, over the axis 0 of a matrix, of columns. */
function reduce(name: string, isMean: boolean): Operation {
  return (backend, [input, axes], attributes) => {
    const x = backend.operand(input);
    const [axis] = backend.view(axes);
    const [rows, width] = rowsOf(x);
    check((axis === 1 || axis === -1) && x.shape.length === 2, name, [x]);
    const result = backend.create(attributes.keep_dims ? [rows, 1] : [rows]);
    backend.kernels.call('rowSums', rows, width, x.address, isMean ? 1 / width : 1, backend.operand(result.id).address);
    return [result];
  };
}

const biasAddGrad: Operation = (backend, [input]) => {
  const x = backend.operand(input);
  const [rows, width] = rowsOf(x);
  const result = backend.create([width]);
  backend.kernels.call('columnSums', rows, width, x.address, backend.operand(result.id).address);
  return [result];
};

/** Each number by itself, in JavaScript: for the few numbers of a norm. */
function each(work: (x: number) => number): Operation {
  return (backend, [input]) => {
    const result = backend.create(backend.operand(input).shape);
    const [from, to] = [backend.view(input), backend.view(result.id)];
    for (let i = 0; i < from.length; i++) to[i] = work(from[i]);
    return [result];
  };
}

const gather: Operation = (backend, [input, ids]) => {
  const [table, wanted] = [backend.operand(input), backend.operand(ids)];
  const [count, width] = rowsOf(table);
  for (const id of backend.view(ids)) {
    if (id < 0 || id >= count) throw new Error(`the id ${id} is none of the ${count} rows of a table`);
  }
  const result = backend.create([wanted.count, width]);
  const { address } = backend.operand(result.id);
  backend.kernels.call('gatherRows', wanted.count, width, table.address, wanted.address, address);
  return [result];
};

const segmentSum: Operation = (backend, [input, ids, count]) => {
  const [x, wanted] = [backend.operand(input), backend.operand(ids)];
  const [rows, width] = rowsOf(x);
  check(rows === wanted.count, 'UnsortedSegmentSum', [x, wanted]);
  const [segments] = backend.view(count);
  const result = backend.create([segments, width]);
  const { address } = backend.operand(result.id);
  backend.kernels.call('addRows', rows, width, x.address, wanted.address, segments, address);
  return [result];
};

/** The condition is a list of integers, one for each of the numbers to choose from, which is how `replaceInteger` asks. */
const select: Operation = (backend, inputs) => {
  const [condition, yes, no] = inputs.map((id) => backend.view(id));
  const { shape, dtype } = backend.operand(inputs[2]);
  const result = backend.create(shape, dtype);
  const to = backend.view(result.id);
  for (let i = 0; i < to.length; i++) to[i] = condition[i] ? yes[yes.length === 1 ? 0 : i] : no[i];
  return [result];
};

const equal: Operation = (backend, [a, b]) => {
  const result = backend.create(backend.operand(a).shape, INT32);
  const [values, wanted, to] = [backend.view(a), backend.view(b)[0], backend.view(result.id)];
  for (let i = 0; i < to.length; i++) to[i] = Number(values[i] === wanted);
  return [result];
};

const copy: Operation = (backend, [input]) => {
  const { shape, dtype } = backend.operand(input);
  const result = backend.create(shape, dtype);
  backend.view(result.id).set(backend.view(input) as Float32Array);
  return [result];
};

const drop: Operation = (backend, [input], attributes) => {
  const x = backend.operand(input);
  const [rows, width] = rowsOf(x);
  const result = backend.create(x.shape);
  const settings = ['rate', 'seed', 'site'].map((name) => number(attributes, name));
  backend.kernels.call('drop', rows, width, ...settings, x.address, backend.operand(result.id).address);
  return [result];
};

export const OPERATIONS: Record<string, Operation | undefined> = {
  ...Object.fromEntries(COMBINATIONS.map((name, kind) => [name, combine(kind)])),
  BiasAdd: combine(0),
  BiasAddGrad: biasAddGrad,
  MatMul: matMul,
  Mean: reduce('Mean', true),
  Sum: reduce('Sum', false),
  Rsqrt: each((x) => 1 / Math.sqrt(x)),
  GatherV2: gather,
  UnsortedSegmentSum: segmentSum,
  Equal: equal,
  SelectV2: select,
  DeepCopy: copy,
  Reshape: (backend, [input, shape]) => [backend.share(input, Array.from(backend.view(shape)))],
  VarHandleOp: (backend, _inputs, { shape }) => [backend.variable(shape as number[])],
  Identity: (backend, [input]) => [backend.share(input)],
  ReadVariableOp: (backend, [variable]) => [backend.share(variable)],
  AssignVariableOp(backend, [variable, value]) {
    backend.assign(variable, value);
    return [];
  },
  DestroyResourceOp: () => [], // its memory goes with its handle
  SpanlabActivation: activation,
  SpanlabActivationGradient: activationGradient,
  SpanlabAdamW: adamw,
  SpanlabAttention: attention,
  SpanlabAttentionGradient: attentionGradient,
  SpanlabDropout: drop,
  SpanlabResidualNorm: norm,
  SpanlabResidualNormGradient: normGradient,
  SpanlabRotate: rotate,
  SpanlabSquaredNorm: squaredNorm,
  SpanlabSum: combine(0),
};

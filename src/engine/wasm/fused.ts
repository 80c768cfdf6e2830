// Our fused kernels as operations, with the inputs and results that register.cc lists for native TensorFlow.
import type { Operand, WasmBackend } from './backend';
import { type Attributes, type Operation, check, number, rowsOf } from './operation';

export const attention: Operation = (backend, inputs, attributes) => {
  const [qkv, bias, offsets, keys, , distances] = inputs.map((id) => backend.operand(id));
  const [tokens, wide] = qkv.shape;
  const heads = number(attributes, 'heads', 1);
  checkDistances(backend, distances, [heads, wide], inputs[2]);
  check(wide % (3 * heads) === 0 && offsets.count === keys.count + 1, 'Attention', [qkv, bias, offsets, keys]);
  const [mixed, logSums] = [backend.create([tokens, wide / 3]), backend.create([tokens, heads])];
  const results = [mixed, logSums].map(({ id }) => backend.operand(id).address);
  backend.kernels.call('attend', ...attentionShape(backend, inputs, attributes), qkv.address, bias.address, ...results);
  return [mixed, logSums];
};

/** What distances add to the scores has a row for each, and a number for each head or queries and keys of theirs. */
function checkDistances(backend: WasmBackend, distances: Operand, widths: number[], offsets: number): void {
  if (distances.count === 0) return;
  const longest = (distances.shape[0] + 1) / 2;
  const fits = backend.view(offsets).every((to, i, all) => i === 0 || to - all[i - 1] <= longest);
  check(fits && Number.isInteger(longest) && widths.includes(distances.shape[1]), 'Attention', [distances]);
}

/** What the kernel is told first; `inputs` begin with the product and end with the distances. */
function attentionShape(backend: WasmBackend, inputs: number[], attributes: Attributes): number[] {
  const [qkv, , offsets, keys, , distances] = inputs.map((id) => backend.operand(id));
  const [tokens, wide] = qkv.shape;
  const heads = number(attributes, 'heads', 1);
  const [seed, site] = backend.view(inputs[4]);
  const settings = [number(attributes, 'window', -1), number(attributes, 'rate'), seed, site];
  const table =
    distances.count > 0 ? [distances.address, distances.shape[0], Number(distances.shape[1] !== heads)] : [0, 0, 0];
  return [keys.count, offsets.address, keys.address, tokens, heads, wide / 3 / heads, ...settings, ...table];
}

export const attentionGradient: Operation = (backend, inputs, attributes) => {
  const [dMixed, mixed, logSums, qkv, bias, , , , distances] = inputs.map((id) => backend.operand(id));
  const [tokens, wide] = qkv.shape;
  const heads = number(attributes, 'heads', 1);
  checkDistances(backend, distances, [heads, wide], inputs[5]);
  const fits = dMixed.count === (tokens * wide) / 3 && mixed.count === dMixed.count;
  check(fits && logSums.count === tokens * heads, 'AttentionGradient', [dMixed, mixed, qkv]);
  const results = [[tokens, wide], [wide], distances.count > 0 ? distances.shape : [0]].map((shape) =>
    backend.create(shape),
  );
  const given = [dMixed, qkv, bias, mixed, logSums].map(({ address }) => address);
  const addresses = results.map(({ id }) => backend.operand(id).address);
  backend.kernels.call(
    'attendGradient',
    ...attentionShape(backend, inputs.slice(3), attributes),
    ...given,
    ...addresses,
  );
  return results;
};

/** Changes its first input in place. */
export const rotate: Operation = (backend, inputs, attributes) => {
  const [qkv, cosines, sines, offsets, keys] = inputs.map((id) => backend.operand(id));
  const heads = number(attributes, 'heads', 1);
  const size = qkv.shape[1] / 3 / heads;
  check(cosines.shape[1] === size / 2, 'Rotate', [qkv, cosines, sines]);
  const angles = [cosines.address, sines.address, number(attributes, 'flag')];
  backend.kernels.call('turnByAngles', keys.count, offsets.address, heads, size, ...angles, qkv.address);
  return [backend.create([])];
};

export const norm: Operation = (backend, inputs, attributes) => {
  const operands = inputs.map((id) => backend.operand(id));
  const [x, , residual, gain] = operands;
  const [rows, width] = rowsOf(x);
  check(residual.count === x.count && gain.count === width, 'ResidualNorm', [x, residual, gain]);
  const results = [backend.create(x.shape), backend.create(x.shape), backend.create([rows])];
  const settings = [number(attributes, 'epsilon'), number(attributes, 'rate'), ...backend.view(inputs[5])];
  const addresses = [...operands.slice(0, 5), ...results.map(({ id }) => backend.operand(id))].map((o) => o.address);
  backend.kernels.call('norm', rows, width, ...settings, ...addresses);
  return results;
};

export const normGradient: Operation = (backend, inputs, attributes) => {
  const operands = inputs.slice(0, 4).map((id) => backend.operand(id));
  const [dy, normal, inverse, gain] = operands;
  const [rows, width] = rowsOf(dy);
  check(normal.count === dy.count && inverse.count === rows && gain.count === width, 'ResidualNormGradient', operands);
  const results = [dy.shape, dy.shape, [width], [width], [width]].map((shape) => backend.create(shape));
  const addresses = [...operands, ...results.map(({ id }) => backend.operand(id))].map(({ address }) => address);
  backend.kernels.call(
    'normGradient',
    rows,
    width,
    number(attributes, 'rate'),
    ...backend.view(inputs[4]),
    ...addresses,
  );
  return results;
};

/** Tokens, the width of what comes out, the kind, and whether it is gated. */
function activationShape({ shape: [tokens, wide] }: Operand, attributes: Attributes): number[] {
  const gated = number(attributes, 'flag');
  return [tokens, gated ? wide / 2 : wide, number(attributes, 'kind'), gated];
}

export const activation: Operation = (backend, inputs, attributes) => {
  const [x, bias] = inputs.map((id) => backend.operand(id));
  const shape = activationShape(x, attributes);
  const result = backend.create(shape.slice(0, 2));
  backend.kernels.call('activate', ...shape, x.address, bias.address, backend.operand(result.id).address);
  return [result];
};

export const activationGradient: Operation = (backend, inputs, attributes) => {
  const operands = inputs.map((id) => backend.operand(id));
  const [dy, x] = operands;
  const shape = activationShape(x, attributes);
  check(dy.count === shape[0] * shape[1], 'ActivationGradient', operands);
  const results = [shape.slice(0, 2), x.shape, [x.shape[1]]].map((shape) => backend.create(shape));
  const addresses = [...operands, ...results.map(({ id }) => backend.operand(id))].map(({ address }) => address);
  backend.kernels.call('activateGradient', ...shape, ...addresses);
  return results;
};

/** Calls `work` with the address of a list of 32-bit numbers that is there meanwhile. */
function withList<T>({ kernels }: WasmBackend, list: number[], work: (address: number) => T): T {
  const address = kernels.allocate(4 * list.length);
  kernels.integers(address, list.length).set(list);
  try {
    return work(address);
  } finally {
    kernels.release(address);
  }
}

/** Changes weights and moments in place. */
export const adamw: Operation = (backend, [options, decays, ...lists], attributes) => {
  const count = number(attributes, 'N');
  const flags = backend.view(decays);
  const list = Array.from(flags).flatMap((decays, i) => {
    const parts = [0, 1, 2, 3].map((part) => backend.operand(lists[part * count + i]));
    check(parts.every((part) => part.count === parts[0].count), 'AdamW', parts); // prettier-ignore
    return [...parts.map(({ address }) => address), decays ? -parts[0].count : parts[0].count];
  });
  withList(backend, list, (address) => backend.kernels.call('optimize', count, address, ...backend.view(options)));
  return [backend.create([])];
};

export const squaredNorm: Operation = (backend, inputs) => {
  const list = inputs.map((id) => backend.operand(id)).flatMap(({ address, count }) => [address, count]);
  const result = backend.create([]);
  backend.view(result.id)[0] = withList(backend, list, (at) => backend.kernels.call('sumOfSquares', inputs.length, at));
  return [result];
};

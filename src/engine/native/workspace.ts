// A desk for raw kernels: what is made on it is freed with it, unless somebody takes it away.
import {
  type Handle,
  attribute,
  BOOL,
  castAttributes,
  constant,
  FLOAT,
  free,
  INT16,
  INT32,
  run,
  upload,
} from './binding';
import { hashedMask } from './graph/dropout';
import type { SiteSeed } from '../pass';

const { type, bool, string, int } = attribute;
const FORMAT = string('data_format', 'NHWC');
const REDUCE = [type('T', FLOAT), type('Tidx', INT32)];

/**
 * Raw kernels on handles. Every result belongs to the workspace until `take` (the caller owns it), `free` or `close`.
 *
 * @example const w = new Workspace(); const y = w.take(w.add(a, b)); w.close()
 */
export class Workspace {
  private readonly owned = new Set<Handle>();

  take(handle: Handle): Handle {
    this.owned.delete(handle);
    return handle;
  }

  free(...handles: (Handle | undefined)[]): void {
    for (const handle of handles) if (handle && this.owned.delete(handle)) free(handle);
  }

  /** Frees everything but these. */
  freeExcept(...handles: Handle[]): void {
    this.free(...[...this.owned].filter((handle) => !handles.includes(handle)));
  }

  close(): void {
    free(...this.owned);
    this.owned.clear();
  }

  /** Takes handles that were made elsewhere over. */
  own(handles: Handle[]): Handle[] {
    for (const handle of handles) this.owned.add(handle);
    return handles;
  }

  /** Runs a kernel with one result. */
  call(name: string, attributes: Parameters<typeof run>[1], inputs: Handle[]): Handle {
    const [handle] = run(name, attributes, inputs);
    this.owned.add(handle);
    return handle;
  }

  /** A kernel whose inputs and result have one type. */
  private plain(name: string, inputs: Handle[]): Handle {
    return this.call(name, [type('T', inputs[0].dtype)], inputs);
  }

  add = (a: Handle, b: Handle) => this.plain('AddV2', [a, b]);
  sub = (a: Handle, b: Handle) => this.plain('Sub', [a, b]);
  mul = (a: Handle, b: Handle) => this.plain('Mul', [a, b]);
  div = (a: Handle, b: Handle) => this.plain('RealDiv', [a, b]);
  /** a · by; `lasting` says that the factor comes again and is worth keeping as a constant. */
  scale(a: Handle, by: number, lasting = true): Handle {
    if (by === 1) return a;
    if (lasting) return this.mul(a, constant(by, a.dtype));
    const factor = upload(Float32Array.of(by), []);
    this.owned.add(factor);
    return this.mul(a, factor);
  }

  square = (a: Handle) => this.plain('Square', [a]);
  exp = (a: Handle) => this.plain('Exp', [a]);
  erf = (a: Handle) => this.plain('Erf', [a]);
  sqrt = (a: Handle) => this.plain('Sqrt', [a]);
  rsqrt = (a: Handle) => this.plain('Rsqrt', [a]);
  softmax = (a: Handle) => this.plain('Softmax', [a]);
  xor = (a: Handle, b: Handle) => this.plain('BitwiseXor', [a, b]);
  rightShift = (a: Handle, b: Handle) => this.plain('RightShift', [a, b]);
  greaterEqual = (a: Handle, b: Handle) => this.plain('GreaterEqual', [a, b]);
  minimum = (a: Handle, b: Handle) => this.plain('Minimum', [a, b]);
  isFinite = (a: Handle) => this.plain('IsFinite', [a]);
  squaredDifference = (a: Handle, b: Handle) => this.plain('SquaredDifference', [a, b]);
  biasAdd = (a: Handle, bias: Handle) => this.call('BiasAdd', [type('T', a.dtype), FORMAT], [a, bias]);
  biasAddGrad = (a: Handle) => this.call('BiasAddGrad', [type('T', a.dtype), FORMAT], [a]);
  /** a where the mask is true, else b. */
  select = (mask: Handle, a: Handle, b = constant(0, a.dtype)) =>
    this.call('SelectV2', [type('T', a.dtype)], [mask, a, b]);

  matMul(a: Handle, b: Handle, transposeA = false, transposeB = false): Handle {
    return this.call(
      'MatMul',
      [type('T', a.dtype), bool('transpose_a', transposeA), bool('transpose_b', transposeB)],
      [a, b],
    );
  }

  batchMatMul(a: Handle, b: Handle, transposeA = false, transposeB = false): Handle {
    const attributes = [type('T', a.dtype), bool('adj_x', transposeA), bool('adj_y', transposeB)];
    return this.call('BatchMatMulV2', attributes, [a, b]);
  }

  /** The same values, which XLA takes for others; in a trace alone. */
  barrier(list: Handle[]): Handle[] {
    const types = { ...type('T', 0), value: list.map(({ dtype }) => dtype) };
    return this.own(run('XlaOptimizationBarrier', [types], list, list.length));
  }

  /** Half of the sum of squares: []. */
  l2Loss = (a: Handle) => this.plain('L2Loss', [a]);

  addN(list: Handle[]): Handle {
    return this.call('AddN', [int('N', list.length), type('T', list[0].dtype)], list);
  }

  sum(a: Handle, axis: number, keepDims = false): Handle {
    return this.call('Sum', [...REDUCE, bool('keep_dims', keepDims)], [a, constant([axis], INT32)]);
  }

  mean(a: Handle, axis: number, keepDims = false): Handle {
    return this.call('Mean', [...REDUCE, bool('keep_dims', keepDims)], [a, constant([axis], INT32)]);
  }

  reshape(a: Handle, shape: number[]): Handle {
    return this.call('Reshape', [type('T', a.dtype), type('Tshape', INT32)], [a, constant(shape, INT32)]);
  }

  transpose(a: Handle, permutation: number[]): Handle {
    return this.call('Transpose', [type('T', a.dtype), type('Tperm', INT32)], [a, constant(permutation, INT32)]);
  }

  /** Splits along the first axis; the parts share the memory of `a`. */
  unpack(a: Handle): Handle[] {
    const count = a.shape[0];
    const parts = run('Unpack', [int('num', count), type('T', a.dtype), int('axis', 0)], [a], count);
    for (const part of parts) this.owned.add(part);
    return parts;
  }

  pack(parts: Handle[]): Handle {
    return this.call('Pack', [int('N', parts.length), type('T', parts[0].dtype), int('axis', 0)], parts);
  }

  gather(table: Handle, ids: Handle): Handle {
    const attributes = [int('batch_dims', 0), type('Tparams', FLOAT), type('Tindices', INT32), type('Taxis', INT32)];
    return this.call('GatherV2', attributes, [table, ids, constant(0, INT32)]);
  }

  /** Sums rows by their id, [ids, width] → [count, width]; rows with a negative id are dropped. */
  segmentSum(rows: Handle, ids: Handle, count: number): Handle {
    const attributes = [type('T', FLOAT), type('Tindices', INT32), type('Tnumsegments', INT32)];
    return this.call('UnsortedSegmentSum', attributes, [rows, ids, constant(count, INT32)]);
  }

  /**
   * True with probability `1 - rate`, the same for the same seed. Sixteen random bits an element: the rate is exact to
   * 1/65536 and the bits cost half of what TensorFlow's float generator takes.
   */
  dropoutMask(shape: number[], rate: number, [seed, site]: SiteSeed): Handle {
    if (typeof seed !== 'number') return hashedMask(this, shape, rate, seed, site);
    const size = shape.reduce((a, b) => a * b, 1);
    const bits = this.randomBits(Math.ceil(size / 2), [seed, site]); // [size / 2, 2]
    const threshold = constant(Math.round(rate * 65536) - 32768, INT16);
    const mask = this.call('GreaterEqual', [type('T', INT16)], [bits, threshold]);
    this.free(bits);
    if (size % 2 === 0) return this.reshape(mask, shape);
    const flat = this.reshape(mask, [size + 1]);
    const attributes = [type('T', BOOL), type('Index', INT32)];
    return this.reshape(this.call('Slice', attributes, [flat, constant([0], INT32), constant([size], INT32)]), shape);
  }

  private randomBits(words: number, seed: [number, number]): Handle {
    const [key] = this.own([upload(Int32Array.from(seed), [2])]);
    const attributes = [type('dtype', INT32), type('T', INT32), type('Tseed', INT32)];
    const full = this.call('StatelessRandomUniformFullInt', attributes, [constant([words], INT32), key]);
    const halves = this.call('Bitcast', [type('T', INT32), type('type', INT16)], [full]);
    this.free(key, full);
    return halves;
  }

  /** A copy with every `from` replaced by `to`. */
  replaceInteger(a: Handle, from: number, to: number): Handle {
    const found = this.call(
      'Equal',
      [type('T', INT32), bool('incompatible_shape_error', true)],
      [a, constant(from, INT32)],
    );
    return this.call('SelectV2', [type('T', INT32)], [found, constant(to, INT32), a]);
  }

  /** `a` itself when it has that type. */
  cast(a: Handle, to: number): Handle {
    return a.dtype === to ? a : this.call('Cast', castAttributes(a.dtype, to), [a]);
  }

  /** The same memory under another type of the same or twice the width: `shape` is that of the result. */
  bitcast(a: Handle, to: number, shape: number[]): Handle {
    return this.call('Bitcast', [type('T', a.dtype), type('type', to)], [this.reshape(a, shape)]);
  }
}

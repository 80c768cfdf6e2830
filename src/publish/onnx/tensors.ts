// Numbers as ONNX stores them: little-endian bytes of float32, float16, int8 or int64.
import { type TensorProto, ELEMENT } from './messages';

/** A matrix or vector of weights. */
export interface Weight {
  shape: number[];
  values: Float32Array;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) => new Uint8Array(buffer, byteOffset, byteLength);

export function floatTensor(name: string, { shape, values }: Weight): TensorProto {
  return { name, dims: shape, dataType: ELEMENT.float, rawData: bytesOf(values) };
}

export function halfTensor(name: string, { shape, values }: Weight): TensorProto {
  return { name, dims: shape, dataType: ELEMENT.float16, rawData: bytesOf(toHalves(values)) };
}

export function int8Tensor(name: string, shape: number[], values: Int8Array): TensorProto {
  return { name, dims: shape, dataType: ELEMENT.int8, rawData: bytesOf(values) };
}

export function int64Tensor(name: string, values: number[], shape = [values.length]): TensorProto {
  return { name, dims: shape, dataType: ELEMENT.int64, rawData: bytesOf(BigInt64Array.from(values, BigInt)) };
}

/**
 * The bits of numbers in IEEE 754 binary16, rounded to the nearest, halves to even; what is too large is infinite.
 *
 * @example toHalves(Float32Array.of(1)) // Uint16Array [ 0x3c00 ]
 */
export function toHalves(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) halves[i] = toHalf(bits[i]);
  return halves;
}

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** From the bits of a float32. */
function toHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // not a number
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and more round to infinity
  // below 2 ** -14 the exponent is fixed: adding 0.5 lines the digits up, and rounds them
  if (magnitude < 0x38800000) {
    scratchBits[0] = magnitude;
    scratch[0] += 0.5;
    return sign | (scratchBits[0] - 0x3f000000);
  }
  const isOdd = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x38000000 + 0xfff + isOdd) >>> 13);
}

/** Rows and columns exchanged: [out, in] as PyTorch stores it → [in, out] as ONNX's MatMul wants it. */
export function transpose({ shape: [rows, columns], values }: Weight): Weight {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) turned[column * rows + row] = values[row * columns + column];
  }
  return { shape: [columns, rows], values: turned };
}

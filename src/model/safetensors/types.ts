// The types of elements that the format knows, and the ones that become JavaScript's numbers.

/** Bits of an element, by the format's names (safetensors 0.8), in the order of the reference, which its writer goes by. */
export const BITS = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const;
export type TensorType = keyof typeof BITS;

export function isTensorType(value: unknown): value is TensorType {
  return typeof value === 'string' && Object.hasOwn(BITS, value);
}

/** Floats of any width as float32; undefined for a type that is none. The bytes must begin at a multiple of 8. */
export function toFloat32(dtype: TensorType, { buffer, byteOffset, length }: Buffer): Float32Array | undefined {
  if (dtype === 'F32') return new Float32Array(buffer, byteOffset, length / 4);
  if (dtype === 'F16') return fromFloat16(new Uint16Array(buffer, byteOffset, length / 2));
  if (dtype === 'BF16') return fromBfloat16(new Uint16Array(buffer, byteOffset, length / 2));
  if (dtype === 'F64') return Float32Array.from(new Float64Array(buffer, byteOffset, length / 8));
  return undefined;
}

function fromFloat16(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = fromHalf(halves[i]);
  return values;
}

function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** bfloat16 is the upper half of a float32. */
function fromBfloat16(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i] << 16;
  return new Float32Array(bits.buffer);
}

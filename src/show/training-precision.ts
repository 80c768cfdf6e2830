// What bfloat16 does to numbers.
import { DataFrame } from 'danfojs-node';

/**
 * The bfloat16 nearest to a number: float32 with the last 16 bits gone, ties to even (as processors round).
 *
 * @example toBfloat16(1.001) // 1
 */
export function toBfloat16(value: number): number {
  if (Number.isNaN(value)) return NaN;
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  const bits = view.getUint32(0);
  const tie = (bits >>> 16) & 1;
  view.setUint32(0, (((bits + 0x7fff + tie) >>> 16) << 16) >>> 0);
  return view.getFloat32(0);
}

/**
 * Numbers as float64 (JavaScript's), float32 and bfloat16 hold them.
 *
 * @example precisionTable([1.001, 1e-30])
 */
export function precisionTable(values: number[]): DataFrame {
  const rows = values.map((value) => {
    const narrow = toBfloat16(value);
    const error = value === 0 ? 0 : Math.abs(narrow - value) / Math.abs(value);
    const texts = [value, Math.fround(value), narrow].map((each) => String(Number(each.toPrecision(9))));
    return { number: texts[0], float32: texts[1], bfloat16: texts[2], 'off by': `${(100 * error).toPrecision(2)} %` };
  });
  return new DataFrame(rows);
}

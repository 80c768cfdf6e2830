// Numbers of a tokenizer.json as the Rust crate tokenizers has them: serde_json reads one as its digits, rounded, over a power of ten,
// rounded again, which may be the neighbour of the nearest double. Of ways through a word whose sums are equal, or as good as, the last
// bit of a score says which one wins.

/** 10 ** 0 to 10 ** 308, each the nearest double, as `**` does not promise. */
const POWERS = Array.from({ length: 309 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * @param value As `JSON.parse` has it: its shortest digits are those that Rust and Python wrote.
 * @example asRust(-4.3483446387040265) // -4.348344638704027
 */
export function asRust(value: number): number {
  const text = String(value);
  const [digits, exponent = '0'] = text.split('e');
  const point = digits.indexOf('.');
  const places = point < 0 ? 0 : digits.length - point - 1;
  if (point < 0 && exponent === '0') return value;
  const whole = point < 0 ? digits : digits.slice(0, point) + digits.slice(point + 1);
  return scaled(Number(whole), Number(exponent) - places);
}

/** Source: `f64_from_parts` of serde_json without its feature `float_roundtrip`. */
function scaled(digits: number, exponent: number): number {
  let value = digits;
  let left = exponent;
  for (; left < -308; left += 308) value /= POWERS[308];
  return left < 0 ? value / POWERS[-left] : value * POWERS[left];
}

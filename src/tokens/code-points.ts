// From code points, in which the native package counts, to the UTF-16 positions of JavaScript strings.

const ASTRAL = /[\ud800-\udbff]/;

/**
 * Rewrites code-point positions in `text` to UTF-16 positions, in place. A lone surrogate counts as one code point.
 *
 * @example toUtf16Positions('😀a', Int32Array.of(1, 2)) // Int32Array [2, 3]
 */
export function toUtf16Positions(text: string, positions: Int32Array): Int32Array {
  if (!ASTRAL.test(text)) return positions;
  const starts = codePointStarts(text);
  for (let i = 0; i < positions.length; i++) positions[i] = starts[positions[i]];
  return positions;
}

/** UTF-16 position of each code point of `text`, and of its end. */
export function codePointStarts(text: string): Int32Array {
  const starts = new Int32Array(text.length + 1);
  let count = 0;
  for (let i = 0; i < text.length; i += text.codePointAt(i)! > 0xffff ? 2 : 1) starts[count++] = i;
  starts[count++] = text.length;
  return starts.subarray(0, count);
}

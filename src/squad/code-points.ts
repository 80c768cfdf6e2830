// JSON files count Unicode code points, JavaScript strings UTF-16 units: the only place where one becomes the other.

const ASTRAL = /[\ud800-\udbff][\udc00-\udfff]/;

/** A function from code point positions in `text` to UTF-16 positions; free of cost where the two are the same. */
export function toUtf16(text: string): (codePoints: number) => number {
  if (!ASTRAL.test(text)) return (position) => position;
  const starts: number[] = [];
  for (let i = 0; i < text.length; i += text.codePointAt(i)! > 0xffff ? 2 : 1) starts.push(i);
  // beyond the end positions go on one by one, so that a wrong one stays wrong
  return (position) => starts[position] ?? (position < 0 ? position : text.length + position - starts.length);
}

/** The way back, for writing files. */
export function toCodePoints(text: string, utf16: number): number {
  if (!ASTRAL.test(text)) return utf16;
  return Array.from(text.slice(0, utf16)).length;
}

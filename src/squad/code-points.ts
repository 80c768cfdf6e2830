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

/** What programs count positions in; `characters` are Unicode code points, which SQuAD counts. */
export const UNITS = [
  'characters',
  'UTF-16 units',
  'UTF-8 bytes',
  'characters without CR',
  'characters with CR',
  'grapheme clusters',
] as const;
export type Unit = (typeof UNITS)[number];

/** How much a character adds to a position. Clusters are of several. */
const SIZES: Record<Exclude<Unit, 'grapheme clusters'>, (point: number) => number> = {
  characters: () => 1,
  'UTF-16 units': (point) => (point > 0xffff ? 2 : 1),
  'UTF-8 bytes': (point) => (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4),
  'characters without CR': (point) => Number(point !== 0x0d),
  'characters with CR': (point) => (point === 0x0a ? 2 : 1),
};

/** A function from positions in some unit to UTF-16 positions; `undefined` for what is inside a character, or not in the text. */
export function fromUnit(text: string, unit: Unit): (position: number) => number | undefined {
  const places = new Map<number, number>();
  const size = unit === 'grapheme clusters' ? () => 1 : SIZES[unit];
  const characters = unit === 'grapheme clusters' ? clustersOf(text) : text;
  let [at, count] = [0, 0];
  for (const character of characters) {
    // of places that count the same, the last one: after what does not count
    places.set(count, at);
    count += size(character.codePointAt(0)!);
    at += character.length;
  }
  places.set(count, at);
  return (position) => places.get(position);
}

/** What people see as one sign, as doccano can be told to count. Their borders do not depend on the language. */
function* clustersOf(text: string): Generator<string> {
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)) yield segment;
}

/** Whether all units count a text the same. */
export function isPlain(text: string): boolean {
  return /^[\x00-\x09\x0b\x0c\x0e-\x7f]*$/.test(text);
}

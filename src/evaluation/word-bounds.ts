// Answers that begin and end with whole words.

const isInner = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}\p{M}]/u.test(character);
/** Scripts that set no spaces between words: there a span is not widened. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/**
 * Widens [start, end) of `text` to whole words.
 *
 * @example alignToWords('Ada Lovelace', 4, 8) // [4, 12]
 */
export function alignToWords(text: string, start: number, end: number): [start: number, end: number] {
  if (end <= start) return [start, end];
  const joins = (left: string | undefined, right: string | undefined) =>
    isInner(left) && isInner(right) && !UNSPACED.test(left!) && !UNSPACED.test(right!);
  let [from, to] = [start, end];
  while (from > 0 && joins(before(text, from), at(text, from))) from -= before(text, from)!.length;
  while (to < text.length && joins(before(text, to), at(text, to))) to += at(text, to)!.length;
  return [from, to];
}

/** The character that begins at a position. */
function at(text: string, position: number): string | undefined {
  const codePoint = text.codePointAt(position);
  return codePoint === undefined ? undefined : String.fromCodePoint(codePoint);
}

/** The character that ends at a position. */
function before(text: string, position: number): string | undefined {
  if (position <= 0) return undefined;
  const isLow = /[\udc00-\udfff]/.test(text[position - 1]) && position > 1;
  return isLow ? at(text, position - 2) : text[position - 1];
}

// What people see as one sign and a text has as several: flags, families, hands with a colour, a sign with its marks.

/** What may go on with the sign before it, and what may want one behind it: elsewhere nobody has to look closer. */
const GOES_ON = /^[\p{M}\p{RI}\p{Emoji_Modifier}\u200c\u200d\u{e0020}-\u{e007f}]/u;
const WANTS_MORE = /[\u200d\p{RI}]$/u;

/** Nothing to an eye: spaces, joiners, and what chooses between a coloured and a plain picture. */
const INVISIBLE = /^[\s\u00ad\u200b-\u200d\u2060\ufeff\ufe00-\ufe0f]*$/;

/** Their borders do not depend on the language. */
const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** Of the text that was asked of last: a text has many answers, and its preparation takes as long as the text. */
let last: { text: string; segments: Intl.Segments } | undefined;

/**
 * Whether a place of a text (UTF-16) cuts one sign in two that can both be seen. Source: extended grapheme clusters of Unicode Standard
 * Annex 29.
 *
 * @example cutsCluster('🇩🇪', 2) // true: the rest would be a letter in a box
 */
export function cutsCluster(text: string, at: number): boolean {
  if (at <= 0 || at >= text.length) return false;
  if (!GOES_ON.test(text.slice(at, at + 2)) && !WANTS_MORE.test(text.slice(Math.max(0, at - 2), at))) return false;
  if (last?.text !== text) last = { text, segments: GRAPHEMES.segment(text) };
  const { index, segment } = last.segments.containing(at)!;
  return index < at && [segment.slice(0, at - index), segment.slice(at - index)].every((part) => !INVISIBLE.test(part));
}

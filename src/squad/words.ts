// Where words begin and end, in scripts that put spaces between them and in those that do not; and what may hang on a word.
import { cutsCluster } from './clusters';

/** Letters, digits and the marks on them: between two of these there is no end of a word. */
const WORD = /[\p{L}\p{N}\p{M}]/u;
const DIGIT = /\p{Nd}/u;

/** What belongs to the letter before it: marks, also those that count as letters, and the later parts of a Korean syllable in parts. */
const CONTINUES = /[\p{M}\u1160-\u11ff\ud7b0-\ud7fb\u0e33\u0eb3\uff9e\uff9f]/u;

/** Scripts that set no spaces between words: everywhere a word may begin. */
const UNSPACED = /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}\uff70]/u;
const HANGUL = /\p{sc=Hangul}/u;
/** Scripts whose articles, prepositions and conjunctions are written as one with the word that follows. */
const PREFIXED = /[\p{sc=Arabic}\p{sc=Hebrew}\p{sc=Syriac}]/u;

/** Nothing to an eye, and they hold a word together: soft hyphen, joiners, the old no-break space of no width. */
const JOINERS = /[\u00ad\u200d\u2060\ufeff]/;

const splitsPair = (text: string, at: number) => /[\ud800-\udbff]/.test(text[at - 1] ?? '') && /[\udc00-\udfff]/.test(text[at] ?? ''); // prettier-ignore

/** Whether a part is at a place of a text, in whole characters: half an emoji is none. UTF-16. */
export function standsAt(text: string, part: string, start: number): boolean {
  return text.startsWith(part, start) && !splitsPair(text, start) && !splitsPair(text, start + part.length);
}

/** How a part of a text stands in its words. */
export type Standing =
  /** It begins and ends where words do. */
  | 'whole'
  /** Something hangs on it: a particle, an ending, an article, a unit of measurement, the rest of a number with its point. */
  | 'attached'
  /** It only happens to be there, as "no" in "know". */
  | 'inside';

function before(text: string, at: number): string {
  let i = at;
  while (i > 0 && JOINERS.test(text[i - 1])) i--;
  if (i === 0) return '';
  const isPair = i > 1 && /[\udc00-\udfff]/.test(text[i - 1]) && /[\ud800-\udbff]/.test(text[i - 2]);
  return text.slice(isPair ? i - 2 : i - 1, i);
}

function after(text: string, at: number): string {
  let i = at;
  while (i < text.length && JOINERS.test(text[i])) i++;
  const point = text.codePointAt(i);
  return point === undefined ? '' : String.fromCodePoint(point);
}

/** Whether no word is cut at a place of a text (UTF-16). */
function isBoundary(text: string, at: number): boolean {
  const [left, right] = [before(text, at), after(text, at)];
  if (!WORD.test(left) || !WORD.test(right)) return true;
  if (CONTINUES.test(right)) return false;
  if (UNSPACED.test(left) || UNSPACED.test(right)) return true;
  return HANGUL.test(left) !== HANGUL.test(right);
}

/** Whether a place cuts a flag, a family, a hand of one colour: all but letters with their marks, of which the rules above know. */
function cutsSign(text: string, at: number): boolean {
  return !(WORD.test(before(text, at)) && WORD.test(after(text, at))) && cutsCluster(text, at);
}

const APOSTROPHE = /^['’]$/;
/** What English writes as one with the word before it. The rest of a word after an apostrophe, as in "Ankara'da", is an ending. */
const CONTRACTED = /^(?:t|m|d|re|ve|ll)$/i;

/**
 * Whether a place beside an apostrophe cuts one word in two: "don|'t", "don'|t", "o'|clock", "l|'eau"; but not "Anna|'s", "Ankara|'da",
 * "l'|eau".
 */
function cutsAtApostrophe(text: string, at: number): boolean {
  const next = at + joinersAt(text, at, 1);
  const previous = at - 1 - joinersAt(text, at, -1);
  const isBefore = APOSTROPHE.test(text[next] ?? '');
  if (!isBefore && !APOSTROPHE.test(text[previous] ?? '')) return false;
  const mark = isBefore ? next : previous;
  const [head] = /[\p{L}\p{N}\p{M}]*$/u.exec(text.slice(Math.max(0, mark - LONGEST), mark))!;
  const [rest] = /^[\p{L}\p{N}\p{M}]*/u.exec(text.slice(mark + 1, mark + 1 + LONGEST))!;
  if (head === '' || rest === '') return false;
  return CONTRACTED.test(rest) || (isBefore ? isElided(head, rest) : /^s$/i.test(rest) || /^o$/i.test(head));
}

/** An article of one letter: nobody's answer. */
const isElided = (head: string, rest: string) => Array.from(head).length === 1 && !/^s$/i.test(rest);

/** How many signs that hold a word together are at a place, or before it. */
function joinersAt(text: string, at: number, step: 1 | -1): number {
  let count = 0;
  while (JOINERS.test((step === 1 ? text[at + count] : text[at - 1 - count]) ?? '')) count++;
  return count;
}

/** Whether a place is beside the point or comma of a number: "14" and "000" in "14,000". */
function isInNumber(text: string, at: number, side: 'start' | 'end'): boolean {
  const [sign, digit] = side === 'end' ? [text[at], text[at + 1]] : [text[at - 1], text[at - 2]];
  const own = side === 'end' ? text[at - 1] : text[at];
  return sign !== undefined && /[.,٫٬]/.test(sign) && [own, digit].every((one) => one !== undefined && DIGIT.test(one));
}

/** Longer than any ending; a text without spaces is not walked through for each answer. */
const LONGEST = 40;

/** How many signs of a word follow a place, or come before it. */
function restOfWord(text: string, at: number, step: 1 | -1): number {
  let [place, count] = [at, 0];
  const next = () => (step === 1 ? after(text, place) : before(text, place));
  for (let sign = next(); WORD.test(sign) && count < LONGEST; sign = next()) {
    count++;
    place += step * sign.length;
    while (JOINERS.test(step === 1 ? (text[place] ?? '') : (text[place - 1] ?? ''))) place += step;
    if (isBoundary(text, place)) break;
  }
  return count;
}

/** Fewer letters than these are in many words by accident. */
const ENOUGH = 4;

/**
 * What is cut off at the end is an ending: a Korean particle after at least two syllables; anything after a number but another digit;
 * elsewhere, after four letters, what they make likely: Turkish has "botanikçilerinden" for an answer "botanikçi".
 */
function hasEnding(text: string, end: number, letters: number): boolean {
  const [left, right] = [before(text, end), after(text, end)];
  if (CONTINUES.test(right)) return false;
  if (DIGIT.test(left)) return !DIGIT.test(right);
  if (HANGUL.test(left)) return letters >= 2;
  const rest = restOfWord(text, end, 1);
  if (PREFIXED.test(left)) return letters >= ENOUGH - 1 && rest < ENOUGH;
  return letters >= ENOUGH && rest <= 2 * (letters - ENOUGH + 1);
}

/** What is cut off at the start is an article or a preposition, which Arabic and Hebrew write as one with the word. */
function hasPrefix(text: string, start: number, letters: number): boolean {
  const isOne = PREFIXED.test(before(text, start)) && PREFIXED.test(after(text, start));
  return isOne && letters >= ENOUGH - 1 && restOfWord(text, start, -1) <= ENOUGH;
}

/**
 * How `[start, end)` of a text (UTF-16) stands in its words; half of a flag is within a word. Chinese, Japanese, Thai, Lao, Khmer and
 * Burmese have no spaces: there every letter begins a word.
 *
 * @example standingOf('I know', 3, 5) // 'inside'
 */
export function standingOf(text: string, start: number, end: number): Standing {
  if ([start, end].some((at) => cutsSign(text, at) || cutsAtApostrophe(text, at))) return 'inside';
  const [opens, closes] = [isBoundary(text, start), isBoundary(text, end)];
  if (opens && closes) return isInNumber(text, start, 'start') || isInNumber(text, end, 'end') ? 'attached' : 'whole';
  const letters = Array.from(text.slice(start, end)).filter((sign) => /[\p{L}\p{N}]/u.test(sign)).length;
  const isMeant = (opens || hasPrefix(text, start, letters)) && (closes || hasEnding(text, end, letters));
  return isMeant ? 'attached' : 'inside';
}

/** The words around `[start, end)`, for messages. */
export function wordAround(text: string, start: number, end: number): string {
  const grown = (at: number, step: 1 | -1) => {
    let place = at;
    const sign = () => (step === 1 ? text[place] : text[place - 1]) ?? '';
    while (Math.abs(place - at) < LONGEST && /[\p{L}\p{N}\p{M}\p{Surrogate}.,'’\u00ad\u200d\u2060]/u.test(sign())) place += step;
    return place;
  };
  return text.slice(grown(start, -1), grown(end, 1)).replace(/^[.,'’]+|[.,'’]+$/g, '');
} // prettier-ignore

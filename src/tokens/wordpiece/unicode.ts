// How BERT's rules see single characters. The tables are the native package's own (an older Unicode than Node's).
import { CodePointSet } from '../code-point-set';
import { KEPT_MARKS, MARKS, PUNCTUATION, REMOVED, STARTERS, WHOLE } from './unicode-data';

const removed = new CodePointSet(REMOVED);
const marks = new CodePointSet(MARKS);
const punctuation = new CodePointSet(PUNCTUATION);
const keptMarks = new CodePointSet(KEPT_MARKS);
const starters = new CodePointSet(STARTERS);
const whole = new CodePointSet(WHOLE);

const WHITE_SPACE = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const CHINESE = [[0x3400, 0x4dbf], [0x4e00, 0x9fff], [0xf900, 0xfaff], [0x20000, 0x2a6df], [0x2a700, 0x2b81f], [0x2b920, 0x2ceaf], [0x2f800, 0x2fa1f]]; // prettier-ignore

/** Capitals of Unicode 16 and 17, which older versions of Node do not lower: first, last, distance to the small letter. */
const NEW_CAPITALS = [[0x1c89, 0x1c89, 1], [0xa7cb, 0xa7cb, 0x264 - 0xa7cb], [0xa7cc, 0xa7cc, 1], [0xa7ce, 0xa7ce, 1], [0xa7d2, 0xa7d2, 1], [0xa7d4, 0xa7d4, 1], [0xa7da, 0xa7da, 1], [0xa7dc, 0xa7dc, 0x19b - 0xa7dc], [0x10d50, 0x10d65, 32], [0x16ea0, 0x16eb8, 27]]; // prettier-ignore

/** Control and format characters, private use, and what stands for broken text. */
export const isRemoved = (codePoint: number): boolean => removed.has(codePoint);
export const isMark = (codePoint: number): boolean => marks.has(codePoint);
export const isPunctuation = (codePoint: number): boolean => punctuation.has(codePoint);
/** A mark that stays when accents go, and that may change places with its neighbours before. */
export const isKeptMark = (codePoint: number): boolean => keptMarks.has(codePoint);
/** A mark (kept or not) that changes places with its neighbours. */
export const isReordered = (codePoint: number): boolean => isKeptMark(codePoint) || (isMark(codePoint) && !starters.has(codePoint)); // prettier-ignore
export const isWhiteSpace = (codePoint: number): boolean => codePoint < 0x10000 && WHITE_SPACE.test(String.fromCharCode(codePoint)); // prettier-ignore
export const isChinese = (codePoint: number): boolean => CHINESE.some(([first, last]) => first <= codePoint && codePoint <= last); // prettier-ignore

/** The canonical decomposition of one character. */
export function decompose(codePoint: number): number[] {
  return whole.has(codePoint) ? [codePoint] : toCodePoints(String.fromCodePoint(codePoint).normalize('NFD'));
}

/** The small letters of one character, without regard to its neighbours. */
export function toLower(codePoint: number): number[] {
  const capital = NEW_CAPITALS.find(([first, last]) => first <= codePoint && codePoint <= last);
  return capital ? [codePoint + capital[2]] : toCodePoints(String.fromCodePoint(codePoint).toLowerCase());
}

/** Whether mark `a` goes after mark `b` when they meet: a greater combining class. */
export function goesBehind(a: number, b: number): boolean {
  const inOrder = `a${String.fromCodePoint(b, a)}`;
  return `a${String.fromCodePoint(a, b)}`.normalize('NFD') === inOrder && a !== b;
}

function toCodePoints(text: string): number[] {
  return Array.from(text, (c) => c.codePointAt(0)!);
}

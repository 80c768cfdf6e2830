// Values of a file as a message shows them: short, and two texts so that an eye can see what is different.
import { printable } from '../printable';

/** Longer texts are cut. UTF-16 units. */
const LONGEST = 60;

const escaped = (sign: string) => (sign.length > 1 ? `\\u{${sign.codePointAt(0)!.toString(16)}}` : `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`); // prettier-ignore

/** A value as a message shows it. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    const text = JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value);
    return printable(text.replace(/[\u0085\u00a0\u00ad]/g, escaped));
  }
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** What looks like something else, or like nothing: spaces, marks, composed letters, dashes, ligatures and the like. */
function isDeceptive(sign: string): boolean {
  if (/^[ -~]$/.test(sign)) return false;
  return /^[\s\p{M}\p{Cf}\p{Cc}\p{Pd}\u2043\u2212]$/u.test(sign) || sign.normalize('NFKD') !== sign;
}

/**
 * Two texts that differ, each as a message shows it; where they look alike, what is different is written as its number.
 *
 * @example shownBeside('Ilse Brandt', 'Ilse\u00a0Brandt') // ['"Ilse Brandt"', '"Ilse\\u00a0Brandt"']
 */
export function shownBeside(one: string, other: string): [string, string] {
  const [left, right] = cutAlike(one, other);
  const only = (text: string, beside: string) => show(text, (sign) => !beside.includes(sign));
  const pair: [string, string] = [only(left, right), only(right, left)];
  const looks = pair.map((text) => text.replace(/\s/gu, ' '));
  // each has what the other has, but elsewhere
  return looks[0] === looks[1] ? [show(left, () => true), show(right, () => true)] : pair;
}

function show(text: string, isTold: (sign: string) => boolean): string {
  const signs = Array.from(JSON.stringify(text), (sign) => (isDeceptive(sign) && isTold(sign) ? escaped(sign) : sign));
  return printable(signs.join(''));
}

/** Long texts from a little before their first difference. */
function cutAlike(one: string, other: string): [string, string] {
  if (Math.max(one.length, other.length) <= LONGEST) return [one, other];
  let same = 0;
  while (same < one.length && one[same] === other[same]) same++;
  const from = Math.max(0, same - LONGEST / 2);
  const part = (text: string) => `${from > 0 ? '…' : ''}${text.slice(from, from + LONGEST)}${text.length > from + LONGEST ? '…' : ''}`; // prettier-ignore
  return [part(one), part(other)];
}

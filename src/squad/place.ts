// The place of an answer as a file writes it: numbers of spreadsheets in other languages, and what is no number.
import { toUtf16 } from './code-points';

/** What a written place says. */
export interface WrittenPlace {
  /** Absent where it cannot be told. */
  start?: number;
  /** Whether it was read with a sign for thousands. */
  isGrouped?: boolean;
}

/** A whole number with decimals that are nought. */
const DECIMAL = /^([+-]?\d+)[.,]0*$/;

/** Thousands apart by one sign, and perhaps decimals that are nought, after another. */
const GROUPED = /^(\d{1,3}([.,'’ \u00a0\u2009\u202f])\d{3}(?:\2\d{3})*)(?:(?!\2)[.,]0*)?$/;

/** One group after a point or a comma may just as well be decimals. */
const EITHER = /^\d+[.,]\d+$/;

/**
 * Reads the text of a place. `1.331` may be 1331 or a fraction: the text decides, by whether the answer stands there.
 *
 * @param stands Whether the answer is at a place.
 * @example readPlace('131,0', () => false) // { start: 131 }
 */
export function readPlace(value: string, stands: (at: number) => boolean): WrittenPlace {
  const text = value.trim();
  const plain = text === '' ? NaN : Number(DECIMAL.exec(text)?.[1] ?? text);
  const whole = Number.isSafeInteger(plain) ? { start: plain } : {};
  const digits = GROUPED.exec(text)?.[1].replace(/\D/g, '');
  if (digits === undefined) return whole;
  const grouped = { start: Number(digits), isGrouped: true };
  if (!Number.isSafeInteger(grouped.start)) return whole;
  if (!EITHER.test(text)) return grouped;
  const isMeant = stands(grouped.start) && !(whole.start !== undefined && stands(whole.start));
  return isMeant ? grouped : whole;
}

/** Whether texts stand at places, in characters or in UTF-16; of one context at a time. */
export class Standing {
  private last?: { context: string; position: (at: number) => number };

  has(context: string, text: string, at: number): boolean {
    if (this.last?.context !== context) this.last = { context, position: toUtf16(context) };
    return [at, this.last.position(at)].some((place) => context.startsWith(text, place));
  }
}

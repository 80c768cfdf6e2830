// Where an answer stands in its text: where the file says, a little beside it, elsewhere, or in another spelling.
import type { Fold, Folded } from './fold';
import { differences, fold, occurrences } from './fold';

/** What became of an answer. Positions are UTF-16. */
export type Placement =
  | { kind: 'exact' | 'shifted' | 'elsewhere'; text: string; start: number }
  /** `start` is that of the word by itself that comes first, or else of the first place. */
  | { kind: 'several'; text: string; start: number; places: number[] }
  | { kind: 'respelled'; text: string; start: number; differs: Fold[]; places: number[] }
  | { kind: 'ambiguous'; places: number[] }
  | { kind: 'missing' };

const isLetter = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}]/u.test(character);

/** Scripts that set no spaces between words: everywhere a word may begin. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;

/** Whether `[start, end)` of a text cuts no word. */
export function isWhole(context: string, start: number, end: number): boolean {
  const cuts = (before: string | undefined, after: string | undefined) => isLetter(before) && isLetter(after);
  return !cuts(context[start - 1], context[start]) && !cuts(context[end - 1], context[end]);
}

/** The first place where a text stands by itself, or else the first inside other words; -1 for none. UTF-16. */
export function findWords(text: string, context: string): number {
  for (let at = context.indexOf(text); at >= 0 && text !== ''; at = context.indexOf(text, at + 1)) {
    if (isWhole(context, at, at + text.length)) return at;
  }
  return context.indexOf(text);
}

/** Looks for answers in one text. */
export class AnswerFinder {
  private folded?: Folded;

  constructor(readonly context: string) {}

  /**
   * @param stated Where the file says that it begins, in UTF-16; `undefined` where it says nothing.
   * @example new AnswerFinder('Ada  won.').find('Ada won', 0) // { kind: 'respelled', text: 'Ada  won', start: 0, differs: ['spaces'], … }
   */
  find(text: string, stated?: number): Placement {
    if (text === '') return { kind: 'missing' };
    if (stated === undefined) return this.findAnywhere(text);
    // one or two to the left, as the lesson looks
    for (const shift of [0, 1, 2]) {
      const start = stated - shift;
      if (start >= 0 && this.context.startsWith(text, start)) return { kind: shift === 0 ? 'exact' : 'shifted', text, start };
    }
    const places = this.literal(text);
    if (places.length === 1) return { kind: 'elsewhere', text, start: places[0] };
    return places.length > 1 ? { kind: 'ambiguous', places } : this.respelled(text, stated);
  } // prettier-ignore

  private findAnywhere(text: string): Placement {
    const places = this.literal(text);
    if (places.length === 0) return this.respelled(text);
    const start = findWords(text, this.context);
    return places.length === 1 ? { kind: 'exact', text, start } : { kind: 'several', text, start, places };
  }

  private literal(text: string): number[] {
    const places: number[] = [];
    for (let at = this.context.indexOf(text); at >= 0; at = this.context.indexOf(text, at + 1)) places.push(at);
    return places;
  }

  private respelled(text: string, stated?: number): Placement {
    const wanted = fold(text.trim());
    this.folded ??= fold(this.context);
    const all = occurrences(wanted, this.folded);
    const near = all.filter(([start]) => stated !== undefined && Math.abs(start - stated) <= 2);
    const words = all.filter(([start, end]) => isWhole(this.context, start, end) || UNSPACED.test(this.context.slice(start, end)));
    const found = near.length === 1 ? near : words;
    if (found.length === 0) return { kind: 'missing' };
    const places = found.map(([start]) => start);
    const spellings = new Set(found.map(([start, end]) => this.context.slice(start, end)));
    if (found.length > 1 && (stated !== undefined || spellings.size > 1)) return { kind: 'ambiguous', places };
    const [[start, end]] = found;
    const own = this.context.slice(start, end);
    return { kind: 'respelled', text: own, start, differs: differences(text, own), places };
  } // prettier-ignore
}

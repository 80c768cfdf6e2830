// Where an answer stands in its text: where the file says, a little off, elsewhere, or in another spelling.
import { type Fold, type Folded, differences, fold, occurrences } from './fold';
import { type Standing, standingOf, standsAt } from './words';

/** What became of an answer. Positions are UTF-16. */
export type Placement =
  | { kind: 'exact'; text: string; start: number; isAttached?: boolean }
  /** `shift`: one or two to the left. */
  | { kind: 'shifted'; text: string; start: number; shift: number; isAttached?: boolean }
  /** The only place where it stands as words. */
  | { kind: 'elsewhere'; text: string; start: number; isAttached?: boolean }
  /** `start` is the first place. */
  | { kind: 'several'; text: string; start: number; places: number[]; isAttached?: boolean }
  | {
      kind: 'respelled';
      text: string;
      start: number;
      differs: (Fold | 'decimals')[];
      places: number[];
      isAttached?: boolean;
    }
  | { kind: 'ambiguous'; places: number[] }
  /** It is there only in the middle of other words. */
  | { kind: 'inside'; places: number[] }
  | { kind: 'missing' };

type Span = [start: number, end: number];

/** Looks for answers in one text. */
export class AnswerFinder {
  private folded?: Folded;

  constructor(readonly context: string) {}

  /**
   * An answer that has to be looked for stands as whole words; where it nowhere does, with an ending or a prefix on it
   * (`isAttached`); never only within other words.
   *
   * @param stated Where the file says that it begins, in UTF-16; `undefined` where it says nothing.
   * @example new AnswerFinder('Ada  won.').find('Ada won', 0) // { kind: 'respelled', text: 'Ada  won', start: 0, differs: ['spaces'], … }
   */
  find(text: string, stated?: number): Placement {
    if (text === '') return { kind: 'missing' };
    const found = (stated === undefined ? undefined : this.nearby(text, stated)) ?? this.anywhere(text, stated);
    return found.kind === 'missing' ? this.withoutDecimals(text, stated) : found;
  }

  /** pandas writes `1903.0` for 1903 in a column that has empty cells. */
  private withoutDecimals(text: string, stated?: number): Placement {
    const [, whole] = /^\s*(-?\d+)[.,]0\s*$/.exec(text) ?? [];
    if (whole === undefined) return { kind: 'missing' };
    const found = this.find(whole, stated);
    if (!('text' in found)) return found;
    const { start, isAttached } = found;
    const places = 'places' in found ? found.places : [start];
    const differs = [...('differs' in found ? found.differs : []), 'decimals' as const];
    return { kind: 'respelled', text: found.text, start, differs, places, ...(isAttached && { isAttached }) };
  }

  /** Where the file says, or one or two characters to the left, as the lesson looks; in another spelling, to either side. */
  private nearby(text: string, stated: number): Placement | undefined {
    for (const shift of [0, 1, 2]) {
      const start = stated - shift;
      if (start < 0 || !standsAt(this.context, text, start)) continue;
      return shift === 0 ? { kind: 'exact', text, start } : { kind: 'shifted', text, start, shift };
    }
    if (this.literal(text).length > 0) return undefined;
    const near = this.respelled(text).filter(([start]) => Math.abs(start - stated) <= 2);
    return near.length === 1 ? this.asRespelled(text, near, stated) : undefined;
  }

  private anywhere(text: string, stated?: number): Placement {
    const literal = this.literal(text);
    for (const standing of ['whole', 'attached'] as const) {
      const isAttached = standing === 'attached' && { isAttached: true };
      const places = this.standing(literal, standing).map(([start]) => start);
      if (places.length > 0) return { ...asLiteral(text, places, stated), ...isAttached };
      const others = this.standing(this.respelled(text), standing);
      if (others.length > 0) return { ...this.asRespelled(text, others, stated), ...isAttached };
    }
    return literal.length === 0 ? { kind: 'missing' } : { kind: 'inside', places: literal.map(([start]) => start) };
  }

  private standing(spans: Span[], wanted: Standing): Span[] {
    return spans.filter(([start, end]) => standingOf(this.context, start, end) === wanted);
  }

  private literal(text: string): Span[] {
    const places: Span[] = [];
    for (let at = this.context.indexOf(text); at >= 0; at = this.context.indexOf(text, at + 1))
      if (standsAt(this.context, text, at)) places.push([at, at + text.length]);
    return places;
  }

  /** Where it stands in another spelling, or in its own. */
  private respelled(text: string): Span[] {
    this.folded ??= fold(this.context);
    return occurrences(fold(text.trim()), this.folded);
  }

  private asRespelled(text: string, found: Span[], stated?: number): Placement {
    const places = found.map(([start]) => start);
    const spellings = new Set(found.map(([start, end]) => this.context.slice(start, end)));
    if (found.length > 1 && (stated !== undefined || spellings.size > 1)) return { kind: 'ambiguous', places };
    const [[start, end]] = found;
    const own = this.context.slice(start, end);
    return { kind: 'respelled', text: own, start, differs: differences(text, own), places };
  }
}

function asLiteral(text: string, places: number[], stated?: number): Placement {
  const [start] = places;
  if (stated === undefined) return places.length === 1 ? { kind: 'exact', text, start } : { kind: 'several', text, start, places }; // prettier-ignore
  return places.length === 1 ? { kind: 'elsewhere', text, start } : { kind: 'ambiguous', places };
}

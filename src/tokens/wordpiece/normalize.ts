// BERT's normalizer: clean, set Chinese characters apart, drop accents, lower; every character knows where it came from.
import { decompose, goesBehind, isChinese, isKeptMark, isMark, isRemoved, isReordered, isWhiteSpace, toLower } from './unicode'; // prettier-ignore

/** The options of `BertNormalizer` in a tokenizer.json. */
export interface NormalizerOptions {
  cleanText: boolean;
  handleChineseChars: boolean;
  stripAccents: boolean;
  lowercase: boolean;
}

/** Normalized text: code point `i` came from the UTF-16 positions `[starts[i], ends[i])` of the text. */
export interface NormalizedText {
  codePoints: number[];
  starts: number[];
  ends: number[];
}

/** Stands for half a surrogate pair, as it does when such a string leaves JavaScript. */
const REPLACEMENT = 0xfffd;
const SPACE = 0x20;
/** Stands for what a character turns into where that depends on its neighbours. */
const MOVES = 'moves';

/**
 * Source: `BertNormalizer` and `NormalizedString::transform` of the Rust crate tokenizers.
 *
 * @example new BertNormalizer(options).normalize('Été 1').codePoints // the code points of 'ete 1'
 */
export class BertNormalizer {
  /** What each character met so far turns into; `MOVES` where that has a mark which may change places. */
  private readonly known = new Map<number, number[] | typeof MOVES>();

  constructor(private readonly options: NormalizerOptions) {}

  /** Normalizes `[from, to)` of `text`; positions count from the start of `text`. */
  normalize(text: string, from = 0, to = text.length): NormalizedText {
    const out: NormalizedText = { codePoints: [], starts: [], ends: [] };
    for (let at = from; at < to;) {
      const codePoint = text.codePointAt(at)!;
      const end = at + (codePoint > 0xffff ? 2 : 1);
      const results = this.expand(codePoint);
      if (results === MOVES) return this.normalizeReordered(text, from, to);
      for (const result of results) push(out, result, at, end);
      at = end;
    }
    return out;
  }

  private expand(codePoint: number): number[] | typeof MOVES {
    let expanded = this.known.get(codePoint);
    if (!expanded) {
      const parts = this.decomposed(codePoint);
      const moves = this.options.stripAccents && parts.some(isKeptMark);
      expanded = moves ? MOVES : parts.flatMap((c) => this.finished(c));
      this.known.set(codePoint, expanded);
    }
    return expanded;
  }

  /** One character cleaned, set apart and decomposed. */
  private decomposed(codePoint: number): number[] {
    const { cleanText, handleChineseChars, stripAccents } = this.options;
    const c = codePoint >= 0xd800 && codePoint <= 0xdfff ? REPLACEMENT : codePoint;
    if (cleanText && isRemoved(c)) return [];
    if (cleanText && isWhiteSpace(c)) return [SPACE];
    const parts = stripAccents ? decompose(c) : [c];
    return handleChineseChars && isChinese(c) ? [SPACE, ...parts, SPACE] : parts;
  }

  private finished(codePoint: number): number[] {
    if (this.options.stripAccents && isMark(codePoint)) return [];
    return this.options.lowercase ? toLower(codePoint) : [codePoint];
  }

  /**
   * The rare text with a mark that stays: marks are put in canonical order first. The reference hands out positions in
   * the order of the result, so a mark that moved gets the position of the one whose place it took.
   */
  private normalizeReordered(text: string, from: number, to: number): NormalizedText {
    const marks: Decomposed[] = [];
    const out: NormalizedText = { codePoints: [], starts: [], ends: [] };
    const places: [start: number, end: number][] = [];
    let consumed = 0;
    const flush = () => {
      for (const { codePoint, isFirst } of inCanonicalOrder(marks.splice(0))) {
        if (isFirst) consumed++;
        const [start, end] = consumed > 0 ? places[consumed - 1] : [0, 0];
        for (const result of this.finished(codePoint)) push(out, result, start, end);
      }
    };
    for (let at = from; at < to;) {
      const source = text.codePointAt(at)!;
      const end = at + (source > 0xffff ? 2 : 1);
      for (const [i, codePoint] of this.decomposed(source).entries()) {
        if (!isReordered(codePoint)) flush();
        if (i === 0) places.push([at, end]);
        marks.push({ codePoint, isFirst: i === 0 });
        if (!isReordered(codePoint)) flush();
      }
      at = end;
    }
    flush();
    return out;
  }
}

/** A character of a decomposition, the first of its source or a further one. */
interface Decomposed {
  codePoint: number;
  isFirst: boolean;
}

/** Stable insertion sort by combining class. */
function inCanonicalOrder(marks: Decomposed[]): Decomposed[] {
  for (let i = 1; i < marks.length; i++) {
    for (let j = i; j > 0 && goesBehind(marks[j - 1].codePoint, marks[j].codePoint); j--) {
      [marks[j - 1], marks[j]] = [marks[j], marks[j - 1]];
    }
  }
  return marks;
}

function push(out: NormalizedText, codePoint: number, start: number, end: number): void {
  out.codePoints.push(codePoint);
  out.starts.push(start);
  out.ends.push(end);
}

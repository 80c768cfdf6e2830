// A set of code points, kept as the ends of its ranges.

/** @example new CodePointSet('1x q').has(97) // true: a gap of 69 in base 36, 26 long … */
export class CodePointSet {
  /** Even: first of a range; odd: first after it. */
  private readonly edges: number[] = [];

  /** @param encoded For each range, in base 36, the gap to the end of the range before and its length. */
  constructor(encoded: string) {
    let at = 0;
    for (const step of encoded.split(' ')) this.edges.push((at += parseInt(step, 36)));
  }

  has(codePoint: number): boolean {
    if (codePoint < this.edges[0]) return false;
    let [low, high] = [0, this.edges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.edges[middle] <= codePoint) low = middle + 1;
      else high = middle;
    }
    return low % 2 === 1;
  }

  /** The set as a part of a pattern's class, to stand within `[` and `]`. */
  toClass(): string {
    const hex = (codePoint: number) => `\\u{${codePoint.toString(16)}}`;
    let source = '';
    for (let i = 0; i < this.edges.length; i += 2) {
      const [first, last] = [this.edges[i], this.edges[i + 1] - 1];
      source += first === last ? hex(first) : `${hex(first)}-${hex(last)}`;
    }
    return source;
  }
}

// The highest of many scores, kept in order without sorting them all.

/** At most `capacity` pairs of numbers with the highest scores, highest first; of equal scores the first offered comes first. */
export class TopPairs {
  size = 0;
  readonly scores: Float32Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;

  constructor(readonly capacity: number) {
    this.scores = new Float32Array(capacity);
    this.starts = new Int32Array(capacity);
    this.ends = new Int32Array(capacity);
  }

  /** What a score must exceed to be kept. */
  get floor(): number {
    return this.size < this.capacity ? -Infinity : this.scores[this.capacity - 1];
  }

  clear(): void {
    this.size = 0;
  }

  /** Scores are compared in float32, as the reference's are. */
  offer(start: number, end: number, score: number): void {
    const rounded = Math.fround(score);
    if (this.size === this.capacity && !(rounded > this.scores[this.capacity - 1])) return;
    let at = this.size < this.capacity ? this.size++ : this.capacity - 1;
    for (; at > 0 && this.scores[at - 1] < rounded; at--) this.move(at - 1, at);
    this.scores[at] = rounded;
    this.starts[at] = start;
    this.ends[at] = end;
  }

  private move(from: number, to: number): void {
    this.scores[to] = this.scores[from];
    this.starts[to] = this.starts[from];
    this.ends[to] = this.ends[from];
  }
}

/**
 * The spans in [from, to), at most `maxLength` tokens long, with the highest products of both probabilities.
 *
 * @example bestPairs(starts, ends, [3, 20], { capacity: 1, maxLength: 15 }).starts[0]
 */
export function bestPairs(
  starts: Float64Array,
  ends: Float64Array,
  [from, to]: readonly [from: number, to: number],
  { capacity, maxLength }: { capacity: number; maxLength: number },
): TopPairs {
  const best = new TopPairs(capacity);
  for (let start = from; start < to; start++) {
    const stop = Math.min(to, start + maxLength);
    for (let end = start; end < stop; end++) best.offer(start, end, starts[start] * ends[end]);
  }
  return best;
}

/**
 * The indices of the highest scores in [from, to), highest first, into `top`; returns how many there are.
 *
 * @example topIndices(Float32Array.of(1, 3, 2), 0, 3, new Int32Array(2)) // 2, top is [1, 2]
 */
export function topIndices(scores: Float32Array, from: number, to: number, top: Int32Array): number {
  let size = 0;
  for (let i = from; i < to; i++) {
    if (size === top.length && !(scores[i] > scores[top[size - 1]])) continue;
    let at = size < top.length ? size++ : size - 1;
    for (; at > 0 && scores[top[at - 1]] < scores[i]; at--) top[at] = top[at - 1];
    top[at] = i;
  }
  return size;
}

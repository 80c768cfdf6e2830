// Tokens under construction, in buffers that grow and are used again.
import type { TextTokens } from '../text-tokens';

/** A list of tokens with their positions and words. */
export class TokenList {
  /** Words so far. */
  wordCount = 0;
  private count = 0;
  private columns = new Int32Array(4 * 256); // [capacity * 4]: id, start, end, word

  clear(): this {
    this.count = 0;
    this.wordCount = 0;
    return this;
  }

  /** Adds a token of the word that is under way. */
  add(id: number, start: number, end: number): void {
    const at = 4 * this.count++;
    if (at === this.columns.length) this.grow();
    this.columns[at] = id;
    this.columns[at + 1] = start;
    this.columns[at + 2] = end;
    this.columns[at + 3] = this.wordCount;
  }

  /** The tokens as plain numbers, to be kept: the number of words, then id, start, end and word of each token. */
  toKept(): number[] {
    return [this.wordCount, ...this.columns.subarray(0, 4 * this.count)];
  }

  /** Adds tokens kept of a text that begins at position `start` of this one's. */
  addKept(kept: number[], start: number): void {
    const firstWord = this.wordCount;
    for (let at = 1; at < kept.length; at += 4) {
      this.wordCount = firstWord + kept[at + 3];
      this.add(kept[at], start + kept[at + 1], start + kept[at + 2]);
    }
    this.wordCount = firstWord + kept[0];
  }

  toTextTokens(): TextTokens {
    const { count, columns } = this;
    // one buffer for all columns: the fewer there are, the shorter the pauses of garbage collection
    const buffer = new Int32Array(count * 4);
    const ids = buffer.subarray(0, count);
    const offsets = buffer.subarray(count, 3 * count);
    const words = buffer.subarray(3 * count);
    for (let i = 0; i < count; i++) {
      ids[i] = columns[4 * i];
      offsets[2 * i] = columns[4 * i + 1];
      offsets[2 * i + 1] = columns[4 * i + 2];
      words[i] = columns[4 * i + 3];
    }
    return { ids, offsets, words: () => words };
  }

  private grow(): void {
    const larger = new Int32Array(this.columns.length * 2);
    larger.set(this.columns);
    this.columns = larger;
  }
}

// One row of tokens and where they come from: the questions people ask of it. All positions are UTF-16.
import type { TokenRows } from './rows';
import type { TextTokenizer } from './text-tokens';

/** How rows are shown: filled up on the right to `length` with `padId`, with or without `offsetMapping`. */
export interface RowView {
  length: number;
  padId: number;
  offsetMapping: boolean;
}

/** A half-open range of characters or tokens. */
export interface Span {
  start: number;
  end: number;
}

/**
 * A view of row `row`: nothing is copied but what padding adds. `length` counts padding.
 *
 * @example (await tokenizer.encode('Where?', 'In Nice.')).tokens() // ['[CLS]', 'where', '?', '[SEP]', 'in', …]
 */
export class Encoding {
  /** Tokens without padding. */
  readonly unpaddedLength: number;
  readonly length: number;
  private readonly first: number;

  constructor(
    private readonly rows: TokenRows,
    private readonly row: number,
    private readonly texts: TextTokenizer,
    private readonly view: RowView,
  ) {
    this.first = rows.rowStart[row];
    this.unpaddedLength = rows.rowStart[row + 1] - this.first;
    this.length = Math.max(this.unpaddedLength, view.length);
  }

  /** Index of the text (or pair) that the row came from, and the number of the row within it, from 0. */
  get sample(): number {
    return this.rows.sample[this.row];
  }

  get overflow(): number {
    return this.rows.overflow[this.row];
  }

  get inputIds(): Int32Array {
    return this.padded(this.rows.inputIds, this.view.padId); // [length]
  }

  get tokenTypeIds(): Uint8Array {
    return this.padded(this.rows.tokenTypeIds, 0); // [length]
  }

  /** 1 for tokens, 0 for padding. */
  get attentionMask(): Uint8Array {
    return new Uint8Array(this.length).fill(1, 0, this.unpaddedLength); // [length]
  }

  /** 1 for the special tokens that the tokenizer added, and for padding. */
  get specialTokensMask(): Uint8Array {
    return Uint8Array.from(this.padded(this.rows.sequences, -1), (sequence) => (sequence < 0 ? 1 : 0)); // [length]
  }

  /** Start and end of each token in its text; 0, 0 for special tokens and padding. */
  get offsets(): Int32Array {
    const offsets = new Int32Array(this.length * 2); // [length * 2]
    offsets.set(this.rows.offsets.subarray(2 * this.first, 2 * (this.first + this.unpaddedLength)));
    return offsets;
  }

  /** The offsets as pairs, when `returnOffsetsMapping` was asked for. */
  get offsetMapping(): [start: number, end: number][] | undefined {
    if (!this.view.offsetMapping) return undefined;
    const { offsets } = this;
    return Array.from({ length: this.length }, (_, i) => [offsets[2 * i], offsets[2 * i + 1]]);
  }

  tokens(): string[] {
    return Array.from(this.inputIds, (id) => this.texts.idToToken(id) ?? '');
  }

  /** 0 or 1 for the first or second text, undefined for special tokens and padding. */
  sequenceIds(): (number | undefined)[] {
    return Array.from(this.padded(this.rows.sequences, -1), orUndefined);
  }

  /** Number of the word in its text, undefined for special tokens and padding. */
  wordIds(): (number | undefined)[] {
    return Array.from(this.padded(this.rows.words, -1), orUndefined);
  }

  /**
   * The first token of text `sequence` that covers the character at `position`; undefined where none does: a space, a
   * character that was dropped or cut off.
   *
   * @example encoding.charToToken(answer.answerStart)
   */
  charToToken(position: number, sequence: 0 | 1 = 0): number | undefined {
    const { offsets, sequences } = this.rows;
    for (let i = this.first; i < this.first + this.unpaddedLength; i++) {
      if (sequences[i] === sequence && offsets[2 * i] <= position && position < offsets[2 * i + 1])
        return i - this.first;
    }
    return undefined;
  }

  /** The characters that `token` covers in its text; undefined for special tokens and padding. */
  tokenToChars(token: number): Span | undefined {
    if (!this.isText(token)) return undefined;
    const at = 2 * (this.first + token);
    return { start: this.rows.offsets[at], end: this.rows.offsets[at + 1] };
  }

  /** Number of the text that `token` came from; undefined for special tokens and padding. */
  tokenToSequence(token: number): number | undefined {
    return this.isText(token) ? this.rows.sequences[this.first + token] : undefined;
  }

  tokenToWord(token: number): number | undefined {
    return this.isText(token) ? this.rows.words[this.first + token] : undefined;
  }

  /** The tokens `[start, end)` of word `word` of text `sequence`, as far as the row holds them. */
  wordToTokens(word: number, sequence: 0 | 1 = 0): Span | undefined {
    const { words, sequences } = this.rows;
    const isPart = (i: number) => words[i] === word && sequences[i] === sequence;
    const stop = this.first + this.unpaddedLength;
    let start = this.first;
    while (start < stop && !isPart(start)) start++;
    if (start === stop) return undefined;
    let end = start;
    while (end < stop && isPart(end)) end++;
    return { start: start - this.first, end: end - this.first };
  }

  /** The characters of word `word` of text `sequence`, as far as the row holds them. */
  wordToChars(word: number, sequence: 0 | 1 = 0): Span | undefined {
    const tokens = this.wordToTokens(word, sequence);
    return tokens && { start: this.tokenToChars(tokens.start)!.start, end: this.tokenToChars(tokens.end - 1)!.end };
  }

  /** The word that covers the character at `position`. */
  charToWord(position: number, sequence: 0 | 1 = 0): number | undefined {
    const token = this.charToToken(position, sequence);
    return token === undefined ? undefined : this.tokenToWord(token);
  }

  /** The text of the row. */
  decode(options: { skipSpecialTokens?: boolean } = {}): Promise<string> {
    return this.texts.decode(Array.from(this.inputIds), options.skipSpecialTokens ?? false);
  }

  private isText(token: number): boolean {
    return token >= 0 && token < this.unpaddedLength && this.rows.sequences[this.first + token] >= 0;
  }

  private padded<T extends Int32Array | Uint8Array | Int8Array>(column: T, value: number): T {
    const own = column.subarray(this.first, this.first + this.unpaddedLength) as T;
    if (own.length === this.length) return own;
    const padded = new (column.constructor as new (length: number) => T)(this.length);
    padded.set(own);
    padded.fill(value, own.length);
    return padded;
  }
}

function orUndefined(value: number): number | undefined {
  return value < 0 ? undefined : value;
}

// What the tokenizer returns for many texts: rows in typed arrays, with the calls people know from Hugging Face.
import { type RowView, type Span, Encoding } from './encoding';
import type { TokenRows } from './rows';
import type { TextTokenizer } from './text-tokens';

/**
 * `length` rows. Each is padded when it is looked at: what is kept is unpadded.
 *
 * @example encodings.at(0).inputIds
 */
export class BatchEncoding implements Iterable<Encoding> {
  readonly length: number;
  /** Index of the text (or pair) that each row came from. */
  readonly overflowToSampleMapping: Int32Array; // [length]

  constructor(
    readonly rows: TokenRows,
    private readonly texts: TextTokenizer,
    private readonly view: RowView,
  ) {
    this.length = rows.count;
    this.overflowToSampleMapping = rows.sample;
  }

  /** Row `row`, from 0. */
  at(row: number): Encoding {
    if (!Number.isInteger(row) || row < 0 || row >= this.length) throw new RangeError(`row ${row} of ${this.length}`);
    return new Encoding(this.rows, row, this.texts, this.view);
  }

  *[Symbol.iterator](): Iterator<Encoding> {
    for (let row = 0; row < this.length; row++) yield this.at(row);
  }

  /** Token of row `row` that covers a character of text `sequence`; see {@link Encoding.charToToken}. */
  charToToken(row: number, position: number, sequence: 0 | 1 = 0): number | undefined {
    return this.at(row).charToToken(position, sequence);
  }

  /** Characters of token `token` of row `row`; see {@link Encoding.tokenToChars}. */
  tokenToChars(row: number, token: number): Span | undefined {
    return this.at(row).tokenToChars(token);
  }

  tokens(row: number): string[] {
    return this.at(row).tokens();
  }

  wordIds(row: number): (number | undefined)[] {
    return this.at(row).wordIds();
  }

  sequenceIds(row: number): (number | undefined)[] {
    return this.at(row).sequenceIds();
  }
}

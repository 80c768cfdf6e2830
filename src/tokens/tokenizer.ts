// The tokenizer as people know it from Hugging Face, over whichever text tokenizer is at hand.
import { createHash } from 'node:crypto';
import { BatchEncoding } from './batch-encoding';
import { type RowOptions, rowChunks } from './chunks';
import { gatherRows } from './columns';
import type { Encoding } from './encoding';
import { TokenError } from './errors';
import { type Layout, toLayout, withoutSpecials } from './layout';
import { loadTextTokenizer, type Backend } from './load';
import { type TokenRows, buildRows } from './rows';
import { writeTokenizerFiles } from './save-tokenizer';
import { type SpecialIds, specialIds } from './special-ids';
import type { TextTokenizer } from './text-tokens';
import type { TokenizerConfig } from './tokenizer-json';
import { type TokenizerFiles, readTokenizerFiles } from './tokenizer-files';
import type { TruncationStrategy } from './truncation';
import { counted } from '../counted';

/** The options of Hugging Face's tokenizer call, with its defaults. */
export interface EncodeOptions {
  /** What gives way in a row longer than `maxLength`; `true` is `longest_first`. */
  truncation?: boolean | TruncationStrategy;
  /** Fill up to the longest row (`true`) or to `maxLength`. */
  padding?: boolean | 'longest' | 'max_length';
  /** Tokens in a row with its special tokens; the model's own limit when not given. */
  maxLength?: number;
  /** Overlap, in tokens, of a window with the one before (what Hugging Face calls stride). */
  stride?: number;
  /** Keep what was cut off as further rows. */
  returnOverflowingTokens?: boolean;
  /** Give rows their `offsetMapping`. */
  returnOffsetsMapping?: boolean;
  /** False: the texts' own tokens only. */
  addSpecialTokens?: boolean;
}

/**
 * Texts to tokens and back, with offsets.
 *
 * @example const tokenizer = await Tokenizer.fromFolder('models/encoder');
 */
export class Tokenizer {
  readonly padId: number;
  readonly clsId: number;
  readonly sepId: number;
  readonly unkId: number;
  /** Undefined for a tokenizer without a mask token. */
  readonly maskId: number | undefined;
  /** The most tokens that the model takes; `Infinity` where its folder does not say. */
  readonly modelMaxLength: number;
  readonly layout: Layout;

  private constructor(
    private readonly files: TokenizerFiles,
    /** What turns single texts into tokens. */
    readonly texts: TextTokenizer,
    ids: SpecialIds,
  ) {
    ({ padId: this.padId, clsId: this.clsId, sepId: this.sepId, unkId: this.unkId, maskId: this.maskId } = ids);
    this.modelMaxLength = longestRow(files.config);
    this.layout = toLayout(files.json.post_processor);
  }

  /**
   * Loads tokenizer.json, or vocab.txt with tokenizer_config.json, from a folder. Truncation and padding that the
   * folder asks for are ignored: a call says what it wants.
   *
   * @param backend `native`, `typescript` or `auto`; `auto` is the fastest that gives the reference's tokens
   * @throws {FileError} when the folder has no tokenizer
   * @throws {TokenError} `E_TOKENIZER_FILE`, `E_TOKENIZER_UNSUPPORTED`, `E_TOKENIZER_NATIVE`
   */
  static async fromFolder(dir: string, backend: Backend = 'auto'): Promise<Tokenizer> {
    const files = await readTokenizerFiles(dir);
    const texts = await loadTextTokenizer(files.json, backend);
    return new Tokenizer(files, texts, specialIds(files.config, texts, dir));
  }

  /** Tokens in the vocabulary, added ones counted. */
  get vocabSize(): number {
    return this.texts.vocabSize;
  }

  /**
   * Tokenizes one text or pair.
   *
   * @returns its first row; use {@link encodeBatch} with `returnOverflowingTokens` for all
   * @example (await tokenizer.encode('Where?', 'In Nice.', { maxLength: 384, truncation: 'only_second' })).inputIds
   */
  async encode(text: string, pair?: string, options: EncodeOptions = {}): Promise<Encoding> {
    const batch = await this.encodeBatch([text], pair === undefined ? undefined : [pair], options);
    return batch.at(0);
  }

  /**
   * Tokenizes texts, or pairs of `texts[i]` and `pairs[i]`, without blocking the event loop.
   *
   * @throws {TokenError} `E_TOKENS_LENGTH`, `E_TOKENS_OVERLAP`, `E_TOKENS_PAIRS`, `E_TOKENS_TOO_LONG`
   * @example await tokenizer.encodeBatch(contexts, questions, { truncation: true, padding: true })
   */
  async encodeBatch(texts: string[], pairs?: string[], options: EncodeOptions = {}): Promise<BatchEncoding> {
    if (pairs && pairs.length !== texts.length) {
      throw new TokenError(
        'E_TOKENS_PAIRS',
        `${counted(texts.length, 'text')} and ${counted(pairs.length, 'pair')}; give one for each text`,
      );
    }
    const source = { count: texts.length, first: (i: number) => texts[i], second: pairs && ((i: number) => pairs[i]) };
    const pieces = rowChunks(this.texts, source, this.rowOptions(options));
    const rows =
      (await gatherRows(pieces, ({ sample, count }) => (sample[count - 1] + 1) / texts.length)) ?? buildRows([], true);
    const length = this.paddedLength(rows, options);
    return new BatchEncoding(rows, this.texts, {
      length,
      padId: this.padId,
      offsetMapping: !!options.returnOffsetsMapping,
    });
  }

  /** The text of `ids`. */
  decode(ids: Iterable<number>, options: { skipSpecialTokens?: boolean } = {}): Promise<string> {
    return this.texts.decode(Array.from(ids), options.skipSpecialTokens ?? false);
  }

  tokenToId(token: string): number | undefined {
    return this.texts.tokenToId(token);
  }

  idToToken(id: number): string | undefined {
    return this.texts.idToToken(id);
  }

  /** Writes the tokenizer's files into `dir`, as Python's `save_pretrained` does. */
  save(dir: string): Promise<void> {
    return writeTokenizerFiles(dir, this.files);
  }

  /** SHA-256 of everything that decides about tokens: equal fingerprints, equal tokens. */
  fingerprint(): string {
    return createHash('sha256').update(JSON.stringify(this.files.json)).digest('hex');
  }

  private rowOptions(options: EncodeOptions): RowOptions {
    const { truncation = false, maxLength = this.modelMaxLength, stride: overlap = 0 } = options;
    const strategy = truncation === true ? 'longest_first' : truncation;
    return {
      layout: options.addSpecialTokens === false ? withoutSpecials(this.layout) : this.layout,
      truncation: strategy && maxLength !== Infinity ? { strategy, maxLength, overlap } : undefined,
      keepOverflow: options.returnOverflowingTokens ?? false,
      withWords: true,
    };
  }

  private paddedLength(
    { rowStart, count }: TokenRows,
    { padding, maxLength = this.modelMaxLength }: EncodeOptions,
  ): number {
    if (!padding) return 0;
    if (padding === 'max_length' && maxLength !== Infinity) return maxLength;
    let longest = 0;
    for (let row = 0; row < count; row++) longest = Math.max(longest, rowStart[row + 1] - rowStart[row]);
    return longest;
  }
}

/** `max_len` is the name that old folders have for it; numbers beyond all models stand for none. */
function longestRow({ model_max_length: limit, max_len: old }: TokenizerConfig): number {
  const length = limit === undefined ? old : limit;
  return typeof length === 'number' && length >= 1 && length < 1e9 ? Math.floor(length) : Infinity;
}

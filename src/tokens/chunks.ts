// The road from texts to rows: pieces of a fixed size, the next ones being tokenized while one is laid out.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TokenError } from './errors';
import { type Layout, specialCount } from './layout';
import { type RowPlan, type TokenRows, buildRows } from './rows';
import type { TextTokenizer, TextTokens } from './text-tokens';
import { type TruncationStrategy, overlapError, truncateRows } from './truncation';

/** Texts or pairs in one piece: laying it out takes some milliseconds, so that a notebook stays alive. */
const CHUNK = 32;

/** What to make of texts; see `EncodeOptions` for the words people know. */
export interface RowOptions {
  layout: Layout;
  /** Undefined: nothing is cut. */
  truncation?: {
    strategy: TruncationStrategy;
    maxLength: number;
    overlap: number;
    /** Where windows could not advance by so much, half of what the other text leaves is the overlap. */
    isFitted?: boolean;
  };
  /** Keep the rows that hold what was cut off. */
  keepOverflow: boolean;
  withWords: boolean;
  /** What an error calls text (or pair) `sample`. */
  nameOf?: (sample: number) => string;
}

/** Texts, or pairs of texts, taken one by one when their turn comes. */
export interface Source {
  count: number;
  first: (sample: number) => string;
  second?: (sample: number) => string;
}

/** Yields the rows of `texts` in order, piece by piece. */
export async function* rowChunks(
  tokenizer: TextTokenizer,
  texts: Source,
  options: RowOptions,
): AsyncGenerator<TokenRows> {
  checkOptions(texts, options);
  const tokenized: Promise<TextTokens[][]>[] = [];
  for (let start = 0, ahead = 0; start < texts.count; start += CHUNK) {
    for (; ahead < texts.count && ahead <= start + tokenizer.concurrency * CHUNK; ahead += CHUNK) {
      tokenized.push(tokenizeChunk(tokenizer, texts, ahead));
    }
    const [first, second = []] = await tokenized.shift()!;
    yield buildRows(
      first.flatMap((tokens, i) => planRows([tokens, second[i]], start + i, options)),
      options.withWords,
    );
    await nextTurn();
  }
}

/** Texts that come more than once, as the contexts of SQuAD do, are tokenized once. */
function tokenizeChunk(tokenizer: TextTokenizer, texts: Source, start: number): Promise<TextTokens[][]> {
  const length = Math.min(CHUNK, texts.count - start);
  const columns = texts.second ? [texts.first, texts.second] : [texts.first];
  const chunks = columns.map((textOf) => Array.from({ length }, (_, i) => textOf(start + i)));
  const distinct = [...new Set(chunks.flat())];
  const tokenized = tokenizer.tokenize(distinct).then((tokens) => {
    const byText = new Map(distinct.map((text, i) => [text, tokens[i]]));
    return chunks.map((chunk) => chunk.map((text) => byText.get(text)!));
  });
  // a failure is met when its turn comes; it must not count as unhandled before
  tokenized.catch(() => undefined);
  return tokenized;
}

function planRows(texts: [TextTokens, TextTokens?], sample: number, options: RowOptions): RowPlan[] {
  const layout = texts[1] ? options.layout.pair : options.layout.single;
  const lengths = texts.map((text) => text?.ids.length ?? 0);
  const plan = { layout, texts, sample };
  if (!options.truncation) return [{ ...plan, parts: [[0, lengths[0]], [0, lengths[1]]], overflow: 0 }]; // prettier-ignore
  const { strategy, maxLength, isFitted } = options.truncation;
  try {
    const room = maxLength - specialCount(layout);
    const left = room - (strategy === 'only_first' ? lengths[1] : strategy === 'only_second' ? lengths[0] : 0);
    const isTooMuch = isFitted === true && options.truncation.overlap >= left;
    const overlap = isTooMuch ? Math.max(0, Math.floor(left / 2)) : options.truncation.overlap;
    const rows = truncateRows(lengths[0], lengths[1], room, strategy, overlap);
    const kept = options.keepOverflow ? rows : rows.slice(0, 1);
    return kept.map((parts, overflow) => ({ ...plan, parts, overflow }));
  } catch (error) {
    if (error instanceof TokenError)
      throw new TokenError(error.code, `${options.nameOf?.(sample) ?? `text ${sample} (from 0)`}: ${error.message}`);
    throw error;
  }
}

function checkOptions({ second }: Source, { truncation, layout }: RowOptions): void {
  if (!truncation) return;
  const { strategy, maxLength, overlap } = truncation;
  const room = maxLength - specialCount(second ? layout.pair : layout.single);
  if (!Number.isInteger(maxLength) || room < 1) {
    throw new TokenError(
      'E_TOKENS_LENGTH',
      `maxLength ${maxLength} leaves no room besides the special tokens; give a whole number of at least ${maxLength - room + 1}`,
    );
  }
  if (!Number.isInteger(overlap) || overlap < 0 || overlap >= room) throw overlapError(overlap, room);
  if (strategy === 'only_second' && !second) {
    throw new TokenError('E_TOKENS_PAIRS', 'truncation only_second needs pairs; give second texts or use only_first');
  }
}

// The tokenizer in a browser: as much of it as `ask` needs, with nothing of Node.
import type { AskTokenizer } from '../../evaluation/ask';
import { BatchEncoding } from '../../tokens/batch-encoding';
import { rowChunks } from '../../tokens/chunks';
import { gatherRows } from '../../tokens/columns';
import type { Encoding } from '../../tokens/encoding';
import { type Layout, toLayout, withoutSpecials } from '../../tokens/layout';
import type { EncodeOptions } from '../../tokens/tokenizer';
import type { TextTokenizer } from '../../tokens/text-tokens';
import type { TokenizerJson } from '../../tokens/tokenizer-json';
import { typescriptTokenizer } from '../../tokens/typescript';

export class PageTokenizer implements AskTokenizer {
  readonly layout: Layout;
  private readonly texts: TextTokenizer;

  /** @throws TokenError `E_TOKENIZER_UNSUPPORTED` when TypeScript does not have all of it */
  constructor(json: TokenizerJson) {
    this.texts = typescriptTokenizer(json);
    this.layout = toLayout(json.post_processor);
  }

  idToToken(id: number): string | undefined {
    return this.texts.idToToken(id);
  }

  async encode(text: string, pair?: string, options: EncodeOptions = {}): Promise<Encoding> {
    return (await this.encodeBatch([text], pair === undefined ? undefined : [pair], options)).at(0);
  }

  async encodeBatch(texts: string[], pairs?: string[], options: EncodeOptions = {}): Promise<BatchEncoding> {
    const { truncation, maxLength, stride: overlap = 0, returnOverflowingTokens: keepOverflow = false } = options;
    const strategy = truncation === true ? 'longest_first' : truncation;
    const source = { count: texts.length, first: (i: number) => texts[i], second: pairs && ((i: number) => pairs[i]) };
    const pieces = rowChunks(this.texts, source, {
      keepOverflow,
      withWords: true,
      layout: options.addSpecialTokens === false ? withoutSpecials(this.layout) : this.layout,
      truncation: strategy && maxLength !== undefined ? { strategy, maxLength, overlap } : undefined,
    });
    const rows = await gatherRows(pieces, ({ sample, count }) => (sample[count - 1] + 1) / texts.length);
    return new BatchEncoding(rows!, this.texts, { length: 0, padId: 0, offsetMapping: false });
  }
}

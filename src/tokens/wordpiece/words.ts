// BERT's pre-tokenizer: words end at white space, each punctuation mark is a word; each word becomes its pieces.
import type { BertNormalizer, NormalizedText } from './normalize';
import type { WordPieceModel } from './pieces';
import type { TokenList } from './token-list';
import { isPunctuation, isWhiteSpace } from './unicode';

const [LETTER, SPACE, PUNCTUATION] = [1, 2, 3];
/** The kind of each character met so far, 0 for not met. */
const kinds = new Uint8Array(0x110000);

/** Source: `BertPreTokenizer` of the Rust crate tokenizers. */
export class WordSplitter {
  constructor(
    private readonly normalizer: BertNormalizer,
    private readonly model: WordPieceModel,
  ) {}

  /** Adds the tokens of `[from, to)` of `text` to `out`, with positions in `text`. */
  split(text: string, from: number, to: number, out: TokenList): void {
    const normalized = this.normalizer.normalize(text, from, to);
    const { codePoints } = normalized;
    let start = 0;
    for (let i = 0; i <= codePoints.length; i++) {
      const kind = i < codePoints.length ? kindOf(codePoints[i]) : SPACE;
      if (kind === LETTER) continue;
      if (i > start) this.addWord(normalized, start, i, out);
      if (kind === PUNCTUATION) this.addWord(normalized, i, i + 1, out);
      start = i + 1;
    }
  }

  private addWord({ codePoints, starts, ends }: NormalizedText, start: number, end: number, out: TokenList): void {
    const { ids, lengths } = this.model.pieces(toText(codePoints, start, end));
    let at = start;
    for (let i = 0; i < ids.length; i++) {
      out.add(ids[i], starts[at], ends[at + lengths[i] - 1]);
      at += lengths[i];
    }
    out.wordCount++;
  }
}

function kindOf(codePoint: number): number {
  if (kinds[codePoint] === 0) {
    kinds[codePoint] = isWhiteSpace(codePoint) ? SPACE : isPunctuation(codePoint) ? PUNCTUATION : LETTER;
  }
  return kinds[codePoint];
}

function toText(codePoints: number[], start: number, end: number): string {
  let text = '';
  for (let i = start; i < end; i++) text += String.fromCodePoint(codePoints[i]);
  return text;
}

// WordPiece: the longest pieces of a word that the vocabulary has, from left to right.

/** The pieces of a word: ids, and how many code points each covers. */
export interface WordPieces {
  ids: number[];
  lengths: number[];
}

export interface WordPieceOptions {
  vocab: Map<string, number>;
  unkId: number;
  /** `##`: marks a piece that does not begin its word. */
  prefix: string;
  /** A word of more code points is unknown. */
  maxWordLength: number;
}

/** Words remembered; past that, all are forgotten and learned again. */
const REMEMBERED = 1 << 15;

/** Source: `WordPiece::tokenize` of the Rust crate tokenizers; Wu et al. 2016, arXiv 1609.08144. */
export class WordPieceModel {
  private readonly known = new Map<string, WordPieces>();
  /** Code points of the longest token: nothing longer need be looked for. */
  private readonly longest: number;

  constructor(private readonly options: WordPieceOptions) {
    this.longest = Math.max(1, longestToken(options.vocab));
  }

  /** @example model.pieces('embeddings').ids // 'em', '##bed', '##ding', '##s' */
  pieces(word: string): WordPieces {
    let pieces = this.known.get(word);
    if (!pieces) {
      if (this.known.size >= REMEMBERED) this.known.clear();
      pieces = this.split(Array.from(word));
      this.known.set(word, pieces);
    }
    return pieces;
  }

  private split(chars: string[]): WordPieces {
    const { vocab, unkId, prefix, maxWordLength } = this.options;
    const unknown = { ids: [unkId], lengths: [chars.length] };
    if (chars.length > maxWordLength) return unknown;
    const found: WordPieces = { ids: [], lengths: [] };
    for (let start = 0; start < chars.length;) {
      let end = Math.min(chars.length, start + this.longest);
      let id: number | undefined;
      for (; end > start; end--) {
        id = vocab.get((start > 0 ? prefix : '') + chars.slice(start, end).join(''));
        if (id !== undefined) break;
      }
      if (id === undefined) return unknown;
      found.ids.push(id);
      found.lengths.push(end - start);
      start = end;
    }
    return found;
  }
}

function longestToken(vocab: Map<string, number>): number {
  let longest = 0;
  for (const token of vocab.keys()) longest = Math.max(longest, token.length); // in units, of which there are no fewer
  return longest;
}

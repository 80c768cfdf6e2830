// What turns a word into tokens: byte pairs, Unigram or WordPiece.

/** The tokens of a word with their UTF-16 positions in it. */
export interface WordTokens {
  ids: number[];
  starts: number[];
  ends: number[];
}

/** The middle of a tokenizer. */
export interface WordModel {
  tokens(word: string): WordTokens;
  tokenToId(token: string): number | undefined;
  /** Every token with its id. */
  entries(): Iterable<[token: string, id: number]>;
}

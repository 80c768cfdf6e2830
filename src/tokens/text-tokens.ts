// One text without special tokens, and what turns texts into that: the native package or plain TypeScript.

/** The tokens of one text, without special tokens. */
export interface TextTokens {
  ids: Int32Array; // [tokens]
  /** UTF-16 start and end of each token in the text. */
  offsets: Int32Array; // [tokens * 2]
  /** The word (pre-token) that each token is a part of, from 0. Computed when asked for. */
  words(): Int32Array; // [tokens]
}

/** A loaded vocabulary with its rules: all that a `Tokenizer` needs to know of it. */
export interface TextTokenizer {
  readonly name: 'native' | 'typescript';
  readonly vocabSize: number;
  /** How many calls of `tokenize` are worth having under way besides one: 0 when it works on the caller's thread. */
  readonly concurrency: number;
  /** Must not keep the event loop busy for more than a few milliseconds per text. */
  tokenize(texts: string[]): Promise<TextTokens[]>;
  decode(ids: number[], skipSpecialTokens: boolean): Promise<string>;
  tokenToId(token: string): number | undefined;
  idToToken(id: number): string | undefined;
}

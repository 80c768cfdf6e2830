// How the entries of a vocabulary say where words begin: WordPiece marks what goes on with a word, the others what begins one.
import type { Tokenizer } from './tokenizer';

/** `##` before what goes on with a word (WordPiece); `Ġ` (byte-level BPE) or `▁` (SentencePiece) before what begins one. */
export type PieceMark = '##' | 'Ġ' | '▁';
const MARKS: PieceMark[] = ['##', 'Ġ', '▁'];

/** So many entries of a vocabulary, spread over it, tell which mark it has. */
const SAMPLE = 4000;
const known = new WeakMap<Tokenizer, PieceMark>();

/**
 * The mark that the tokenizer's vocabulary has.
 *
 * @example pieceMark(tokenizer) // '##'
 */
export function pieceMark(tokenizer: Tokenizer): PieceMark {
  let mark = known.get(tokenizer);
  if (!mark) {
    const step = Math.max(1, Math.floor(tokenizer.vocabSize / SAMPLE));
    const counts = new Map(MARKS.map((mark) => [mark, 0]));
    for (let id = 0; id < tokenizer.vocabSize; id += step) {
      const found = MARKS.find((mark) => tokenizer.idToToken(id)?.startsWith(mark));
      if (found) counts.set(found, counts.get(found)! + 1);
    }
    mark = MARKS.reduce((best, mark) => (counts.get(mark)! > counts.get(best)! ? mark : best));
    known.set(tokenizer, mark);
  }
  return mark;
}

/** Whether a token goes on with the word before it. A sign that is neither letter nor digit is a word of its own. */
export function continuesWord(token: string, mark: PieceMark): boolean {
  if (mark === '##') return token.startsWith('##') && token.length > 2;
  return !token.startsWith(mark) && /^[\p{L}\p{N}]/u.test(token);
}

/** Tokens that stand for no text: `[CLS]`, `<s>`, `<|endoftext|>`. */
export function isSpecialToken(token: string): boolean {
  return /^\[[^\]]+\]$|^<[^<>]+>$/.test(token);
}

/** The token without its mark. */
export function withoutMark(token: string, mark: PieceMark): string {
  return token.startsWith(mark) && token.length > mark.length ? token.slice(mark.length) : token;
}

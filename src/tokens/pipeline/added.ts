// Tokens that are looked for in a text before it is cut: the special ones, and those that somebody added.
import type { AddedTokenJson } from '../tokenizer-json';
import type { Normalizer } from './normalizers';
import { type Piece, slicePiece, toPiece } from './piece';

/** A part of a text: one added token, or text that is to be cut. */
export interface Part {
  piece: Piece;
  /** Of the added token. */
  id?: number;
}

/** Tokens that are found together, and by what. */
interface Wanted {
  pattern: RegExp;
  byText: Map<string, AddedTokenJson>;
}

const WORD_END = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u;
const WORD_START = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;
const SPACE_START = /^\p{White_Space}*/u;
const SPACE = /^\p{White_Space}$/u;

/** Source: `AddedVocabulary` of the Rust crate tokenizers. */
export class AddedTokens {
  private readonly plain: Wanted | undefined;
  private readonly normalized: Wanted | undefined;

  /** @param splitsSpecial Whether special tokens in a text are cut like other words. */
  constructor(
    tokens: AddedTokenJson[],
    private readonly normalize: Normalizer,
    private readonly splitsSpecial: boolean,
  ) {
    const filled = tokens.filter(({ content }) => content !== '');
    this.plain = toWanted(filled.filter(({ normalized }) => !normalized).map((token) => [token.content, token]));
    this.normalized = toWanted(
      filled.filter(({ normalized }) => normalized).map((token) => [this.shown(token), token]),
    );
  }

  /** The text that a token is found by, and that it is in decoded texts. */
  shown({ content, normalized }: AddedTokenJson): string {
    return normalized ? this.normalize(toPiece(content)).text : content;
  }

  /** A text normalized, with added tokens found before and after: some are meant as they are written, others as they become. */
  extract(text: string): Part[] {
    return this.find({ piece: toPiece(text) }, this.plain).flatMap((part) => {
      if (part.id !== undefined) return [part];
      return this.find({ piece: this.normalize(part.piece) }, this.normalized);
    });
  }

  private find({ piece }: Part, wanted: Wanted | undefined): Part[] {
    const { text } = piece;
    const parts: Part[] = [];
    const add = (start: number, end: number, id?: number) => {
      if (start < end) parts.push({ piece: slicePiece(piece, start, end), id });
    };
    let from = 0;
    for (const { 0: found, index = 0 } of wanted ? text.matchAll(wanted.pattern) : []) {
      const token = wanted!.byText.get(found)!;
      if (this.splitsSpecial && token.special) continue;
      let [start, end] = [index, index + found.length];
      if (token.single_word && (WORD_END.test(text.slice(Math.max(0, start - 2), start)) || WORD_START.test(text.slice(end, end + 2)))) continue; // prettier-ignore
      if (token.lstrip) start = Math.max(from, startOfSpace(text, start));
      if (token.rstrip) end += SPACE_START.exec(text.slice(end))![0].length;
      add(from, start);
      add(start, end, token.id);
      from = end;
    }
    add(from, text.length);
    return parts;
  }
}

function startOfSpace(text: string, end: number): number {
  let start = end;
  while (start > 0 && SPACE.test(text[start - 1])) start--;
  return start;
}

/** The first place counts, and there the longest token. */
function toWanted(tokens: [text: string, token: AddedTokenJson][]): Wanted | undefined {
  const byText = new Map(tokens.filter(([text]) => text !== ''));
  if (byText.size === 0) return undefined;
  const sorted = [...byText.keys()].sort((a, b) => b.length - a.length);
  const escaped = sorted.map((text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  return { pattern: new RegExp(escaped.join('|'), 'gu'), byText };
}

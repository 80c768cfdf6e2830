// Unigram: of all ways to cut a word into pieces, the one whose scores have the greatest sum (Kudo 2018).
import type { TokenizerJson } from '../tokenizer-json';
import { asRust } from './rust-number';
import { Trie } from './trie';
import type { WordModel, WordTokens } from './word-model';

/** An unknown character scores worse than the worst piece, by this. */
const UNKNOWN_PENALTY = 10;
const encoder = new TextEncoder();

/** Source: `Unigram` of the Rust crate tokenizers (`encode_optimized`). */
export class UnigramModel implements WordModel {
  private readonly ids = new Map<string, number>();
  private readonly pieces: [token: string, score: number][];
  private readonly trie = new Trie();
  private readonly unkId: number | undefined;
  private readonly unknownScore: number;
  private readonly fallsBack: boolean;

  constructor({ model }: TokenizerJson) {
    const vocabulary = model.vocab as unknown as [string, number][];
    this.pieces = model.exact_scores ? vocabulary : vocabulary.map(([token, score]) => [token, asRust(score)]);
    let worst = Infinity;
    for (const [id, [token, score]] of this.pieces.entries()) {
      this.ids.set(token, id);
      this.trie.add(token, id);
      if (score < worst) worst = score;
    }
    this.unkId = (model.unk_id as number | null | undefined) ?? undefined;
    this.unknownScore = worst - UNKNOWN_PENALTY;
    this.fallsBack = model.byte_fallback === true;
  }

  tokens(word: string): WordTokens {
    const out: WordTokens = { ids: [], starts: [], ends: [] };
    for (const [start, end] of this.cut(word)) {
      const id = this.ids.get(word.slice(start, end));
      const bytes = id === undefined && this.fallsBack ? this.byteIds(word.slice(start, end)) : undefined;
      for (const one of bytes ?? [id ?? this.unkId ?? 0]) {
        out.ids.push(one);
        out.starts.push(start);
        out.ends.push(end);
      }
    }
    return out;
  }

  tokenToId(token: string): number | undefined {
    return this.ids.get(token);
  }

  entries(): Iterable<[string, number]> {
    return this.ids;
  }

  /** The best way through the word, from left to right; neighbours that are unknown become one. */
  private cut(word: string): [start: number, end: number][] {
    const size = word.length;
    const scores = new Float64Array(size + 1);
    const froms = new Int32Array(size + 1).fill(-1);
    const ids = new Int32Array(size + 1);
    const offer = (start: number, end: number, score: number, id: number) => {
      const sum = score + scores[start];
      if (froms[end] >= 0 && !(sum > scores[end])) return;
      scores[end] = sum;
      froms[end] = start;
      ids[end] = id;
    };
    for (let start = 0; start < size;) {
      const width = word.codePointAt(start)! > 0xffff ? 2 : 1;
      let hasSingle = false;
      this.trie.prefixes(word, start, (end, id) => {
        offer(start, end, this.pieces[id][1], id);
        if (end === start + width) hasSingle = true;
      });
      if (!hasSingle) offer(start, start + width, this.unknownScore, this.unkId ?? -1);
      start += width;
    }
    return this.collect(froms, ids, size);
  }

  private collect(froms: Int32Array, ids: Int32Array, size: number): [start: number, end: number][] {
    const parts: [number, number][] = [];
    let unknownEnd = -1;
    for (let end = size; end > 0;) {
      const start = froms[end];
      if (ids[end] === this.unkId) {
        if (unknownEnd < 0) unknownEnd = end;
      } else {
        if (unknownEnd >= 0) parts.push([end, unknownEnd]);
        unknownEnd = -1;
        parts.push([start, end]);
      }
      end = start;
    }
    if (unknownEnd >= 0) parts.push([0, unknownEnd]);
    return parts.reverse();
  }

  private byteIds(text: string): number[] | undefined {
    const names = Array.from(encoder.encode(text), (byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
    const ids = names.map((name) => this.ids.get(name));
    return ids.every((id) => id !== undefined) ? ids : undefined;
  }
}

// Byte-pair encoding: neighbours are joined, those that were learned first at first (Sennrich et al. 2016).
import { quoted } from '../../printable';
import { TokenError } from '../errors';
import type { TokenizerJson } from '../tokenizer-json';
import type { WordModel, WordTokens } from './word-model';

/** A pair's key: ids are below 2^24. */
const WIDTH = 1 << 24;
/** Words of more symbols are joined by a heap; shorter ones faster without. */
const FEW = 24;
const encoder = new TextEncoder();

interface Merge {
  rank: number;
  id: number;
}

/** Source: `BPE` of the Rust crate tokenizers. */
export class BpeModel implements WordModel {
  private readonly vocab: Map<string, number>;
  private readonly merges = new Map<number, Merge>();
  private readonly prefix: string;
  private readonly suffix: string;
  private readonly unkId: number | undefined;
  private readonly fusesUnknown: boolean;
  private readonly fallsBack: boolean;
  private readonly ignoresMerges: boolean;

  constructor({ model }: TokenizerJson) {
    this.vocab = new Map(Object.entries(model.vocab));
    this.prefix = (model.continuing_subword_prefix as string | null) ?? '';
    this.suffix = (model.end_of_word_suffix as string | null) ?? '';
    const unk = model.unk_token as string | null | undefined;
    this.unkId = unk === null || unk === undefined ? undefined : this.vocab.get(unk);
    this.fusesUnknown = model.fuse_unk === true;
    this.fallsBack = model.byte_fallback === true;
    this.ignoresMerges = model.ignore_merges === true;
    const merges = Array.isArray(model.merges) ? (model.merges as unknown[]) : [];
    for (const [rank, merge] of merges.entries()) this.addMerge(merge, rank);
  }

  private addMerge(merge: unknown, rank: number): void {
    const parts = typeof merge === 'string' ? merge.split(' ') : merge;
    const fail = () =>
      new TokenError(
        'E_TOKENIZER_FILE',
        `tokenizer.json: merge ${rank} is ${quoted(merge)}, not two tokens that the vocabulary has joined`,
      );
    if (!Array.isArray(parts) || parts.length !== 2 || parts.some((part) => typeof part !== 'string')) throw fail();
    const [left, right] = parts as [string, string];
    const joined =
      left + (this.prefix !== '' && right.startsWith(this.prefix) ? right.slice(this.prefix.length) : right);
    const [a, b, id] = [left, right, joined].map((token) => this.vocab.get(token));
    if (a === undefined || b === undefined || id === undefined) throw fail();
    this.merges.set(a * WIDTH + b, { rank, id });
  }

  tokens(word: string): WordTokens {
    const whole = this.ignoresMerges ? this.vocab.get(word) : undefined;
    if (whole !== undefined) return { ids: [whole], starts: [0], ends: [word.length] };
    const symbols = this.fallsBack ? this.symbols(word, byteLength) : this.symbols(word, (text) => text.length);
    if (symbols.ids.length <= FEW) joinFew(symbols, this.merges);
    else joinMany(symbols, this.merges);
    return this.fallsBack ? toUnits(word, symbols) : toPositions(symbols);
  }

  tokenToId(token: string): number | undefined {
    return this.vocab.get(token);
  }

  entries(): Iterable<[string, number]> {
    return this.vocab;
  }

  /** The characters of a word as tokens. An unknown one waits for the next that is known, as in the reference. */
  private symbols(word: string, lengthOf: (text: string) => number): Symbols {
    const out: Symbols = { ids: [], lengths: [] };
    let waiting = 0; // length of the unknown that was not added yet
    for (const [character, name] of this.named(word)) {
      const [id, length] = [this.vocab.get(name), lengthOf(character)];
      if (id !== undefined) {
        if (waiting > 0) addSymbol(out, this.unkId!, waiting);
        waiting = 0;
        addSymbol(out, id, length);
        continue;
      }
      const bytes = this.fallsBack ? this.byteIds(name) : undefined;
      if (bytes) for (const byte of bytes) addSymbol(out, byte, 1);
      else if (this.unkId !== undefined) {
        if (waiting > 0 && !this.fusesUnknown) addSymbol(out, this.unkId, waiting);
        waiting = this.fusesUnknown ? waiting + length : length;
      }
    }
    if (waiting > 0) addSymbol(out, this.unkId!, waiting);
    return out;
  }

  /** The characters of a word, and what the vocabulary calls them there. */
  private *named(word: string): Generator<[character: string, name: string]> {
    let at = 0;
    for (const character of word) {
      const prefix = at > 0 ? this.prefix : '';
      at += character.length;
      yield [character, prefix + character + (at === word.length ? this.suffix : '')];
    }
  }

  private byteIds(text: string): number[] | undefined {
    const names = Array.from(encoder.encode(text), (byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
    const ids = names.map((name) => this.vocab.get(name));
    return ids.every((id) => id !== undefined) ? ids : undefined;
  }
}

/** Tokens of a word one after another, with their lengths. */
interface Symbols {
  ids: number[];
  lengths: number[];
}

function addSymbol({ ids, lengths }: Symbols, id: number, length: number): void {
  ids.push(id);
  lengths.push(length);
}

function byteLength(text: string): number {
  const code = text.codePointAt(0)!;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/** Joins the pair of lowest rank, the first of its kind, until there is none. */
function joinFew({ ids, lengths }: Symbols, merges: Map<number, Merge>): void {
  for (;;) {
    let best: Merge | undefined;
    let at = -1;
    for (let i = 0; i + 1 < ids.length; i++) {
      const merge = merges.get(ids[i] * WIDTH + ids[i + 1]);
      if (merge && (!best || merge.rank < best.rank)) [best, at] = [merge, i];
    }
    if (!best) return;
    ids[at] = best.id;
    lengths[at] += lengths[at + 1];
    ids.splice(at + 1, 1);
    lengths.splice(at + 1, 1);
  }
}

/** The same for long words: pairs in a heap by rank and place, neighbours in a list. */
function joinMany(symbols: Symbols, merges: Map<number, Merge>): void {
  const { ids, lengths } = symbols;
  const count = ids.length;
  const next = Int32Array.from(ids, (_, i) => (i + 1 < count ? i + 1 : -1));
  const before = Int32Array.from(ids, (_, i) => i - 1);
  const heap = new Heap();
  const offer = (i: number) => {
    if (i < 0 || next[i] < 0) return;
    const merge = merges.get(ids[i] * WIDTH + ids[next[i]]);
    if (merge) heap.push(merge.rank, i, merge.id);
  };
  for (let i = 0; i < count; i++) offer(i);
  for (let top = heap.pop(); top; top = heap.pop()) {
    const { at, id } = top;
    const right = next[at];
    if (lengths[at] === 0 || right < 0 || merges.get(ids[at] * WIDTH + ids[right])?.id !== id) continue;
    ids[at] = id;
    lengths[at] += lengths[right];
    lengths[right] = 0;
    next[at] = next[right];
    if (next[at] >= 0) before[next[at]] = at;
    offer(before[at]);
    offer(at);
  }
  symbols.ids = ids.filter((_, i) => lengths[i] > 0);
  symbols.lengths = lengths.filter((length) => length > 0);
}

interface Entry {
  rank: number;
  at: number;
  id: number;
}

/** Lowest rank first, then the first place. */
class Heap {
  private readonly entries: Entry[] = [];

  push(rank: number, at: number, id: number): void {
    const entry = { rank, at, id };
    let i = this.entries.length;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(entry, this.entries[parent])) break;
      this.entries[i] = this.entries[parent];
      i = parent;
    }
    this.entries[i] = entry;
  }

  pop(): Entry | undefined {
    const { entries } = this;
    const top = entries[0] as Entry | undefined;
    const last = entries.pop();
    if (!last || entries.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= entries.length) break;
      if (child + 1 < entries.length && isBefore(entries[child + 1], entries[child])) child++;
      if (!isBefore(entries[child], last)) break;
      entries[i] = entries[child];
      i = child;
    }
    entries[i] = last;
    return top;
  }
}

const isBefore = (a: Entry, b: Entry) => a.rank < b.rank || (a.rank === b.rank && a.at < b.at);

function toPositions({ ids, lengths }: Symbols): WordTokens {
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const length of lengths) {
    starts.push(at);
    ends.push((at += length));
  }
  return { ids, starts, ends };
}

/** From lengths in bytes to positions in the word: a token of some bytes of a character stands for the character. */
function toUnits(word: string, symbols: Symbols): WordTokens {
  const unitOf: number[] = []; // of each byte
  for (let at = 0; at < word.length;) {
    const width = word.codePointAt(at)! > 0xffff ? 2 : 1;
    for (let i = byteLength(word.slice(at, at + width)); i > 0; i--) unitOf.push(at);
    at += width;
  }
  const { ids, starts, ends } = toPositions(symbols);
  const endOf = (byte: number) => unitOf[byte] + (word.codePointAt(unitOf[byte])! > 0xffff ? 2 : 1);
  return { ids, starts: starts.map((byte) => unitOf[byte]), ends: ends.map((byte) => endOf(byte - 1)) };
}

// SentencePiece's map of characters: a tree in one array, and the texts that it leads to.
import { TokenError } from '../errors';
import { type Change, type Piece, transform } from './piece';

const encoder = new TextEncoder();
/** Clusters of more bytes are looked up character by character. */
const LONGEST_CLUSTER = 5;
/** Results remembered; past that, all are forgotten. */
const REMEMBERED = 1 << 14;
/** Made when it is needed: that takes 10 ms. */
let segmenter: Intl.Segmenter | undefined;

/** Source: the crate spm_precompiled 0.1, and `Precompiled` of the Rust crate tokenizers. */
export class CharacterMap {
  private readonly units: Uint32Array;
  private readonly texts: Uint8Array;
  private readonly known = new Map<string, string | null>();

  /** @param base64 The map as tokenizer.json has it. @throws TokenError `E_TOKENIZER_FILE` */
  constructor(base64: string) {
    const bytes = Uint8Array.from(atob(checked(base64)), (c) => c.charCodeAt(0));
    const size = bytes.length < 4 ? -1 : new DataView(bytes.buffer).getUint32(0, true);
    if (size < 4 || size % 4 !== 0 || 4 + size > bytes.length) {
      throw new TokenError('E_TOKENIZER_FILE', 'tokenizer.json: precompiled_charsmap is cut off; fetch the file again');
    }
    this.units = new Uint32Array(bytes.buffer.slice(4, 4 + size));
    this.texts = bytes.subarray(4 + size);
  }

  normalize(piece: Piece): Piece {
    const changes: Change[] = [];
    let isChanged = false;
    const add = (part: string): boolean => {
      const found = this.find(part);
      if (found === null) return false;
      isChanged = true;
      replace(changes, part, found);
      return true;
    };
    for (const cluster of clusters(piece.text)) {
      if (encodedLength(cluster) <= LONGEST_CLUSTER && add(cluster)) continue;
      for (const character of cluster) if (!add(character)) changes.push({ text: character, change: 0 });
    }
    return isChanged ? transform(piece, changes) : piece;
  }

  /** What stands for a text: that of its shortest beginning which the map has; null where it has none. */
  private find(part: string): string | null {
    let found = this.known.get(part);
    if (found === undefined) {
      if (this.known.size >= REMEMBERED) this.known.clear();
      found = this.search(encoder.encode(part));
      this.known.set(part, found);
    }
    return found;
  }

  private search(key: Uint8Array): string | null {
    const { units } = this;
    let position = offsetOf(units[0]);
    for (const byte of key) {
      if (byte === 0) return null;
      position ^= byte;
      const unit = units[position] as number | undefined;
      if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return null;
      position ^= offsetOf(unit);
      if ((unit >>> 8) & 1) return this.textAt((units[position] ?? 0) & 0x7fffffff);
    }
    return null;
  }

  private textAt(start: number): string {
    const end = this.texts.indexOf(0, start);
    return new TextDecoder().decode(this.texts.subarray(start, end < 0 ? undefined : end));
  }
}

function checked(base64: unknown): string {
  if (typeof base64 === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(base64) && base64.length % 4 === 0) return base64;
  throw new TokenError(
    'E_TOKENIZER_FILE',
    'tokenizer.json: precompiled_charsmap is not in base 64; fetch the file again',
  );
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}

function encodedLength(text: string): number {
  return text.length > LONGEST_CLUSTER ? Infinity : encoder.encode(text).length;
}

/** The text as what people see as one character; where nothing can join, each is one, which is found far sooner. */
function* clusters(text: string): Generator<string> {
  const simple = /[\t\x20-\x7e]+(?![^\t\x20-\x7e])/y;
  for (let at = 0; at < text.length;) {
    simple.lastIndex = at;
    const plain = simple.exec(text)?.[0];
    if (plain) {
      yield* plain;
      at += plain.length;
      continue;
    }
    const end = endOfHard(text, at);
    segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
    for (const { segment } of segmenter.segment(text.slice(at, end))) yield segment;
    at = end;
  }
}

/** Where two characters follow of which neither joins with anything before it. */
function endOfHard(text: string, from: number): number {
  const next = /[\x20-\x7e](?=[\x20-\x7e])/g;
  next.lastIndex = from;
  const found = next.exec(text);
  return found ? Math.max(found.index + 1, from + 1) : text.length;
}

/** Source: `replace` in the crate's precompiled.rs. */
function replace(changes: Change[], old: string, text: string): void {
  const added = Array.from(text, (character): Change => ({ text: character, change: 0 }));
  const difference = added.length - Array.from(old).length;
  changes.push(...added);
  if (difference > 0) for (const one of changes.slice(-difference)) one.change = 1;
  else if (difference < 0 && changes.length > 0) changes[changes.length - 1].change += difference;
}

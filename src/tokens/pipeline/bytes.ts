// Bytes as characters that can be seen, as GPT-2 writes them: texts of any script become words over 256 signs.
import { type Change, type Piece, transform } from './piece';

/** The sign of each byte: itself where it is one that can be seen, else one from U+0100 on. */
const SIGNS = signs();

function signs(): string[] {
  const isSeen = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isSeen(byte) ? byte : next++));
}

const BYTES = new Map(SIGNS.map((sign, byte) => [sign, byte]));
const encoder = new TextEncoder();
/** The signs of every character met so far that is not ASCII. */
const known = new Map<string, string>();

function signsOf(character: string): string {
  let found = known.get(character);
  if (found === undefined) {
    found = Array.from(encoder.encode(character), (byte) => SIGNS[byte]).join('');
    known.set(character, found);
  }
  return found;
}

/** A piece as the signs of its bytes. Source: `ByteLevel` of the Rust crate tokenizers. */
export function toSigns(piece: Piece): Piece {
  const { text } = piece;
  let isAscii = true;
  let out = '';
  for (let i = 0; i < text.length && isAscii; i++) {
    const code = text.charCodeAt(i);
    isAscii = code < 128;
    out += SIGNS[code & 255];
  }
  if (isAscii) return { ...piece, text: out };
  const changes: Change[] = [];
  for (const character of text) {
    let change = 0;
    for (const sign of signsOf(character)) {
      changes.push({ text: sign, change });
      change = 1;
    }
  }
  return transform(piece, changes);
}

/** The text that signs stand for; bytes that are no UTF-8 become U+FFFD. */
export function fromSigns(text: string): string {
  const bytes: number[] = [];
  for (const sign of text) {
    const byte = BYTES.get(sign);
    if (byte === undefined) return text;
    bytes.push(byte);
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

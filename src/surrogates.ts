// UTF-8 of a wrong kind: characters beyond U+FFFF as two surrogates of three bytes each, as Java and some data bases write them (CESU-8,
// Unicode Technical Report 26), or as halves of them (WTF-8).
import { isUtf8 } from 'node:buffer';

const LEAD = 0xed;

/** Whether a surrogate of three bytes begins at a place. */
export function isSurrogateAt(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === LEAD && bytes[at + 1] >= 0xa0 && bytes[at + 1] <= 0xbf && (bytes[at + 2] & 0xc0) === 0x80;
}

/**
 * The text of such bytes; `undefined` where they are something else. A half without its other one stays what it is.
 *
 * @example decodeSurrogates(Buffer.from([0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80])) // { text: '😀', encoding: 'CESU-8' }
 */
export function decodeSurrogates(bytes: Buffer): { text: string; encoding: 'CESU-8' | 'WTF-8' } | undefined {
  const parts: string[] = [];
  let from = 0;
  for (let at = bytes.indexOf(LEAD); at >= 0; at = bytes.indexOf(LEAD, at + 1)) {
    if (!isSurrogateAt(bytes, at)) continue;
    if (!isUtf8(bytes.subarray(from, at))) return undefined;
    parts.push(
      bytes.toString('utf8', from, at),
      String.fromCharCode(0xd000 | ((bytes[at + 1] & 0x3f) << 6) | (bytes[at + 2] & 0x3f)),
    );
    from = at + 3;
  }
  if (from === 0 || !isUtf8(bytes.subarray(from))) return undefined;
  const text = [...parts, bytes.toString('utf8', from)].join('');
  return { text, encoding: /\p{Surrogate}/u.test(text) ? 'WTF-8' : 'CESU-8' };
}

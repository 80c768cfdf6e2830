// Bytes to text: UTF-8, UTF-16 with and without its mark, and the Windows-1252 of old spreadsheets; which of them is said.
import { constants, isUtf8 } from 'node:buffer';
import { FileError } from '../errors';
import { decodeSurrogates } from '../surrogates';

export interface Decoded {
  /** Without a byte-order mark. */
  text: string;
  /** `UTF-8`, `UTF-16`, `CESU-8`, `WTF-8`, `Windows-1252`, or the name that was asked for. */
  encoding: string;
  hasMark: boolean;
}

/**
 * The text of bytes, without a byte-order mark.
 *
 * Bytes that are no UTF-8 are taken for Windows-1252 when all of them are letters or signs there, when none of them looks like a
 * part of UTF-8, and when they are few among plain ones: another alphabet, or a damaged file, would become gibberish in silence.
 *
 * @param where What the bytes are, for messages.
 * @param encoding A name that `TextDecoder` knows, such as `windows-1251`; without it the bytes decide.
 * @throws FileError `E_FILE_ENCODING`, `E_FILE_LARGE`
 * @example decode(Buffer.from([0xff, 0xfe, 0x41, 0x00]), 'a.csv').text // 'A'
 */
export function decode(bytes: Buffer, where: string, encoding?: string): Decoded {
  if (bytes.length > constants.MAX_STRING_LENGTH) {
    const size = Math.round(bytes.length / 1e6);
    throw new FileError('E_FILE_LARGE', `${where}: ${size} MB are more than one text can have; split it into parts`);
  }
  if (encoding !== undefined) return decodeAs(bytes, where, encoding);
  const head = bytes.toString('latin1', 0, 4);
  if (/^(?:\xff\xfe\0\0|\0\0\xfe\xff)/.test(head)) throw refused(where, 'it is in UTF-32');
  if (/^(?:\xff\xfe|\xfe\xff)/.test(head)) return decodeUtf16(bytes, where, head.startsWith('\xff') ? 'utf-16le' : 'utf-16be', true); // prettier-ignore
  const wide = looksWide(bytes);
  if (wide !== undefined) return decodeUtf16(bytes, where, wide, false);
  if (isUtf8(bytes)) {
    const text = bytes.toString('utf8');
    const hasMark = text.startsWith('\ufeff');
    if (isUtf7(text)) throw refused(where, 'it is in UTF-7');
    return { text: hasMark ? text.slice(1) : text, encoding: 'UTF-8', hasMark };
  }
  const halves = decodeSurrogates(bytes);
  if (halves !== undefined) return { ...halves, text: halves.text.replace(/^\ufeff/, ''), hasMark: false };
  return decodeWindows(bytes, where);
}

const refused = (where: string, problem: string) =>
  new FileError('E_FILE_ENCODING', `${where}: ${problem}; save it again as UTF-8, or name its encoding (--encoding)`);

function decodeAs(bytes: Buffer, where: string, encoding: string): Decoded {
  if (/^(?:windows-1252|cp1252)$/i.test(encoding)) return decodeWindows(bytes, where, true);
  if (/^(?:cesu-?8|wtf-?8)$/i.test(encoding)) return decode(bytes, where);
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(encoding, { fatal: true });
  } catch {
    throw new FileError('E_FILE_ENCODING', `${where}: no encoding is called ${JSON.stringify(encoding)}; windows-1252, windows-1251, shift_jis, gb18030 and euc-kr are`); // prettier-ignore
  }
  try {
    return { text: decoder.decode(bytes), encoding: decoder.encoding, hasMark: false };
  } catch {
    throw refused(where, `it is not in ${encoding}`);
  }
}

function decodeUtf16(bytes: Buffer, where: string, name: string, hasMark: boolean): Decoded {
  try {
    return { text: new TextDecoder(name, { fatal: true }).decode(bytes), encoding: 'UTF-16', hasMark };
  } catch {
    throw refused(where, 'it looks like UTF-16, but is damaged');
  }
}

/** How much is looked at, bytes. */
const SAMPLE = 1 << 16;

/**
 * UTF-16 without its mark: separators and line ends, of which half is a zero, and nothing that no text has. In the wrong order letters
 * become characters of scripts that do not exist.
 */
function looksWide(bytes: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  const sample = bytes.subarray(0, Math.min(SAMPLE, bytes.length - (bytes.length % 2)));
  if (sample.length < 4 || !sample.includes(0)) return undefined;
  const [little, big] = [judge(sample), judge(Buffer.from(sample).swap16())];
  const [best, other] = little.score > big.score ? [little, big] : [big, little];
  // a zero or two in a text of plain letters make no UTF-16
  const least = isUtf8(bytes) ? 0.3 : 0.0005;
  const units = sample.length / 2;
  if (best.score <= 2 * other.score || best.plain < least * units || best.odd > 0.02 * units) return undefined;
  return best === little ? 'utf-16le' : 'utf-16be';
}

/** How many characters are printable ASCII, tabs and line ends, and how many are none that a text has. */
function judge(bytes: Buffer): { plain: number; odd: number; score: number } {
  const text = bytes.toString('utf16le');
  const plain = text.match(/[\t\n\r -~]/g)?.length ?? 0;
  const odd = text.match(/[\p{Cn}\p{Co}\p{Cs}\x00-\x08\x0b\x0c\x0e-\x1f]/gu)?.length ?? 0;
  return { plain, odd, score: plain - 4 * odd };
}

/** What Windows-1252 has where Latin-1 has control characters. */
const SIGNS = Array.from('€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ');

/** Bytes that stand for nothing in Windows-1252, and those of control characters, which no text file has. */
const NOTHING = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d, ...Array.from({ length: 32 }, (_, i) => i)]);
for (const byte of [0x09, 0x0a, 0x0c, 0x0d]) NOTHING.delete(byte);

/** @param isKnown Whether somebody has said that it is this encoding. */
function decodeWindows(bytes: Buffer, where: string, isKnown = false): Decoded {
  const [first, inUtf8] = badBytes(bytes);
  let [high, letters] = [0, 0];
  for (const byte of bytes) {
    if (NOTHING.has(byte)) throw refused(where, `byte ${first} is not UTF-8`);
    high += Number(byte >= 0xc0);
    letters += Number((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a);
  }
  if (!isKnown && (inUtf8 > 0 || high > 0.3 * (letters + high))) throw refused(where, `byte ${first} is not UTF-8`);
  // not by TextDecoder, which in some versions of Node.js takes it for Latin-1
  const text = bytes.toString('latin1').replace(/[\x80-\x9f]/g, (sign) => SIGNS[sign.charCodeAt(0) - 0x80]);
  return { text, encoding: 'Windows-1252', hasMark: false };
}

/** The place of the first byte that is no UTF-8, and how many characters of several bytes are good UTF-8. */
function badBytes(bytes: Buffer): [first: number, good: number] {
  let [first, good] = [-1, 0];
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] < 0x80) continue;
    const size = bytes[i] >= 0xf0 ? 4 : bytes[i] >= 0xe0 ? 3 : 2;
    if (isUtf8(bytes.subarray(i, i + size))) {
      good++;
      i += size - 1;
    } else if (first < 0) first = i;
  }
  return [first, good];
}

/** A run of UTF-7, and what ends it. */
const RUN = /\+([A-Za-z0-9+/]*)-?/g;

/**
 * Whether a text is UTF-7 (RFC 2152), which old mail programs write: plain letters only, and after each plus sign UTF-16 in base 64.
 * Two runs at least: one could be an accident.
 */
function isUtf7(text: string): boolean {
  if (!text.includes('+') || /[^\x00-\x7f]/.test(text)) return false;
  let count = 0;
  for (const [run, code] of text.matchAll(RUN)) {
    if (run === '+-') continue;
    if (!isWide(code)) return false;
    count++;
  }
  return count >= 2;
}

/** Whether base 64 holds whole characters of UTF-16 and nothing but zeros behind them. */
function isWide(code: string): boolean {
  const bits = Array.from(code, (sign) => ALPHABET.indexOf(sign).toString(2).padStart(6, '0')).join('');
  const rest = bits.length % 16;
  if (bits.length < 16 || rest >= 6 || bits.slice(bits.length - rest).includes('1')) return false;
  return (bits.slice(0, bits.length - rest).match(/.{16}/g) ?? []).every((unit) => Number.parseInt(unit, 2) >= 32 || /^0{12}(?:1001|1010|1101)$/.test(unit)); // prettier-ignore
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

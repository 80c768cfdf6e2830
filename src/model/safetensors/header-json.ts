// The header as strict JSON: what JSON.parse forgives in silence, a repeated key and 1e2 for a whole number, is refused.

/** Thrown with the position, in characters. */
export class HeaderProblem extends Error {
  constructor(
    readonly rule: 'JSON' | 'DUPLICATE',
    message: string,
  ) {
    super(message);
  }
}

/**
 * Parses a header. The scan for repeated keys needs no parser of its own, since the text is valid JSON by then.
 *
 * @throws HeaderProblem
 */
export function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  const text = decode(bytes);
  if (!text.startsWith('{')) throw new HeaderProblem('JSON', 'the header must begin with {');
  checkSize(bytes);
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    throw new HeaderProblem('JSON', `the header is not valid JSON (${(error as Error).message})`);
  }
  scan(text);
  return header;
}

/** A tensor's description holds lists of numbers and nothing deeper; the reference passes over fields that it does not know. */
const DEEPEST = 100;
/** Objects, one a tensor: a hundred times as many as the largest encoders have. */
const MOST_OBJECTS = 100_000;

/** Before it is parsed: a header of megabytes of brackets would take gigabytes. */
function checkSize(bytes: Uint8Array): void {
  let [depth, objects] = [0, 0];
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === 0x22) i = endOfBytes(bytes, i);
    else if (byte === 0x7d || byte === 0x5d) depth--;
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > DEEPEST) throw new HeaderProblem('JSON', `the header nests more than ${DEEPEST} deep at byte ${i}`);
      if (byte === 0x7b && ++objects > MOST_OBJECTS + 1) {
        throw new HeaderProblem('JSON', `the header has more than ${MOST_OBJECTS} objects`);
      }
    }
  }
}

/** The closing quote of the string that begins at `begin`, or the end. */
function endOfBytes(bytes: Uint8Array, begin: number): number {
  for (let i = begin + 1; i < bytes.length; i++) {
    if (bytes[i] === 0x22) return i;
    if (bytes[i] === 0x5c) i++;
  }
  return bytes.length;
}

/** A byte-order mark stays, and is refused as no `{`. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new HeaderProblem('JSON', 'the header is not UTF-8');
  }
}

/** The beginning of a string, numbers and what opens, closes or separates; all else in valid JSON does not matter here. */
const TOKENS = /-?\d[\d.eE+-]*|["{}[\]:]/g;

/** A string to its end by a loop: a pattern for it would overflow the stack at some megabytes. */
function* tokensOf(text: string): Generator<[token: string, index: number]> {
  const pattern = new RegExp(TOKENS);
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    if (match[0] === '"') pattern.lastIndex = endOfString(text, match.index);
    yield [text.slice(match.index, pattern.lastIndex), match.index];
  }
}

function endOfString(text: string, begin: number): number {
  for (let i = begin + 1; ; i++) {
    if (text[i] === '"') return i + 1;
    if (text[i] === '\\') i++;
  }
}

function scan(text: string): void {
  const open: (Set<string> | undefined)[] = []; // the keys of each object that is open; an array has none
  let last = { text: '', at: 0 };
  for (const [token, index] of tokensOf(text)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') addKey(open.at(-1)!, last);
    else if (token.startsWith('"')) checkText(token, index);
    else if (!/^\d+$/.test(token)) {
      throw new HeaderProblem('JSON', `${token} at character ${index} of the header is no whole number`);
    }
    last = { text: token, at: index };
  }
}

/** Half of a pair of surrogates is no character, and no name. */
function checkText(token: string, at: number): void {
  if (!token.includes('\\u') || !/\p{Surrogate}/u.test(JSON.parse(token) as string)) return;
  throw new HeaderProblem('JSON', `the text at character ${at} of the header has half a character`);
}

function addKey(keys: Set<string>, { text, at }: { text: string; at: number }): void {
  const key = JSON.parse(text) as string;
  if (keys.has(key))
    throw new HeaderProblem('DUPLICATE', `${text} occurs twice, again at character ${at} of the header`);
  keys.add(key);
}

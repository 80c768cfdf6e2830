// Control characters that stand in texts of JSON as they are, which it does not allow: line breaks and tabs of whoever wrote it by hand.

/** What people know by a name. */
const NAMES: Record<number, [name: string, escaped: string]> = {
  0x08: ['a backspace', '\\b'],
  0x09: ['a tab', '\\t'],
  0x0a: ['a line break', '\\n'],
  0x0c: ['a form feed', '\\f'],
  0x0d: ['a carriage return', '\\r'],
};

/** A file of more was made to fill memories. */
const MOST = 1e6;

/** The control characters in the texts of a file that would be JSON without them, by their places; and the file without them. */
export interface RawControls {
  places: number[];
  /** JSON that holds the same. */
  escaped: string;
}

/**
 * @returns nothing where this is not what is wrong with the text
 * @example rawControls('{"a": "x\ty"}')?.places // [8]
 */
export function rawControls(text: string): RawControls | undefined {
  const places: number[] = [];
  let isInside = false;
  for (let i = 0; i < text.length; i++) {
    const sign = text.charCodeAt(i);
    if (sign === 0x22) isInside = !isInside;
    else if (isInside && sign === 0x5c) i++;
    else if (isInside && sign < 0x20) places.push(i);
    if (places.length > MOST) return undefined;
  }
  if (places.length === 0) return undefined;
  const escaped = withEscapes(text, places);
  return isJson(escaped) ? { places, escaped } : undefined;
}

/**
 * In a phrase: which the first is, and where.
 *
 * @param isLine Whether the text is a line of a file, whose number is said elsewhere.
 * @example describeControls('{"a": "x\ty"}', [8]) // 'a tab (U+0009) stands in a text as it is, at line 1, column 9, where JSON wants \\t'
 */
export function describeControls(text: string, places: number[], isLine = false): string {
  const [at] = places;
  const code = text.charCodeAt(at);
  const [name, escaped] = NAMES[code] ?? ['a control character', `\\u${hex(code).toLowerCase()}`];
  const lines = text.slice(0, at).split(/\r\n|\n|\r/);
  const place = `at ${isLine ? '' : `line ${lines.length}, `}column ${lines.at(-1)!.length + 1}`;
  const more = places.length > 1 ? ` (the first of ${places.length})` : '';
  return `${name} (U+${hex(code)}) stands in a text as it is, ${place}, where JSON wants ${escaped}${more}`;
}

const hex = (code: number) => code.toString(16).toUpperCase().padStart(4, '0');

function withEscapes(text: string, places: number[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const at of places) {
    const code = text.charCodeAt(at);
    parts.push(text.slice(from, at), `\\u${hex(code)}`);
    from = at + 1;
  }
  return parts.join('') + text.slice(from);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

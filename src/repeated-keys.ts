// Names that stand twice in one object of a JSON text: the parser keeps the last value and says nothing.

/** A name that an object has more than once. */
export interface RepeatedKey {
  /** The object, such as `data[0].paragraphs[2]`; empty for the outermost one. */
  path: string;
  key: string;
}

interface Frame {
  /** Of an object: its names so far. */
  keys?: Set<string>;
  /** Where the reading is in it: a name, or the number of an entry. */
  at: string | number;
  wantsKey: boolean;
}

/**
 * Each repetition, in the order of the text.
 *
 * @param text Valid JSON.
 * @example repeatedKeys('{"a": 1, "b": [{"c": 2, "c": 3}]}') // [{ path: 'b[0]', key: 'c' }]
 */
export function repeatedKeys(text: string): RepeatedKey[] {
  const found: RepeatedKey[] = [];
  const frames: Frame[] = [];
  for (let i = 0; i < text.length; i++) {
    const sign = text.charCodeAt(i);
    const top = frames.at(-1);
    if (sign === 0x22) {
      const end = endOfString(text, i);
      if (top?.wantsKey) takeKey(top, text.slice(i, end + 1), frames, found);
      i = end;
    } else if (sign === 0x7b) frames.push({ keys: new Set(), at: '', wantsKey: true });
    else if (sign === 0x5b) frames.push({ at: 0, wantsKey: false });
    else if (sign === 0x7d || sign === 0x5d) frames.pop();
    else if (sign === 0x2c && top) {
      if (top.keys) top.wantsKey = true;
      else top.at = (top.at as number) + 1;
    }
  }
  return found;
}

function takeKey(frame: Frame, raw: string, frames: Frame[], found: RepeatedKey[]): void {
  const key = raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1);
  if (frame.keys!.has(key)) found.push({ path: pathOf(frames.slice(0, -1).map(({ at }) => at)), key });
  frame.keys!.add(key);
  frame.at = key;
  frame.wantsKey = false;
}

/** Names and numbers of entries as a path. @example pathOf(['data', 0, 'title']) // 'data[0].title' */
export function pathOf(places: (string | number)[]): string {
  return places.map((at) => (typeof at === 'number' ? `[${at}]` : `.${at}`)).join('').replace(/^\./, ''); // prettier-ignore
}

/** The closing quote of the string that begins at `begin`. */
function endOfString(text: string, begin: number): number {
  let end = text.indexOf('"', begin + 1);
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let count = 0;
  while (text[at - 1 - count] === '\\') count++;
  return count % 2 === 1;
}

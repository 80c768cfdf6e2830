// Objects of JSON one after the other in one text, as programs write them that append: `{…}{…}`, or each over many lines.
import { notJson } from '../json-file';
import { parseExactly } from './exact-json';
import { checkHeap } from './heap';
import { type Loose, readLoosely } from './loose-json';

/** One of them. */
export interface Item {
  text: string;
  value?: unknown;
  /** Of one that is not quite JSON, what it is. */
  loose?: Loose;
  /** Of one that cannot be read, why. */
  broken?: string;
}

/** After how many the memory is looked at. */
const CHECKED = 10_000;

/** What may stand between two of them. */
const BETWEEN = /(?:[\s,\ufeff]|\/\/[^\r\n]*|\/\*[^]*?\*\/)*/y;

/**
 * The objects (or lists) of a text, of which the last may be cut off; `undefined` for a text that is anything else than several.
 *
 * @throws FileError `E_FILE_LARGE`, which names the file, for more than the memory holds
 * @example itemsIn('{"a": 1}{"a": 2}', 'mine.json')?.map(({ value }) => value) // [{ a: 1 }, { a: 2 }]
 */
export function itemsIn(text: string, file: string): Item[] | undefined {
  const items: Item[] = [];
  for (let at = afterSpace(text, 0); at < text.length;) {
    if (text[at] !== '{' && text[at] !== '[') return undefined;
    const end = endOf(text, at);
    // one object that is not whole is no sequence
    if (end === undefined && items.length === 0) return undefined;
    items.push(read(text.slice(at, end)));
    if (items.length % CHECKED === 0) checkHeap(file, items.length);
    at = afterSpace(text, end ?? text.length);
  }
  return items.length > 1 ? items : undefined;
}

function afterSpace(text: string, at: number): number {
  BETWEEN.lastIndex = at;
  BETWEEN.exec(text);
  return Math.max(at, BETWEEN.lastIndex);
}

/** Where the object that begins at a place ends; `undefined` where it does not. */
function endOf(text: string, begin: number): number | undefined {
  const sign = /"[^"\\]*(?:\\[^][^"\\]*)*(?:"|$)|[[\]{}]/g;
  sign.lastIndex = begin;
  let depth = 0;
  for (let found = sign.exec(text); found; found = sign.exec(text)) {
    const first = found[0][0];
    if (first === '{' || first === '[') depth++;
    else if (first !== '"' && --depth === 0) return sign.lastIndex;
  }
  return undefined;
}

function read(text: string): Item {
  try {
    return { text, value: parseExactly(text) };
  } catch (error) {
    const loose = readLoosely(text, true);
    return loose === undefined ? { text, broken: notJson(text, error) } : { text, value: loose.value, loose };
  }
}

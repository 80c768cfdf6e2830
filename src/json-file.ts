// The JSON files of a model folder, as people have them: with a byte-order mark, comments, Python's NaN; but no traps.
import { readLimited } from './limited-file';
import { MISTAKEN_HEAD, mistakenFor } from './mistaken-file';
import { quoted } from './printable';
import { describeControls, rawControls } from './raw-control';
import { repeatedKeys } from './repeated-keys';
import { decodeText } from './text-file';

/** Real files nest a dozen levels; code that walks through them would overflow the stack at some thousands. */
const DEEPEST = 200;

/** What is wrong with a text that should be JSON: a phrase for a message that names the file. */
export class JsonProblem extends Error {}

/**
 * Reads one JSON object.
 *
 * @param largest Bytes.
 * @param fail Makes the error for what is wrong, from a phrase such as `not valid JSON (…)`, or of a name that stands twice in it.
 * @param keepsNaN What Python writes for no number becomes that, and not null, for which readers have defaults.
 * @throws FileError; what `fail` makes
 * @example readJsonObject('config.json', 1 << 24, (problem) => new ModelError('E_MODEL_CONFIG', problem))
 */
export function readJsonObject(
  file: string,
  largest: number,
  fail: (problem: string) => Error,
  keepsNaN = false,
): Record<string, unknown> {
  const bytes = readLimited(file, largest);
  const mistaken = mistakenFor(bytes.subarray(0, MISTAKEN_HEAD), 'JSON');
  if (mistaken !== undefined) throw fail(`${file}: ${mistaken}`);
  const text = decodeText(bytes, file);
  try {
    return parseJsonObject(text, keepsNaN);
  } catch (error) {
    throw error instanceof JsonProblem ? fail(`${file}: ${error.message}`) : error;
  }
}

/** One JSON object, comments and a byte-order mark allowed. @throws JsonProblem */
export function parseJsonObject(text: string, keepsNaN = false): Record<string, unknown> {
  if (jsonDepth(text) > DEEPEST) throw new JsonProblem(`its lists and objects nest more than ${DEEPEST} deep`);
  const [value, plain] = parseTolerant(text.replace(/^\ufeff/, ''), keepsNaN);
  refuseRepeated(plain);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new JsonProblem(`it holds ${describe(value)}, not an object { … }; fetch it again`);
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

/** Two values for one name: the parser takes the last, and whoever reads the file may have meant the first. */
function refuseRepeated(text: string): void {
  const [repeated] = repeatedKeys(text);
  if (repeated === undefined) return;
  const place = repeated.path === '' ? '' : ` in ${quoted(repeated.path)}`;
  throw new JsonProblem(`${quoted(repeated.key)} stands twice${place}; delete the one that is not meant`);
}

/** @returns the value, and the text that the parser took */
function parseTolerant(text: string, keepsNaN: boolean): [unknown, string] {
  try {
    return [JSON.parse(text) as unknown, text];
  } catch (error) {
    try {
      const plain = withoutExtras(text, keepsNaN);
      return [JSON.parse(plain, (_, value: unknown) => (isMark(value) ? Number(value.slice(1)) : value)), plain];
    } catch {
      throw new JsonProblem(reason(text, error as Error));
    }
  }
}

function reason(text: string, error: Error): string {
  const mistaken = mistakenFor(Buffer.from(text.trim().slice(0, MISTAKEN_HEAD)), 'JSON');
  return mistaken ?? `${notJson(text, error)}; fetch it again`;
}

/**
 * What is wrong with a text that is no JSON, in a line: parsers show a part of it, and call an empty one unexpected.
 *
 * @example notJson('', error) // 'it is empty'
 */
export function notJson(text: string, error: unknown): string {
  if (text.trim() === '') return 'it is empty';
  const controls = rawControls(text);
  if (controls) return `not valid JSON: ${describeControls(text, controls.places)}`;
  return `not valid JSON (${(error as Error).message.replace(/\s+/g, ' ')})`;
}

/** How deep lists and objects nest, outside strings. */
export function jsonDepth(text: string): number {
  let [depth, deepest] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) i = endOfString(text, i);
    else if (c === 0x7b || c === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (c === 0x7d || c === 0x5d) depth--;
  }
  return deepest;
}

/** The closing quote of the string that begins at `begin`, or the end of the text. */
function endOfString(text: string, begin: number): number {
  for (let i = begin + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) return i;
    if (c === 0x5c) i++;
  }
  return text.length;
}

/** Before a number that JSON cannot write; of those for private use, and in no file. */
const MARK = '\uf8f5';
const isMark = (value: unknown): value is string =>
  typeof value === 'string' && /^\uf8f5-?(?:NaN|Infinity)$/.test(value);

/** Blanks comments and commas before a closing bracket; what Python writes for no number becomes null, or a text with a mark. */
function withoutExtras(text: string, keepsNaN: boolean): string {
  const parts: string[] = [];
  const other = /"|\/\/[^\n]*|\/\*[^]*?\*\/|,(?=\s*[\]}])|-?\b(?:NaN|Infinity)\b/g;
  let from = 0;
  for (let match = other.exec(text); match; match = other.exec(text)) {
    if (match[0] === '"') {
      other.lastIndex = endOfString(text, match.index) + 1;
      continue;
    }
    const isNumber = /[NI]/.test(match[0][0] + match[0][1]);
    parts.push(text.slice(from, match.index), !isNumber ? ' ' : keepsNaN ? `"${MARK}${match[0]}"` : 'null');
    from = other.lastIndex;
  }
  return parts.join('') + text.slice(from);
}

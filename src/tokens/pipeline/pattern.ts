// Patterns of a tokenizer.json: compiled once, and kept from taking for ever.
import { quoted } from '../../printable';
import { TokenError } from '../errors';
import { Deadline } from './limits';
import { PatternProblem, translatePattern } from './pattern-source';
import type { Match } from './piece';

/** Patterns that are in use, and whose time grows with the text and no faster, whatever their form lets fear. */
const KNOWN = new Set([
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  '\\s{2,}|[\\n\\r\\t]',
  ' {2,}',
  '\\s+',
]);
/** Longest text for a pattern that is not known and whose time grows as the square of its length. */
const LONGEST_SQUARE = 10_000;

/** A way of finding parts of a text. */
export type Finder = (text: string) => Match[];

/**
 * Finds the matches of a pattern of Oniguruma's, one after the other, and what is between them.
 *
 * @throws TokenError `E_TOKENIZER_PATTERN` for a pattern that is not understood, or that may take for ever
 * @example toFinder(' {2,}')('a  b') // [[0, 1, false], [1, 3, true], [3, 4, false]]
 */
export function toFinder(pattern: string): Finder {
  const { regex, degree } = compile(pattern);
  const isKnown = KNOWN.has(pattern);
  return (text) => {
    if (!isKnown && degree > 1 && text.length > LONGEST_SQUARE) throw tooLong(pattern, text.length);
    return isKnown ? findAll(text, regex) : findStepwise(text, regex);
  };
}

function compile(pattern: string): { regex: RegExp; degree: number } {
  try {
    const { source, degree } = translatePattern(pattern);
    if (degree > 2) throw new PatternProblem('three repetitions without end, one after the other, may take for ever');
    return { regex: new RegExp(source, KNOWN.has(pattern) ? 'gu' : 'yu'), degree };
  } catch (error) {
    throw new TokenError(
      'E_TOKENIZER_PATTERN',
      `tokenizer.json: the pattern ${quoted(pattern)} is not supported: ${(error as Error).message}; write it in a form that JavaScript has`,
    );
  }
}

function tooLong(pattern: string, length: number): TokenError {
  const problem = `the pattern ${quoted(pattern)} may take for ever on a text of ${length} characters`;
  return new TokenError('E_TOKENIZER_LIMIT', `tokenizer.json: ${problem}; at most ${LONGEST_SQUARE} are allowed`);
}

function findAll(text: string, regex: RegExp): Match[] {
  if (text === '') return [[0, 0, false]];
  const matches: Match[] = [];
  let from = 0;
  regex.lastIndex = 0;
  for (let match = regex.exec(text); match; match = regex.exec(text)) {
    const [start, end] = [match.index, match.index + match[0].length];
    if (start > from) matches.push([from, start, false]);
    matches.push([start, end, true]);
    from = end;
    if (end === start) regex.lastIndex += (text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1;
  }
  if (from < text.length) matches.push([from, text.length, false]);
  return matches;
}

/** As {@link findAll}, but place by place, so that time is measured: a search of its own could not be stopped. */
function findStepwise(text: string, regex: RegExp): Match[] {
  if (text === '') return [[0, 0, false]];
  const matches: Match[] = [];
  const deadline = new Deadline();
  let from = 0;
  for (let at = 0; at <= text.length;) {
    deadline.check();
    regex.lastIndex = at;
    const found = regex.exec(text);
    const width = (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
    if (!found) {
      at += width;
      continue;
    }
    if (at > from) matches.push([from, at, false]);
    from = at + found[0].length;
    matches.push([at, from, true]);
    at = from > at ? from : at + width;
  }
  if (from < text.length) matches.push([from, text.length, false]);
  return matches;
}

/** Finds a text as it stands. */
export function textFinder(wanted: string): Finder {
  return (text) => {
    if (text === '') return [[0, 0, false]];
    const matches: Match[] = [];
    let from = 0;
    for (let at = text.indexOf(wanted); at >= 0 && wanted !== ''; at = text.indexOf(wanted, from)) {
      if (at > from) matches.push([from, at, false]);
      from = at + wanted.length;
      matches.push([at, from, true]);
    }
    if (from < text.length) matches.push([from, text.length, false]);
    return matches;
  };
}

/** Finds characters of a kind, each a match of its own. */
export function characterFinder(isOne: (codePoint: number) => boolean): Finder {
  return (text) => {
    const matches: Match[] = [];
    let from = 0;
    for (let at = 0; at < text.length;) {
      const codePoint = text.codePointAt(at)!;
      const end = at + (codePoint > 0xffff ? 2 : 1);
      if (isOne(codePoint)) {
        if (at > from) matches.push([from, at, false]);
        matches.push([at, end, true]);
        from = end;
      }
      at = end;
    }
    if (from < text.length) matches.push([from, text.length, false]);
    return matches;
  };
}

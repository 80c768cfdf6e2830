// Oniguruma's patterns as JavaScript's, and how long they may take. Only what is understood is accepted.
import { CodePointSet } from '../code-point-set';
import { LETTERS, NUMBERS } from './unicode-data';

/** A pattern in JavaScript's words (flags `u`), and how its time grows with the text. */
export interface PatternSource {
  source: string;
  /** The most repetitions without end in one way through the pattern: time grows as this power of the text's length. */
  degree: number;
  /** In how many ways it can match at one place, its repetitions without end aside, as a power of two. */
  choices: number;
}

/** Thrown with what is not understood, or what may take for ever. */
export class PatternProblem extends Error {}

const SPACE = '\\p{White_Space}';
const WORD = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}';
/** The two properties that tokenizers go by, whatever version of Unicode this JavaScript has. */
const TABLES: Record<string, string> = {
  L: new CodePointSet(LETTERS).toClass(),
  N: new CodePointSet(NUMBERS).toClass(),
};
const CLASSES: Record<string, string> = { s: SPACE, S: '\\P{White_Space}', d: '\\p{Nd}', D: '\\P{Nd}' };
const PROPERTIES = /^(?:L|Lu|Ll|Lt|Lm|Lo|M|Mn|Mc|Me|N|Nd|Nl|No|P|Pc|Pd|Ps|Pe|Pi|Pf|Po|S|Sm|Sc|Sk|So|Z|Zs|Zl|Zp|C|Cc|Cf|Han|Hiragana|Katakana|Latin|Hangul|Thai|Lao|Khmer|Myanmar|Arabic|Cyrillic|Greek|Hebrew|Devanagari)$/; // prettier-ignore
const SCRIPTS = /^[A-Z][a-z]{2,}$/;
/** More repetitions than this of something count as repetitions without end. */
const MANY = 64;
/** As a power of two: what is tried at one place of a text before the clock is looked at again. */
const MOST_CHOICES = 16;
const LONGEST_PATTERN = 4000;
const DEEPEST = 20;

/** @throws PatternProblem @example translatePattern(' ?\\p{L}+').degree // 1 */
export function translatePattern(pattern: string): PatternSource {
  if (pattern.length > LONGEST_PATTERN) throw new PatternProblem(`it has ${pattern.length} characters`);
  const parser = new Parser(pattern);
  const found = parser.alternatives(0, false);
  if (!parser.isAtEnd) throw new PatternProblem('a bracket closes that never opened');
  if (found.choices > MOST_CHOICES) throw new PatternProblem('it has so many ways to match that it may take for ever');
  return found;
}

class Parser {
  private at = 0;

  constructor(private readonly pattern: string) {}

  get isAtEnd(): boolean {
    return this.at >= this.pattern.length;
  }

  alternatives(depth: number, ignoresCase: boolean): PatternSource {
    if (depth > DEEPEST) throw new PatternProblem('its groups nest too deep');
    const branches = [this.sequence(depth, ignoresCase)];
    while (this.take('|')) branches.push(this.sequence(depth, ignoresCase));
    return {
      source: branches.map(({ source }) => source).join('|'),
      degree: Math.max(...branches.map(({ degree }) => degree)),
      choices: Math.log2(branches.reduce((sum, { choices }) => sum + 2 ** choices, 0)),
    };
  }

  private sequence(depth: number, ignoresCase: boolean): PatternSource {
    let [source, degree, choices] = ['', 0, 0];
    while (!this.isAtEnd && !'|)'.includes(this.pattern[this.at])) {
      const part = this.repeated(this.atom(depth, ignoresCase));
      source += part.source;
      degree += part.degree;
      choices += part.choices;
    }
    return { source, degree, choices };
  }

  private repeated(atom: PatternSource): PatternSource {
    const match = /^(?:[*+?]|\{(\d*)(,?)(\d*)\})/.exec(this.pattern.slice(this.at, this.at + 24));
    if (!match) return atom;
    this.at += match[0].length;
    const [text, least, most] = quantifier(match);
    const isEndless = most > MANY;
    // (a+)* and (a|a)* cut the same text in twice as many ways for each letter
    if (isEndless && atom.degree > 0)
      throw new PatternProblem('a repetition without end within another may take for ever');
    if (isEndless && atom.choices > 0)
      throw new PatternProblem('a repetition without end of what matches in more than one way may take for ever');
    const degree = isEndless ? 1 : atom.degree * Math.max(1, most);
    const choices = isEndless ? 0 : Math.log2(Math.max(1, most - least + 1)) + most * atom.choices;
    if (this.take('?')) return { source: `${atom.source}${text}?`, degree, choices };
    // JavaScript has no repetition that gives nothing back; what is looked ahead for and taken by name gives nothing back either
    const isPossessive = !text.startsWith('{') && this.take('+');
    const source = isPossessive ? this.kept(`${atom.source}${text}`) : `${atom.source}${text}`;
    return { source, degree, choices };
  }

  private groups = 0;

  private kept(source: string): string {
    const name = `k${this.groups++}`;
    return `(?=(?<${name}>${source}))\\k<${name}>`;
  }

  private atom(depth: number, ignoresCase: boolean): PatternSource {
    const c = this.character();
    if (c === '(') return this.group(depth, ignoresCase);
    if (c === '[') return one(this.characterClass(ignoresCase));
    if (c === '.') return one('[^\\n]');
    if (c === '^') return one('(?<![^\\n])');
    if (c === '$') return one('(?![^\\n])');
    if (c === '\\') return one(this.escape(false));
    if ('*+?{'.includes(c)) throw new PatternProblem(`"${c}" repeats nothing`);
    return one(ignoresCase ? bothCases(c) : literal(c));
  }

  private group(depth: number, ignoresCase: boolean): PatternSource {
    const kind = /^\?(?:[:=!>]|<[=!]|i:)/.exec(this.pattern.slice(this.at, this.at + 4))?.[0] ?? '';
    if (kind === '' && this.pattern[this.at] === '?') throw new PatternProblem(`a group of the kind "(${this.pattern.slice(this.at, this.at + 3)}"`); // prettier-ignore
    this.at += kind.length;
    const inner = this.alternatives(depth + 1, ignoresCase || kind === '?i:');
    if (!this.take(')')) throw new PatternProblem('a bracket is not closed');
    if (kind === '?>') return { ...inner, source: this.kept(inner.source) };
    const open = kind === '' || kind === '?i:' ? '?:' : kind;
    return { ...inner, source: `(${open}${inner.source})` };
  }

  private characterClass(ignoresCase: boolean): string {
    let source = this.take('^') ? '[^' : '[';
    let isFirst = true;
    for (;;) {
      const c = this.character();
      if (c === ']' && !isFirst) return `${source}]`;
      if (c === '[' || (c === '&' && this.pattern[this.at] === '&')) throw new PatternProblem('a class within a class');
      isFirst = false;
      const member = c === '\\' ? this.escape(true) : c === '-' ? '-' : literal(c);
      source += member;
      if (ignoresCase && c.toLowerCase() !== c.toUpperCase())
        source += literal(c.toUpperCase()) + literal(c.toLowerCase());
    }
  }

  /** @param inClass Whether it stands within square brackets. */
  private escape(inClass: boolean): string {
    const c = this.character();
    if (c === 'p' || c === 'P') return this.property(c, inClass);
    if (c === 'x' || c === 'u') return this.code(c === 'x' ? 2 : 4);
    if (c === 'w') return inClass ? WORD : `[${WORD}]`;
    if (c === 'W' && !inClass) return `[^${WORD}]`;
    return Object.hasOwn(CLASSES, c) ? CLASSES[c] : escapedLiteral(c);
  }

  private code(digits: number): string {
    const braced = /^\{([0-9a-fA-F]{1,6})\}/.exec(this.pattern.slice(this.at, this.at + 8));
    const text = braced?.[1] ?? this.pattern.slice(this.at, this.at + digits);
    const code = parseInt(text, 16);
    if (!/^[0-9a-fA-F]+$/.test(text) || code > 0x10ffff)
      throw new PatternProblem('a character by a number that is none');
    this.at += braced ? braced[0].length : digits;
    return `\\u{${code.toString(16)}}`;
  }

  private property(c: string, inClass: boolean): string {
    const name = /^\{(\^?)(\w+)\}/.exec(this.pattern.slice(this.at, this.at + 30));
    if (!name || !PROPERTIES.test(name[2])) throw new PatternProblem(`the property "\\${c}${name?.[0] ?? ''}"`);
    this.at += name[0].length;
    const isNot = (c === 'P') !== (name[1] === '^');
    if (Object.hasOwn(TABLES, name[2]) && !(inClass && isNot)) {
      return inClass ? TABLES[name[2]] : `[${isNot ? '^' : ''}${TABLES[name[2]]}]`;
    }
    const property = SCRIPTS.test(name[2]) ? `Script=${name[2]}` : name[2];
    return `\\${isNot ? 'P' : 'p'}{${property}}`;
  }

  private character(): string {
    if (this.isAtEnd) throw new PatternProblem('it ends too early');
    const c = String.fromCodePoint(this.pattern.codePointAt(this.at)!);
    this.at += c.length;
    return c;
  }

  private take(c: string): boolean {
    if (this.pattern[this.at] !== c) return false;
    this.at++;
    return true;
  }
}

/** A quantifier in JavaScript's words, and how often it repeats at least and at most. */
function quantifier([text, low, comma, high]: RegExpExecArray): [text: string, least: number, most: number] {
  if (text === '?') return [text, 0, 1];
  if (!text.startsWith('{')) return [text, 0, Infinity];
  if (!low && !high) throw new PatternProblem(`"${text}" repeats nothing`);
  return [`{${low || 0}${comma}${high}}`, Number(low || 0), comma ? Number(high || Infinity) : Number(low)];
}

const one = (source: string): PatternSource => ({ source, degree: 0, choices: 0 });

function escapedLiteral(c: string): string {
  if ('nrtfv'.includes(c)) return `\\${c}`;
  if (/[A-Za-z0-9]/.test(c)) throw new PatternProblem(`"\\${c}"`);
  return literal(c);
}

function literal(c: string): string {
  return /[\^$\\.*+?()[\]{}|/-]/.test(c) ? `\\${c}` : c;
}

/** Oniguruma takes the long s for an s, and the sign of Kelvin for a k. */
function bothCases(c: string): string {
  const others: Record<string, string> = { s: '\u017f', k: '\u212a' };
  const cases = [...new Set([c, c.toLowerCase(), c.toUpperCase()])].filter((one) => one.length === c.length);
  return cases.length === 1 ? literal(c) : `[${cases.map(literal).join('')}${others[c.toLowerCase()] ?? ''}]`;
}

// Values as Python prints them: `{'text': array(['Ada'], dtype=object), 'answer_start': [3], 'x': None}`. JSON with NaN is among them.

import { type RepeatedKey, pathOf } from '../repeated-keys';

/** How deep lists and objects may lie in one another. */
const DEEPEST = 200;

/** A value that cannot be read; the message says where. */
export class LiteralError extends Error {}

/** What is said of a value that was read. */
export interface LiteralNotes {
  repeated: RepeatedKey[];
  /** `single quotes`, `None`, `a comma before a closing bracket`. */
  oddities: Set<string>;
}

/**
 * Reads a value as Python's `repr`, NumPy's arrays, and Python's `json` (which writes `NaN` and `Infinity`) print it.
 *
 * @param notes Gets the names that stand twice in one object (the last value counts), and what JSON does not have.
 * @throws LiteralError with the position
 * @example parseLiteral("{'text': ['Ada'], 'answer_start': array([3], dtype=int32)}")
 */
export function parseLiteral(text: string, notes: LiteralNotes = { repeated: [], oddities: new Set() }): unknown {
  const parser = new Parser(text, notes);
  const value = parser.value(0);
  parser.end();
  return value;
}

const WORDS: Record<string, unknown> = {
  true: true,
  false: false,
  null: null,
  True: true,
  False: false,
  None: null,
  NaN: NaN,
  nan: NaN,
  Infinity: Infinity,
  inf: Infinity,
};
const ESCAPES: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  0: '\0',
  '\n': '',
};

class Parser {
  private at = 0;

  /** Where the reading is: names, and numbers of entries. */
  private readonly place: (string | number)[] = [];

  constructor(
    private readonly text: string,
    private readonly notes: LiteralNotes,
  ) {}

  value(depth: number): unknown {
    if (depth > DEEPEST) throw this.error('too deep');
    this.space();
    const next = this.text[this.at];
    if (next === '{') return this.object(depth + 1);
    if (next === '[') return this.list(']', depth + 1);
    if (next === '(') {
      this.notes.oddities.add('round brackets');
      return this.list(')', depth + 1);
    }
    if (next === '"' || next === "'") return this.string(next);
    return this.number() ?? this.word(depth + 1);
  }

  end(): void {
    this.space();
    if (this.at < this.text.length) throw this.error('something follows');
  }

  private object(depth: number): Record<string, unknown> {
    const entries = new Map<string, unknown>();
    this.at++;
    while (!this.take('}')) {
      const given = this.value(depth);
      const key = typeof given === 'object' ? 'an object' : String(given);
      this.expect(':');
      if (entries.has(key)) this.notes.repeated.push({ path: pathOf(this.place), key });
      this.place.push(key);
      entries.set(key, this.value(depth));
      this.place.pop();
      if (!this.take(',') && !this.peek('}')) throw this.error('a comma or } was expected');
      this.noteComma('}');
    }
    return Object.fromEntries(entries);
  }

  private list(close: string, depth: number): unknown[] {
    const items: unknown[] = [];
    this.at++;
    while (!this.take(close)) {
      this.place.push(items.length);
      items.push(this.value(depth));
      this.place.pop();
      // NumPy prints its arrays without commas
      if (!this.take(',') && !this.peek(close)) this.notes.oddities.add('values without a comma between them');
      this.noteComma(close);
    }
    return items;
  }

  private noteComma(close: string): void {
    const isLast = this.peek(close) && /,\s*$/.test(this.text.slice(Math.max(0, this.at - 20), this.at));
    if (isLast) this.notes.oddities.add('a comma before a closing bracket');
  }

  private string(quote: string): string {
    this.at++;
    if (quote === "'") this.notes.oddities.add('single quotes');
    let [value, from] = ['', this.at];
    for (;;) {
      const character = this.text[this.at];
      if (character === undefined) throw this.error('a text has no end');
      if (character === quote) break;
      if (character !== '\\') this.at++;
      else {
        value += this.text.slice(from, this.at) + this.escape();
        from = this.at;
      }
    }
    return value + this.text.slice(from, this.at++);
  }

  private escape(): string {
    const [all, letter, code] = /^\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8}))/i.exec(this.text.slice(this.at, this.at + 10)) ?? ['', ...[]]; // prettier-ignore
    const digits = letter ?? code ?? all.slice(2);
    if (digits !== '') {
      const point = parseInt(digits, 16);
      if (point > 0x10ffff) throw this.error('no such character');
      this.at += all.length;
      return String.fromCodePoint(point);
    }
    const next = this.text[this.at + 1] ?? '';
    this.at += 2;
    return ESCAPES[next] ?? next;
  }

  private number(): number | undefined {
    const pattern = /[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:e[+-]?\d+)?|[+-](?:Infinity|inf)/iy;
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) return undefined;
    this.at += found[0].length;
    if (/inf/i.test(found[0])) this.notes.oddities.add(found[0]);
    const digits = found[0].replace(/_/g, '');
    return /inf/i.test(digits) ? (digits.startsWith('-') ? -Infinity : Infinity) : Number(digits);
  }

  /** A name: a constant, or a call such as `array([…], dtype=object)`, which stands for its first argument. */
  private word(depth: number): unknown {
    const pattern = /[\p{L}_][\w.]*/uy;
    pattern.lastIndex = this.at;
    const name = pattern.exec(this.text)?.[0];
    if (name === undefined) throw this.error('a value was expected');
    this.at += name.length;
    if (!/^(?:true|false|null)$/.test(name)) this.notes.oddities.add(Object.hasOwn(WORDS, name) ? name : `${name}(…)`);
    if (Object.hasOwn(WORDS, name)) return WORDS[name];
    if (!this.take('(')) throw this.error(`${name.slice(0, 20)} is no value`);
    const first = this.value(depth);
    while (this.take(',')) {
      if (this.peek(')')) break;
      this.space();
      const keyword = /[\w]+\s*=\s*/y;
      keyword.lastIndex = this.at;
      this.at += keyword.exec(this.text)?.[0].length ?? 0;
      if (!this.dtype()) this.value(depth);
    }
    this.expect(')');
    return first;
  }

  /** `dtype=object`, `dtype='<U11'`, `dtype=int32`. */
  private dtype(): boolean {
    const pattern = /[a-z_][\w.]*(?=\s*[,)])/iy;
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    this.at += found?.[0].length ?? 0;
    return found !== null;
  }

  private space(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
    if (this.text[this.at] === '/') this.comment();
  }

  private comment(): void {
    const pattern = /\/\/[^\r\n]*|\/\*[^]*?\*\//y;
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) return;
    this.at += found[0].length;
    this.notes.oddities.add('comments');
    this.space();
  }

  private peek(sign: string): boolean {
    this.space();
    return this.text[this.at] === sign;
  }

  private take(sign: string): boolean {
    const found = this.peek(sign);
    if (found) this.at++;
    return found;
  }

  private expect(sign: string): void {
    if (!this.take(sign)) throw this.error(`${sign} was expected`);
  }

  private error(problem: string): LiteralError {
    return new LiteralError(`${problem} at position ${this.at}`);
  }
}

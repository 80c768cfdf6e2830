// The names that people give to the fields of questions, and the ones that we call them by.
import { isBlank } from './loose';

type Json = Record<string, unknown>;

/** For each of our names those of others, the commonest first; compared without case, spaces, dashes, dots and underscores. */
const ALIASES = {
  question: ['question', 'query', 'questiontext', 'querytext', 'questions', 'q'],
  context: ['context', 'contexttext', 'passage', 'passagetext', 'paragraph', 'paragraphtext', 'documenttext', 'document', 'doc', 'article', 'articletext', 'storytext', 'story', 'text', 'content', 'body'],
  answers: ['answers', 'answerlist', 'goldanswers', 'answerspans', 'detectedanswers'],
  answer: ['answer', 'answertext', 'goldanswer', 'correctanswer', 'expectedanswer', 'answerspan', 'groundtruth', 'responsetext', 'a'],
  answer_start: ['answerstart', 'answerstarts', 'startoffset', 'answeroffset', 'answerbegin', 'charstart', 'startchar', 'answerstartindex', 'startindex', 'offset', 'start', 'begin', 'answeranswerstart'],
  answer_end: ['answerend', 'answerends', 'endoffset', 'charend', 'endchar', 'answerendindex', 'endindex', 'end'],
  answer_length: ['answerlength', 'spanlength'],
  id: ['id', 'questionid', 'queryid', 'qid', 'qaid', 'exampleid', 'uid', 'uuid', 'guid'],
  title: ['title', 'documenttitle', 'articletitle', 'doctitle', 'filename', 'topic'],
  is_impossible: ['isimpossible', 'impossible', 'unanswerable', 'isunanswerable', 'noanswer'],
  has_answer: ['hasanswer', 'answerable', 'isanswerable'],
  plausible_answers: ['plausibleanswers'],
  paragraphs: ['paragraphs', 'passages'],
  qas: ['qas', 'qapairs', 'questionanswerpairs', 'questionanswers'],
} as const; // prettier-ignore

/** What is an answer beside a text and a place: elsewhere it is the text itself. */
const BESIDE_PLACE = ['text', 'response'];

/** One of our names. */
export type FieldName = keyof typeof ALIASES;

/** What {@link standardFields} makes of an object: known fields under our names. */
export type Fields = Partial<Record<FieldName, unknown>> & Json;

/** The fields that `--columns` may name. */
export const MAPPABLE = ['question', 'context', 'answer', 'answers', 'answer_start', 'id', 'title', 'is_impossible'] as const; // prettier-ignore

/** Which of their names stands for which of ours, for files that we would not understand otherwise. */
export type ColumnMap = Partial<Record<FieldName, string>>;

/** A name without case, spaces and signs, and without what Mechanical Turk puts before it. */
const plain = (name: string) => name.toLowerCase().replace(/^(?:input|answer)\.(?!text$|answer_start$)/, '').replace(/[^\p{L}\p{N}]/gu, ''); // prettier-ignore

const ENTRIES = Object.entries(ALIASES) as [FieldName, readonly string[]][];

/** Objects of a hostile file may have a million fields. */
const MOST_FIELDS = 1000;

/** How many values of a field that is not used are kept, to guess what it is. */
const SAMPLES = 20;

/** Finds our names in theirs; remembers what it found for the same keys, and which of their fields it had no use for. */
export class Names {
  /** Fields that hold something and have none of our names, with their first texts. */
  readonly unused = new Map<string, string[]>();
  /** All fields. */
  readonly fields = new Set<string>();
  private readonly mapped = new Set<string>();
  private readonly known = new Map<string, [theirs: string, ours: string][]>();

  constructor(readonly map: ColumnMap = {}) {}

  /** An object with the fields that are known under our names; the others are as they were. Nothing of other values. */
  standard(value: unknown): Fields {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
    const names = this.find(Object.keys(value));
    const fields: Fields = {};
    for (const [theirs, ours] of names) {
      // `__proto__` is a key like others
      if (ours === '__proto__') continue;
      fields[ours] = (value as Json)[theirs];
      if (!Object.hasOwn(ALIASES, ours)) this.note(theirs, fields[ours]);
    }
    for (const [ours, path] of Object.entries(this.map)) {
      if (path.includes('.') && !Object.hasOwn(value, path)) fields[ours] ??= inside(value as Json, path);
      if (fields[ours] !== undefined) this.mapped.add(ours);
    }
    return fields;
  }

  private note(name: string, value: unknown): void {
    if (isBlank(value) || this.unused.size > MOST_FIELDS) return;
    if (!this.unused.has(name)) this.unused.set(name, []);
    const samples = this.unused.get(name)!;
    if (typeof value === 'string' && samples.length < SAMPLES) samples.push(value);
  }

  /** The lists under any of the names for ours: `qas` and `questions` may stand side by side. */
  lists(value: Json, ours: FieldName): [theirs: string, list: unknown[]][] {
    const names: readonly string[] = ALIASES[ours];
    const isOurs = (key: string) => key === this.map[ours] || names.includes(plain(key));
    const found = Object.entries(value).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]) && isOurs(entry[0])); // prettier-ignore
    for (const [theirs] of found) this.unused.delete(theirs);
    return found;
  }

  /** What the map names, and no record has. */
  get missing(): [ours: string, theirs: string][] {
    return Object.entries(this.map).filter(([ours]) => !this.mapped.has(ours));
  }

  /** Which of our names a column has. */
  nameOf(columns: string[], column: string): string {
    return this.find(columns).find(([theirs]) => theirs === column)?.[1] ?? column;
  }

  /** Whether a column has one of our names. */
  knows(columns: string[], column: string): boolean {
    return Object.hasOwn(ALIASES, this.nameOf(columns, column));
  }

  private find(keys: string[]): [string, string][] {
    const signature = keys.join('\0');
    const before = this.known.get(signature);
    if (before) return before;
    const found = this.match(keys);
    for (const key of keys) if (this.fields.size <= MOST_FIELDS) this.fields.add(key);
    if (this.known.size < 1000) this.known.set(signature, found);
    return found;
  }

  private match(keys: string[]): [string, string][] {
    const taken = new Map<string, string>();
    const mapped = new Set<string>(Object.keys(this.map));
    for (const [ours, theirs] of Object.entries(this.map)) {
      const key = keys.find((key) => key === theirs) ?? keys.find((key) => plain(key) === plain(theirs));
      if (key !== undefined) taken.set(key, ours);
    }
    const plains = keys.map(plain);
    for (const [ours, aliases] of ENTRIES) {
      if (mapped.has(ours)) continue;
      const place = aliases.map((alias) => plains.findIndex((name, i) => name === alias && !taken.has(keys[i]))).find((at) => at >= 0); // prettier-ignore
      if (place !== undefined) taken.set(keys[place], ours);
    }
    this.takeBesidePlace(keys, taken);
    const used = new Set(taken.values());
    const others = (key: string) => (used.has(key.trim().toLowerCase()) ? `other ${key}` : key.trim().toLowerCase());
    return keys.map((key) => [key, taken.get(key) ?? others(key)]);
  }

  /** Where pandas flattens answers, their column is `text`, beside `context` and `answer_start`. */
  private takeBesidePlace(keys: string[], taken: Map<string, string>): void {
    const used = new Set<string>([...taken.values(), ...Object.keys(this.map)]);
    const hasAnswer = used.has('answer') || used.has('answers') || keys.some((key) => plain(key) === 'answerstext');
    if (hasAnswer || !used.has('context') || !used.has('answer_start')) return;
    const key = BESIDE_PLACE.map((name) => keys.find((one) => !taken.has(one) && plain(one) === name)).find((one) => one !== undefined); // prettier-ignore
    if (key !== undefined) taken.set(key, 'answer');
  }
}

/** The value at `a.b.c`. */
function inside(value: Json, path: string): unknown {
  let inner: unknown = value;
  for (const key of path.split('.')) inner = (inner as Json | null | undefined)?.[key];
  return inner;
}

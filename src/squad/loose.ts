// Questions as a file has them, not checked: what every form is read into, before anything is put right.

/** An answer of any form. */
export interface LooseAnswer {
  /** Its field, such as `data[0].paragraphs[0].qas[1].answers[0]`, or its row. */
  path: string;
  /** Absent where only positions are known: the answer is what stands there. */
  text?: unknown;
  start?: unknown;
  /** Exclusive. */
  end?: unknown;
  /** Whether its list of places is shorter than that of the answers, and names none for this one. */
  isShort?: boolean;
  /** What somebody said who turned it down: `discarded`. */
  rejected?: string;
  /** What the mark on it was called, in files of marked parts: `Answer`, `Evidence`. */
  labels?: string[];
}

/** A question of any form. */
export interface LooseQuestion {
  /** Where it is: `data[0].paragraphs[0].qas[1]`, `row 4`, `line 7`. */
  path: string;
  /** Its number in a file of rows, by which it gets an id and a title where it has none. */
  row?: number;
  contextPath: string;
  id: unknown;
  title: unknown;
  context: unknown;
  question: unknown;
  /** None: the text has no answer. `undefined`: nobody has said, it has no label. */
  answers: LooseAnswer[] | undefined;
  plausible?: LooseAnswer[];
  isImpossible?: unknown;
  /** Whether a person typed it into a table, where a cell may have been forgotten. */
  isTyped?: boolean;
}

export type Json = Record<string, unknown>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a value is there at all: Python and spreadsheets have many ways to write that it is not. */
export function isBlank(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === 'number') return Number.isNaN(value);
  return typeof value === 'string' && /^\s*(?:nan|null|none|<na>|n\/a|na)?\s*$/i.test(value);
}

/** A field of a path, after a dot where the path is that of a value, after a comma where it is a row. */
export function fieldOf(path: string, field: string): string {
  if (/^(?:row|line) \d+$/.test(path)) return path;
  return field.startsWith('[') ? `${path}${field}` : `${path}.${field}`;
}

/** A text, number or truth value as text; of anything else, nothing: an object may have a `toString` that is none. */
export function asText(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : '';
}

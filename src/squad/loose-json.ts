// Text that is not quite JSON: with control characters in its texts, or as Python prints values. And names that stand twice in an object.
import { describeControls, rawControls } from '../raw-control';
import { type RepeatedKey, repeatedKeys } from '../repeated-keys';
import { parseExactly } from './exact-json';
import { type LiteralNotes, LiteralError, parseLiteral } from './literal';
import type { Problem } from './problem';
import { shown } from './shown';

/** @param row Where the text is in the file; empty for the whole file. */
export function noteRepeated(text: string, row: string, problems: Problem[]): void {
  noteKeys(repeatedKeys(text), row, problems);
}

function noteKeys(keys: RepeatedKey[], row: string, problems: Problem[]): void {
  for (const { path, key } of keys) {
    const at = [row, path].filter((part) => part !== '').join(', ') || 'the file';
    const what = `${shown(key)} stands twice in it: the last one counts, the others are lost`;
    problems.push({ kind: 'repeated field', path: at, what, remedy: 'kept' });
  }
}

/** What is not quite JSON. */
export interface Loose {
  value: unknown;
  /** What it is instead. */
  what: string;
  repeated: RepeatedKey[];
}

/** @param isLine Whether the text is a line of a file. */
export function readLoosely(text: string, isLine = false): Loose | undefined {
  const controls = rawControls(text);
  if (controls) {
    const what = describeControls(text, controls.places, isLine);
    return { value: parseExactly(controls.escaped), what, repeated: repeatedKeys(controls.escaped) };
  }
  const oddities = new Set<string>();
  const repeated: RepeatedKey[] = [];
  const value = asPython(text, { repeated, oddities });
  const found = [...oddities].slice(0, 4).join(', ');
  const what = found === '' ? 'it is written otherwise than JSON allows' : `it has ${found}, which JSON does not allow`;
  return value === undefined ? undefined : { value, what, repeated };
}

export function noteLoose({ what, repeated }: Loose, row: string, problems: Problem[]): void {
  problems.push({ kind: 'format', path: row || 'the file', what, remedy: 'mended' });
  noteKeys(repeated, row, problems);
}

export function asPython(text: string, notes?: LiteralNotes): unknown {
  try {
    return parseLiteral(text, notes);
  } catch (error) {
    if (error instanceof LiteralError) return undefined;
    throw error;
  }
}

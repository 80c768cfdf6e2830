// The context and the question of what a file has, or why there is none.
import { isEmptyText } from './empty-text';
import { isBlank } from './loose';
import type { ProblemKind, Remedy } from './problem';

/** Tells of what a file has at a path. */
export type Say = (kind: ProblemKind, path: string, what: string, remedy: Remedy) => void;

export const isRow = (path: string) => /^row \d+$/.test(path);

type Name = 'context' | 'question';

export class Texts {
  private readonly halves = new Set<string>();

  /** @returns `undefined` where nothing can be read; `say` has said why */
  take(value: unknown, path: string, name: Name, say: Say): string | undefined {
    // no person asks "nan", but pandas writes it where a question or a text is missing
    const isMissing = (written: string) => isEmptyText(written) || (isRow(path) && isBlank(written));
    if (typeof value === 'string' && !isMissing(value)) {
      this.sayHalf(value, path, name, say);
      return value;
    }
    if (typeof value === 'number' && Number.isFinite(value)) {
      say('format', path, `the ${name} is the number ${value}; read as text`, 'mended');
      return String(value);
    }
    sayMissing(value, path, name, say);
    return undefined;
  }

  /** Half of a pair of UTF-16: no character, and what tokenizers and UTF-8 make of it is U+FFFD. Said once for each text. */
  private sayHalf(value: string, path: string, name: Name, say: Say): void {
    const at = halfIn(value);
    if (at === undefined || this.halves.has(`${path} ${name}`)) return;
    this.halves.add(`${path} ${name}`);
    const half = `\\u${value.charCodeAt(at).toString(16)}`;
    say(
      'half a character',
      path,
      `the ${name} has half a character, ${half}, at ${at}: it stays, models read it as U+FFFD, and a table is written with that`,
      'kept',
    );
  }
}

/** Of merged cells a spreadsheet exports the first row's alone. */
const MERGED = '; where cells were merged, only the first row has the text: fill it down in the spreadsheet and export it again'; // prettier-ignore

function sayMissing(value: unknown, path: string, name: Name, say: Say): void {
  const isText = typeof value === 'string';
  if (value !== undefined && value !== null && !isText) {
    return say('format', path, `the ${name} is neither a text nor a number`, 'left out');
  }
  const isUnseen = isText && isEmptyText(value) && value.trim() !== '';
  const hint = name === 'context' && isRow(path.replace(/\.context$/, '')) ? MERGED : '';
  const what = isUnseen ? `the ${name} has only characters that nobody sees` : `the ${name} is empty${hint}`;
  say(name === 'context' ? 'empty context' : 'empty question', path, what, 'left out');
}

/** Where a text has a surrogate without its other half, in UTF-16 units. */
export function halfIn(text: string): number | undefined {
  return /\p{Surrogate}/u.exec(text)?.index;
}

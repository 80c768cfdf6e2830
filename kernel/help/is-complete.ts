// Whether a cell is finished, for consoles that run it on Enter.
import type typescript from 'typescript';
import { ts } from '../typescript/compiler';
import type { Content } from '../wire/message';

/** The content of `is_complete_reply`. */
export function isComplete(code: string): Content {
  const file = ts.createSourceFile('cell.ts', code, ts.ScriptTarget.Latest, true);
  const { parseDiagnostics } = file as unknown as { parseDiagnostics: typescript.DiagnosticWithLocation[] };
  if (parseDiagnostics.length === 0) return { status: 'complete' };
  const end = code.trimEnd().length;
  const isUnfinished = parseDiagnostics.some(
    ({ start, code: error }) => (start >= end && error !== UNTERMINATED_STRING) || UNTERMINATED.includes(error),
  );
  return isUnfinished ? { status: 'incomplete', indent: indentAfter(code) } : { status: 'invalid' };
}

/** A comment or a template that goes on over lines. */
const UNTERMINATED = [1010, 1160];
/** A string does not. */
const UNTERMINATED_STRING = 1002;

/** The last line's indentation, deeper after an opening bracket. */
function indentAfter(code: string): string {
  const line = code.slice(code.lastIndexOf('\n') + 1);
  const indent = /^\s*/.exec(line)![0];
  return /[{([]\s*$/.test(line) ? `${indent}  ` : indent;
}

// What a front end asks while code is being written: completion, help, and whether a cell is finished.
import type typescript from 'typescript';
import { ts } from './typescript/compiler';
import type { CellConverter } from './typescript/converter';
import type { Completion, QuickInfo } from './tslab';
import type { Content } from './wire/message';

/** The content of `complete_reply`. */
export function complete(converter: CellConverter, code: string, cursor: number): Content {
  const { start, end, candidates } = completion(converter, code, toUnits(code, cursor));
  return {
    status: 'ok',
    matches: bestMatches([...new Set(candidates)], code.slice(start, end)),
    cursor_start: toCodePoints(code, start),
    cursor_end: toCodePoints(code, end),
    metadata: {},
  };
}

function completion(converter: CellConverter, code: string, cursor: number): Completion {
  try {
    return converter.complete(code, cursor);
  } catch {
    return { start: cursor, end: cursor, candidates: [] };
  }
}

/** tslab offers every name that holds the word; where names begin with it, those alone are meant. */
function bestMatches(names: string[], word: string): string[] {
  const exact = names.filter((name) => name.startsWith(word));
  if (exact.length > 0) return exact;
  const similar = names.filter((name) => name.toLowerCase().startsWith(word.toLowerCase()));
  return similar.length > 0 ? similar : names;
}

/** The content of `inspect_reply`: the type, and the documentation as it was written. */
export function inspect(converter: CellConverter, code: string, cursor: number): Content {
  const info = findInfo(converter, code, toUnits(code, cursor));
  if (!info) return { status: 'ok', found: false, data: {}, metadata: {} };
  const signature = join(info.displayParts);
  const documentation = [join(info.documentation), ...(info.tags ?? []).map(describeTag)].filter(Boolean).join('\n\n');
  const markdown = `\`\`\`typescript\n${signature}\n\`\`\`\n\n${documentation}`;
  const data = { 'text/plain': [signature, documentation].filter(Boolean).join('\n\n'), 'text/markdown': markdown };
  return { status: 'ok', found: true, data, metadata: {} };
}

/** At the cursor, or at the word before it: `f(|` asks about `f`. */
function findInfo(converter: CellConverter, code: string, cursor: number): QuickInfo | undefined {
  const before = /[\w$](?=[^\w$]*$)/.exec(code.slice(0, cursor));
  for (const position of [cursor, ...(before ? [before.index] : [])]) {
    try {
      const info = converter.inspect(code, position);
      if (info) return info;
    } catch {
      // the language service gives up on some unfinished code
    }
  }
  return undefined;
}

function describeTag({ name, text }: NonNullable<QuickInfo['tags']>[number]): string {
  const words = join(text);
  if (name === 'example') return `Example:\n\`\`\`typescript\n${words}\n\`\`\``;
  return `*@${name}* ${words}`;
}

function join(parts: { text: string }[] = []): string {
  return parts.map((part) => part.text).join('');
}

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

/** Jupyter counts code points, the compiler UTF-16 units. */
function toUnits(code: string, codePoints: number): number {
  return [...code].slice(0, codePoints).join('').length;
}

function toCodePoints(code: string, units: number): number {
  return [...code.slice(0, units)].length;
}

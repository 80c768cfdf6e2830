// Whether what is thrown will be caught by what a person wrote. V8 knows only of a `catch` below which no promise stands: the
// top of a cell is to it a promise that the kernel waits for.
/* eslint-disable @typescript-eslint/no-require-imports -- loaded when first called: 20 MB, which few debuggers need */
import type typescript from 'typescript';
import type { CodeLocation, Paused } from './cdp';
import type { Script, Scripts } from './scripts';

/** Whether an exception that holds a cell up is caught: by a `try` around it, or around the awaits that wait for it. */
export function isCaught({ reason, data, callFrames, asyncStackTrace }: Paused, scripts: Scripts): boolean {
  if (reason === 'exception') return data?.uncaught !== true;
  const ts = require('typescript') as typeof typescript;
  const locations: CodeLocation[] = callFrames.map(({ location }) => location);
  for (let trace = asyncStackTrace; trace; trace = trace.parent) locations.push(...trace.callFrames);
  return locations.some((location) => {
    const found = scripts.locate(location);
    return found !== undefined && isInTry(ts, found.script, found.place);
  });
}

/** Whether a place is in a `try` with a `catch`, within its function. */
function isInTry(ts: typeof typescript, script: Script, { line, column }: { line: number; column: number }): boolean {
  const text = script.text;
  if (text === undefined) return false;
  const file = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest);
  if (line >= file.getLineStarts().length) return false;
  const at = file.getPositionOfLineAndCharacter(line, 0) + column;
  const within = (node: typescript.Node, isTried: boolean): boolean => {
    const inner = ts.forEachChild(node, (child) => (child.pos <= at && at < child.end ? child : undefined));
    if (!inner) return isTried;
    if (ts.isFunctionLike(inner)) return within(inner, false);
    const tries = ts.isTryStatement(node) && node.catchClause !== undefined && inner === node.tryBlock;
    return within(inner, isTried || tries);
  };
  return within(file, false);
}

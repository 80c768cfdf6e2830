// Stacks that a cell prints, with the places of cells in place of those of compiled code: `console.error(error)` is the
// commonest line of a notebook that goes wrong.
import path from 'node:path';
import type { CellPosition } from './locations';
import { writtenName } from '../typescript/names';
import { findInCell } from './locations';

export const ROOT = path.resolve(__dirname, '../..');

/** Frames of Node, of the kernel (in a browser with the library in one file) and of what it is made of say nothing about the cell. */
const FOREIGN = [/\(?node:/, /\/vm\/kernel\.js:/, /node_modules[\\/](tslab|tsx)[\\/]/, /<anonymous>\)?( \{)?$/];

export function isForeign(frame: string): boolean {
  return frame.includes(path.join(ROOT, 'kernel') + path.sep) || FOREIGN.some((pattern) => pattern.test(frame));
}

/** A frame of a cell's script; no position where the frame is of what the compiler has put in. */
export function cellFrame(frame: string): { name?: string; position?: CellPosition; rest: string } | undefined {
  const found = /^\s*at (?:(.*?) \()?(?:[^\s()]*[\\/])?cell-(\d+)\.ts:(\d+):(\d+)\)?(.*)$/.exec(frame);
  if (!found) return undefined;
  const [, name, serial, line, column, rest] = found;
  return { name, position: findInCell(+serial, +line, +column), rest };
}

/** Where something is in a cell, in the words of a traceback. */
export function whereInCell({ count, line, column }: CellPosition, name?: string): string {
  const where = `cell [${count}], line ${line}:${column}`;
  return name && !/^(async )?(Object\.)?(eval|<anonymous>)/.test(name) ? `${name} (${where})` : where;
}

/** V8's words with the names as the cell has them: `process.foo is not a function`. */
export function withWrittenNames(text: string): string {
  return text.replace(/[\p{ID_Continue}$]+/gu, writtenName);
}

/** Printed text with its stacks made readable; what holds no frame of a cell stays as it is. */
export function readableStacks(text: string): string {
  if (!/\bcell-\d+\.ts:\d+:\d+/.test(text)) return text;
  const lines: string[] = [];
  for (const line of withWrittenNames(text).split('\n')) {
    const shown = /^\s*at /.test(line) ? readableFrame(line) : line;
    if (shown !== undefined) lines.push(shown);
    // what inspect puts behind the last frame: the error's other properties
    else if (line.endsWith(' {')) lines.push(`${lines.pop() ?? ''} {`);
  }
  return lines.join('\n');
}

function readableFrame(line: string): string | undefined {
  const indent = /^\s*/.exec(line)![0];
  const frame = cellFrame(line);
  if (frame) return frame.position && `${indent}at ${whereInCell(frame.position, frame.name)}${frame.rest}`;
  return isForeign(line) ? undefined : line.replaceAll(`${ROOT}${path.sep}`, '');
}

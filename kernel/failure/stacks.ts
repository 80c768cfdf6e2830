// Stacks that a cell prints, with the places of cells in place of those of compiled code: `console.error(error)` is the
// commonest line of a notebook that goes wrong.
import path from 'node:path';
import { type CellPosition, findInCell, lineOfRun } from './locations';
import { isWritten, writtenName } from '../typescript/names';

export const ROOT = path.resolve(__dirname, '../..');

/** Frames of Node, of the kernel (in a browser with the library in one file) and of what it is made of say nothing about the cell. */
const FOREIGN = [/\(?node:/, /\/vm\/kernel\.js:/, /node_modules[\\/](tslab|tsx)[\\/]/, /<anonymous>\)?( \{)?$/];

const KERNEL = path.join(ROOT, 'kernel') + path.sep;

/** Whether a frame is of the kernel itself. */
export function isOfKernel(frame: string): boolean {
  return frame.includes(KERNEL);
}

export function isForeign(frame: string): boolean {
  return isOfKernel(frame) || FOREIGN.some((pattern) => pattern.test(frame));
}

/** Whether a frame is of a cell, or of the kernel, by which cells run. */
export function isOfCells(frame: string): boolean {
  return SCRIPT.test(frame) || isOfKernel(frame);
}

/** A place in a cell's script, as V8 knows it. */
const SCRIPT = /\bcell-\d+\.ts:\d+:\d+/;
/** A frame of a cell, in V8's words or in ours. */
const FRAME =
  /^\s*at (?:(.*?) \(|async )?(?:(?:[^\s()]*[\\/])?cell-(\d+)\.ts:|cell \[(\d+)\], line )(\d+):(\d+)\)?(.*)$/;

/** A frame of a cell; no position where the frame is of what the compiler has put in. */
export function cellFrame(frame: string): { name?: string; position?: CellPosition; rest: string } | undefined {
  const found = FRAME.exec(frame);
  if (!found) return undefined;
  const [, name, serial, count, line, column, rest] = found;
  const position = serial ? findInCell(+serial, +line, +column) : lineOfRun(+count, +line, +column);
  return { name, position, rest };
}

/** Where something is in a cell, in the words of a traceback. */
export function whereInCell({ count, line, column }: CellPosition, name?: string): string {
  const where = `cell [${count}], line ${line}:${column}`;
  return name && !/^(async )?(Object\.)?(eval|<anonymous>)/.test(name) ? `${name} (${where})` : where;
}

/** V8's words with the names as the cell has them: `process.foo is not a function`. */
export function withWrittenNames(text: string): string {
  return isWritten(text) ? text : text.replace(/[\p{ID_Continue}$]+/gu, writtenName);
}

/** Printed text with its stacks made readable; what holds no frame of a cell stays as it is. */
export function readableStacks(text: string): string {
  if (!SCRIPT.test(text)) return text;
  const lines: string[] = [];
  for (const line of withWrittenNames(text).split('\n')) {
    const shown = /^\s*at /.test(line) ? readableFrame(line) : line;
    if (shown !== undefined) lines.push(shown);
    // what inspect puts behind the last frame: the error's other properties
    else if (line.endsWith(' {')) lines.push(`${lines.pop() ?? ''} {`);
  }
  return lines.join('\n');
}

/** A line of a stack with the place in the cell; nothing for one that is not the cell's to know. */
export function readableFrame(line: string): string | undefined {
  const indent = /^\s*/.exec(line)![0];
  const frame = cellFrame(line);
  if (frame) return frame.position && `${indent}at ${whereInCell(frame.position, frame.name)}${frame.rest}`;
  return isForeign(line) ? undefined : line.replaceAll(`${ROOT}${path.sep}`, '');
}

// Why a cell failed, as Jupyter wants to hear it: a name, a message, and a traceback with the lines of cells and of src.
import path from 'node:path';
import { inspect } from 'node:util';
import type { CellPosition } from './locations';
import { findInCell, lineOfCell } from './locations';
import { trailOf } from './trail';

/** The content of an `error` message. */
export interface Failure extends Record<string, unknown> {
  ename: string;
  evalue: string;
  traceback: string[];
}

const ROOT = path.resolve(__dirname, '../..');

/** Frames of Node, of the kernel and of what it is made of say nothing about the cell. */
const FOREIGN = [/\(?node:/, /node_modules[\\/](tslab|tsx)[\\/]/, /Script\.runInThisContext/, /<anonymous>\)?$/];

function isForeign(line: string): boolean {
  return line.includes(path.join(ROOT, 'kernel') + path.sep) || FOREIGN.some((frame) => frame.test(line));
}

/** From anything that was thrown. */
export function toFailure(thrown: unknown): Failure {
  if (!isErrorLike(thrown)) {
    const text = inspect(thrown);
    return { ename: 'Thrown', evalue: text, traceback: [`thrown: ${text}`, ...shownTrail(thrown)] };
  }
  const { code } = thrown as { code?: unknown };
  const evalue =
    typeof code === 'string' && !thrown.message.startsWith(code) ? `${code}: ${thrown.message}` : thrown.message;
  const traceback = [`${thrown.name}: ${evalue}`, ...frames(thrown), ...causes(thrown)];
  return { ename: thrown.name, evalue, traceback };
}

/** Errors of another realm are no instances of our Error. */
export function isErrorLike(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && 'message' in value && 'stack' in value;
}

function frames(error: Error): string[] {
  const lines = String(error.stack)
    .split('\n')
    .filter((line) => /^\s+at /.test(line));
  const own = lines.filter((line) => !isForeign(line));
  const shown = own.flatMap(showFrame);
  // where an asynchronous call lost the frame, the cell's own note of its awaits stands in
  const trail = shownTrail(error).filter((line) => !shown.includes(line));
  return [...shown, ...trail];
}

function showFrame(line: string): string[] {
  const cell = /^\s+at (?:(.*) \()?.*cell-(\d+)\.ts:(\d+):(\d+)\)?$/.exec(line);
  if (!cell) return [`    ${line.trim().replaceAll(`${ROOT}${path.sep}`, '')}`];
  const [, name, serial, row, column] = cell;
  const position = findInCell(+serial, +row, +column);
  // no position: the call that tslab wraps around a cell
  return position ? [showPosition(position, name)] : [];
}

function showPosition({ count, line, column, text }: CellPosition, name?: string): string {
  const where = `cell [${count}], line ${line}:${column}`;
  const named = name && !/^(async )?(Object\.)?(eval|<anonymous>)/.test(name) ? `${name} (${where})` : where;
  const indent = text.length - text.trimStart().length;
  const caret = ' '.repeat(Math.max(0, column - 1 - indent));
  return `    at ${named}\n        ${text.trim()}\n        ${caret}^`;
}

function shownTrail(thrown: unknown): string[] {
  return trailOf(thrown).flatMap(({ serial, line, column }) => {
    const position = lineOfCell(serial, line, column);
    return position ? [showPosition(position)] : [];
  });
}

function causes(error: Error): string[] {
  if (error.cause === undefined) return [];
  const cause = toFailure(error.cause);
  return [`caused by ${cause.traceback[0]}`, ...cause.traceback.slice(1)];
}

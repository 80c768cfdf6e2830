// Why a cell failed, as Jupyter wants to hear it: a name, a message, and a traceback with the lines of cells and of src.
import path from 'node:path';
import { inspect } from 'node:util';
import type { CellPosition } from './locations';
import { findInCell, lineOfCell } from './locations';
import { cellFrame, isForeign, ROOT, whereInCell, withWrittenNames } from './stacks';
import { trailOf } from './trail';

/** The content of an `error` message. */
export interface Failure extends Record<string, unknown> {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** From anything that was thrown. */
export function toFailure(thrown: unknown): Failure {
  if (!isErrorLike(thrown)) {
    const text = inspect(thrown);
    return { ename: 'Thrown', evalue: text, traceback: [`thrown: ${text}`, ...shownTrail(thrown)] };
  }
  const { code } = thrown as { code?: unknown };
  const message = `${withWrittenNames(thrown.message)}${adviceOn(thrown)}`;
  const evalue = typeof code === 'string' && !message.startsWith(code) ? `${code}: ${message}` : message;
  const traceback = [`${thrown.name}: ${evalue}`, ...frames(thrown), ...causes(thrown)];
  return { ename: thrown.name, evalue, traceback };
}

/** What libraries find that take a document for granted, as `Plot.plot({ marks })` does. */
const OF_NO_DOCUMENT =
  /^Cannot read properties of undefined \(reading '(?:documentElement|create(?:Element|ElementNS|TextNode|DocumentFragment))'\)$/;

/** The compiler knows a page's names, since functions may be written for one; here there is none. */
function adviceOn({ name, message }: Error): string {
  const [, missing] =
    (name === 'ReferenceError' && /^(document|window|self|localStorage) is not defined$/.exec(message)) ||
    (name === 'TypeError' && OF_NO_DOCUMENT.test(message) && ['', 'document']) ||
    [];
  if (!missing) return '';
  const instead = missing === 'document' ? '; to draw in one, take display.document' : '';
  return `: cells run in Node, which is no page${instead}`;
}

/** With V8's own word for where a cell is wrong, from zero, where the stack does not come by the cell: a SyntaxError that the compiler missed. */
export function withPlace(failure: Failure, serial: number, place?: { line: number; column: number }): Failure {
  if (!place || failure.traceback.some((line) => line.includes('cell ['))) return failure;
  const position = findInCell(serial, place.line + 1, place.column + 1);
  return position ? { ...failure, traceback: [...failure.traceback, showPosition(position)] } : failure;
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
  const cell = cellFrame(line);
  if (!cell) return [`    ${line.trim().replaceAll(`${ROOT}${path.sep}`, '')}`];
  return cell.position ? [showPosition(cell.position, cell.name)] : [];
}

/** The place, its line and a caret. */
export function showPosition(position: CellPosition, name?: string): string {
  const { text, column } = position;
  const indent = text.length - text.trimStart().length;
  const caret = ' '.repeat(Math.max(0, column - 1 - indent));
  return `    at ${whereInCell(position, name)}\n        ${text.trim()}\n        ${caret}^`;
}

function shownTrail(thrown: unknown): string[] {
  return trailOf(thrown).flatMap(({ serial, line, column }) => {
    const position = lineOfCell(serial, line, column);
    return position ? [showPosition(position)] : [];
  });
}

function causes(error: Error): string[] {
  const { errors } = error as { errors?: unknown };
  const inner = error.name === 'AggregateError' && Array.isArray(errors) ? (errors as unknown[]) : [];
  const shown = inner.flatMap((one, i) => because(`error ${i + 1} of ${inner.length}:`, one));
  return error.cause === undefined ? shown : [...shown, ...because('caused by', error.cause)];
}

function because(words: string, thrown: unknown): string[] {
  const [first, ...others] = toFailure(thrown).traceback;
  return [`${words} ${first}`, ...others];
}

// Why a cell failed, as Jupyter wants to hear it: a name, a message, and a traceback with the lines of cells and of src.
import path from 'node:path';
import { types } from 'node:util';
import { type CellPosition, findInCell, lineOfCell } from './locations';
import { asText, attempt, framesOf, property, textProperty } from './reading';
import { cellFrame, isForeign, ROOT, whereInCell, withWrittenNames } from './stacks';
import { trailOf } from './trail';

/** The content of an `error` message. */
export interface Failure extends Record<string, unknown> {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** What of a failure is told already: an error may be its own cause. */
interface Shown {
  errors: Set<unknown>;
  count: number;
}

/** How many errors are shown of one failure: its causes, and the causes of these. */
const MAX_ERRORS = 50;

/** From anything that was thrown. It never throws itself, whatever that is. */
export function toFailure(thrown: unknown): Failure {
  const failure = attempt(() => describe(thrown, { errors: new Set(), count: 0 }));
  const evalue = 'an error that cannot be shown';
  return failure ?? { ename: 'Error', evalue, traceback: [`Error: ${evalue}`] };
}

function describe(thrown: unknown, shown: Shown): Failure {
  shown.errors.add(thrown);
  shown.count++;
  if (!isErrorLike(thrown)) {
    const text = asText(thrown);
    return { ename: 'Thrown', evalue: text, traceback: [`thrown: ${text}`, ...shownTrail(thrown)] };
  }
  const ename = textProperty(thrown, 'name') ?? 'Error';
  const code = property(thrown, 'code');
  const words = textProperty(thrown, 'message') ?? '(its message cannot be read)';
  const message = `${withWrittenNames(words)}${adviceOn(ename, words)}`;
  const evalue = typeof code === 'string' && !message.startsWith(code) ? `${code}: ${message}` : message;
  return {
    ename,
    evalue,
    traceback: [`${ename}: ${evalue}`, ...frames(thrown), ...fields(thrown), ...causes(thrown, ename, shown)],
  };
}

/** What libraries find that take a document for granted, as `Plot.plot({ marks })` does. */
const OF_NO_DOCUMENT =
  /^Cannot read properties of undefined \(reading '(?:documentElement|create(?:Element|ElementNS|TextNode|DocumentFragment))'\)$/;

/** The compiler knows a page's names, since functions may be written for one; here there is none. */
function adviceOn(name: string, message: string): string {
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

/** Errors of another realm are no instances of our Error, and a getter of an error may throw. */
export function isErrorLike(value: unknown): value is object {
  if (types.isNativeError(value)) return true;
  return attempt(() => typeof value === 'object' && value !== null && 'message' in value && 'stack' in value) ?? false;
}

function frames(error: object): string[] {
  const own = framesOf(error).filter((line) => !isForeign(line));
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

/** What is told elsewhere, also where it is written as a field of the class. */
const TOLD = ['name', 'message', 'stack', 'cause'];

/** The fields of its own, as Node shows them behind the stack. */
function fields(error: object): string[] {
  const found = attempt(() => Object.entries(Object.getOwnPropertyDescriptors(error))) ?? [];
  const isTold = (name: string, value: unknown) =>
    TOLD.includes(name) || (name === 'code' && typeof value === 'string');
  const shown = found.filter(([name, { enumerable, get, value }]) => enumerable && !get && !isTold(name, value));
  if (shown.length === 0) return [];
  const text = asText(Object.fromEntries(shown.map(([name, { value }]) => [name, value as unknown])));
  return text.split('\n').map((line) => `    ${line}`);
}

function causes(error: object, name: string, shown: Shown): string[] {
  const inner = innerErrors(error, name);
  const lines = inner.flatMap((one, i) => because(`error ${i + 1} of ${inner.length}:`, one, shown));
  const cause = property(error, 'cause');
  return cause === undefined ? lines : [...lines, ...because('caused by', cause, shown)];
}

function innerErrors(error: object, name: string): unknown[] {
  const errors = name === 'AggregateError' ? property(error, 'errors') : undefined;
  return (Array.isArray(errors) ? attempt(() => Array.from(errors as unknown[])) : undefined) ?? [];
}

function because(words: string, thrown: unknown, shown: Shown): string[] {
  if (typeof thrown === 'object' && shown.errors.has(thrown)) return [`${words} what is shown above`];
  if (shown.count > MAX_ERRORS) return [];
  if (shown.count === MAX_ERRORS) {
    shown.count++;
    return ['and further errors, which are not shown'];
  }
  const [first, ...others] = describe(thrown, shown).traceback;
  return [`${words} ${first}`, ...others];
}

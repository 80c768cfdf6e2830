// Why a cell failed, as Jupyter wants to hear it: a name, a message and a traceback.
import { inspect } from 'node:util';

/** The content of an `error` message. */
export interface Failure {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** Frames of tslab, of the kernel and of Node say nothing about the cell. */
const FOREIGN_FRAME = /node_modules\/(?:tslab|tsx)\/|[\\/]kernel[\\/]\w+\.ts|\(?node:|at Script\.runInThisContext/;

/** From what the executor reported: one thrown value, or the diagnostics of the compiler. */
export function toFailure(reports: unknown[][]): Failure {
  const [first] = reports;
  if (!first) return { ename: 'Error', evalue: 'the cell failed', traceback: ['the cell failed'] };
  if (first.length > 1) return fromDiagnostics(reports);
  return fromThrown(first[0]);
}

function fromDiagnostics(reports: unknown[][]): Failure {
  // tslab: "%s%d:%d - %s", file, line, column, text
  const lines = reports.map(([, file, line, column, text]) => `${file}${line}:${column} - ${text}`);
  return { ename: 'TypeScriptError', evalue: lines[0], traceback: lines };
}

function fromThrown(thrown: unknown): Failure {
  if (!(thrown instanceof Error) && !isErrorLike(thrown)) {
    const text = inspect(thrown);
    return { ename: 'Error', evalue: text, traceback: [`thrown: ${text}`] };
  }
  const { code } = thrown as { code?: unknown };
  const evalue = typeof code === 'string' ? `${code}: ${thrown.message}` : thrown.message;
  const frames = (thrown.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line) && !FOREIGN_FRAME.test(line));
  const cause = thrown.cause === undefined ? [] : [`caused by: ${inspect(thrown.cause)}`];
  return { ename: thrown.name, evalue, traceback: [`${thrown.name}: ${evalue}`, ...frames, ...cause] };
}

/** Errors of another realm are no instances of our Error. */
function isErrorLike(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && 'message' in value && 'stack' in value;
}

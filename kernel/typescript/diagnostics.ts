// tslab prints a type error as one line without its place. Here it looks like `tsc --pretty`: the line, and a caret.
import path from 'node:path';
import type typescript from 'typescript';
import { PREFIX_LINES } from '../tslab';
import { ts } from './compiler';
import type { Failure } from '../failure/failure';

/** An error in a cell, or in a file that it imports, ready to be shown. */
export interface CompileError {
  /** Empty for the cell itself. */
  file: string;
  line: number;
  column: number;
  length: number;
  code: number;
  message: string;
  text: string;
}

/** Reads the compiler's own report; lines of the cell count without tslab's prefix. */
export function toCompileError(
  diagnostic: typescript.Diagnostic,
  cellFile: string,
  root: string,
): CompileError | undefined {
  const { file, start = 0, length = 1 } = diagnostic;
  if (!file) return undefined;
  const isCell = file.fileName === cellFile;
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  return {
    file: isCell ? '' : path.relative(root, file.fileName),
    line: line + 1 - (isCell ? PREFIX_LINES : 0),
    column: character + 1,
    length,
    code: diagnostic.code,
    message: ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'),
    text: file.text.split(/\r?\n/)[line] ?? '',
  };
}

/** "Cannot find name": in a notebook mostly a cell that has not run yet. */
const NAME_NOT_FOUND = 2304;
const RUN_ABOVE = 'If a cell above defines it, run that one first: Run > Run All Above Selected Cell.\n';

/** What the front end shows of a cell that does not compile. */
export function compileFailure(errors: CompileError[], count: number): Failure {
  const shown = errors.map((error) => show(error, count));
  if (errors.some(({ code, file }) => code === NAME_NOT_FOUND && file === '')) shown.push(RUN_ABOVE);
  const [first] = errors;
  return { ename: 'TypeScriptError', evalue: `TS${first.code}: ${first.message}`, traceback: shown };
}

function show({ file, line, column, length, code, message, text }: CompileError, count: number): string {
  const where = file ? `${file}:${line}:${column}` : `cell [${count}], line ${line}:${column}`;
  const marks = '~'.repeat(Math.max(1, Math.min(length, text.length - column + 1)));
  // tabs stay tabs, so that the marks stand under their word
  const indent = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return `${where} - error TS${code}: ${message}\n\n${text}\n${indent}${marks}\n`;
}

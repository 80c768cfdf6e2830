// Where a line of compiled code comes from in its cell.
import { SourceMap } from 'node:module';
import { PREFIX_LINES } from '../tslab';

interface CellScript {
  count: number;
  lines: string[];
  map: string;
}

export interface CellPosition {
  count: number;
  /** From one. */
  line: number;
  column: number;
  text: string;
}

const scripts = new Map<number, CellScript>();

/** The name by which V8 knows the script of a cell. */
export function scriptName(serial: number): string {
  return `cell-${serial}.ts`;
}

export function rememberCell(serial: number, count: number, code: string, map: string): void {
  scripts.set(serial, { count, lines: code.split('\n'), map });
}

/** Finds a position in a cell's script, as V8 counts it from one, in the cell's own text. */
export function findInCell(serial: number, line: number, column: number): CellPosition | undefined {
  const script = scripts.get(serial);
  const source = script && back(script.map, line - 1, column - 1);
  if (!source) return undefined;
  const row = source.line - PREFIX_LINES;
  if (row < 0 || row >= script.lines.length) return undefined;
  return { count: script.count, line: row + 1, column: source.column + 1, text: script.lines[row] };
}

/** The line of a cell, for a trail that knows its number. */
export function lineOfCell(serial: number, line: number, column: number): CellPosition | undefined {
  const script = scripts.get(serial);
  return script && { count: script.count, line, column, text: script.lines[line - 1] ?? '' };
}

/** From script to source, lines and columns from zero. */
function back(map: string, line: number, column: number): { line: number; column: number } | undefined {
  const entry = new SourceMap(JSON.parse(map) as ConstructorParameters<typeof SourceMap>[0]).findEntry(line, column);
  // findEntry answers with the nearest before, which may be of another line
  const isThere = 'originalLine' in entry && entry.generatedLine === line;
  return isThere ? { line: entry.originalLine, column: entry.originalColumn } : undefined;
}

// Where a line of compiled code comes from in its cell.
import { SourceMap } from 'node:module';
import { PREFIX_LINES } from '../tslab';

interface CellScript {
  count: number;
  lines: string[];
  map: string;
  /** The map, read when it is first needed. */
  sources?: SourceMap;
}

export interface CellPosition {
  count: number;
  /** From one. */
  line: number;
  column: number;
  text: string;
}

const scripts = new Map<number, CellScript>();
/** The last script of each count. */
const ofCount = new Map<number, CellScript>();

/** The name by which V8 knows the script of a cell. */
export function scriptName(serial: number): string {
  return `cell-${serial}.ts`;
}

export function rememberCell(serial: number, count: number, code: string, map: string): void {
  const script = { count, lines: code.split('\n'), map };
  scripts.set(serial, script);
  ofCount.set(count, script);
}

/** Finds a position in a cell's script, as V8 counts it from one, in the cell's own text. */
export function findInCell(serial: number, line: number, column: number): CellPosition | undefined {
  const script = scripts.get(serial);
  const source = script && back(script, line - 1, column - 1);
  if (!source) return undefined;
  const row = source.line - PREFIX_LINES;
  if (row < 0 || row >= script.lines.length) return undefined;
  return { count: script.count, line: row + 1, column: source.column + 1, text: script.lines[row] };
}

/** The line of a cell, for a trail that knows its number. */
export function lineOfCell(serial: number, line: number, column: number): CellPosition | undefined {
  return lineOf(scripts.get(serial), line, column);
}

/** The line of a cell, for a text that has its count. */
export function lineOfRun(count: number, line: number, column: number): CellPosition | undefined {
  return lineOf(ofCount.get(count), line, column);
}

function lineOf(script: CellScript | undefined, line: number, column: number): CellPosition | undefined {
  return script && { count: script.count, line, column, text: script.lines[line - 1] ?? '' };
}

/** From script to source, lines and columns from zero. */
function back(script: CellScript, line: number, column: number): { line: number; column: number } | undefined {
  script.sources ??= new SourceMap(JSON.parse(script.map) as ConstructorParameters<typeof SourceMap>[0]);
  const entry = script.sources.findEntry(line, column);
  // findEntry answers with the nearest before, which may be of another line
  const isThere = 'originalLine' in entry && entry.generatedLine === line;
  return isThere ? { line: entry.originalLine, column: entry.originalColumn } : undefined;
}

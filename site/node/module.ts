// node:module in a browser: source maps, and what asks for places of packages.
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';

export class SourceMap {
  private readonly map: TraceMap;

  constructor(readonly payload: ConstructorParameters<typeof TraceMap>[0]) {
    this.map = new TraceMap(payload);
  }

  /** From a place in the script to one in its source, all from zero; empty where nothing is there. */
  findEntry(line: number, column: number): object {
    const {
      line: originalLine,
      column: originalColumn,
      source,
    } = originalPositionFor(this.map, { line: line + 1, column });
    if (originalLine === null) return {};
    const original = { originalSource: source, originalLine: originalLine - 1, originalColumn };
    return { generatedLine: line, generatedColumn: column, ...original };
  }
}

export const createRequire = (): NodeJS.Require => (globalThis as unknown as { require: NodeJS.Require }).require;
export const syncBuiltinESMExports = (): void => undefined;
export const builtinModules: string[] = [];
export const isBuiltin = (name: string): boolean => name.startsWith('node:');
export default { SourceMap, createRequire, syncBuiltinESMExports, builtinModules, isBuiltin };

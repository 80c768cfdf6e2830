// The TypeScript compiler of cells: today's, in the place of the copy that tslab brings along.
/* eslint-disable @typescript-eslint/no-require-imports -- it must be in place before tslab is loaded, and its inside has no types */
import path from 'node:path';
import type typescript from 'typescript';

export type Ts = typeof typescript;

/** What the compiler has and does not declare. */
interface Inside {
  nullTransformationContext: typescript.TransformationContext;
  /** Finds the names that a file declares. */
  bindSourceFile(file: typescript.SourceFile, options: typescript.CompilerOptions): void;
}

export const ts = require('typescript') as Ts & Inside;

/** What tslab's copy has beyond the original. */
export interface Fork {
  getPreEmitDiagnosticsOfFiles(
    program: typescript.Program,
    files: typescript.SourceFile[],
  ): readonly typescript.Diagnostic[];
}

export const fork: Fork & Record<string, unknown> = {
  getPreEmitDiagnosticsOfFiles: (program, files) =>
    ts.sortAndDeduplicateDiagnostics([
      ...program.getConfigFileParsingDiagnostics(),
      ...program.getGlobalDiagnostics(),
      ...files.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
    ]),
  getDefaultTypeRoots: typeRoots,
  getNullTransformationContext: () => ts.nullTransformationContext,
};

/** Where a folder's packages of types are. */
export function typeRoots(folder: string): string[] {
  const above = path.dirname(folder);
  const own = path.join(folder, 'node_modules', '@types');
  return above === folder ? [own] : [own, ...typeRoots(above)];
}

/** What tslab finds in place of the functions of its compiler. To be called before tslab is loaded. */
export function replaceCompiler(changes: Record<string, unknown>): void {
  const id = require.resolve('@tslab/typescript-for-tslab');
  const replaced = { ...ts, ...fork, ...changes };
  require.cache[id] = {
    id,
    filename: id,
    path: path.dirname(id),
    loaded: true,
    children: [],
    paths: [],
    exports: replaced,
  } as unknown as NodeJS.Module;
}

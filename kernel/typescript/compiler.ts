// The TypeScript compiler of cells: today's, in the place of the copy that tslab brings along.
/* eslint-disable @typescript-eslint/no-require-imports -- it must be in place before tslab is loaded, and its inside has no types */
import path from 'node:path';
import type typescript from 'typescript';

export type Ts = typeof typescript;

/** What the compiler has and does not declare. */
interface Inside {
  getTouchingPropertyName(file: typescript.SourceFile, position: number): typescript.Node;
  createTextSpanFromNode(node: typescript.Node, file: typescript.SourceFile): typescript.TextSpan;
  getContainerNode(node: typescript.Node): typescript.Node;
  nullTransformationContext: typescript.TransformationContext;
  SymbolDisplay: {
    getSymbolDisplayPartsDocumentationAndSymbolKind(
      checker: typescript.TypeChecker,
      symbol: typescript.Symbol,
      file: typescript.SourceFile,
      container: typescript.Node,
      node: typescript.Node,
    ): Pick<typescript.QuickInfo, 'displayParts' | 'documentation' | 'tags'>;
  };
  Completions: { getCompletionsAtPosition: unknown };
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
  getQuickInfoAtPosition: quickInfo,
  getDefaultTypeRoots: typeRoots,
  getNullTransformationContext: () => ts.nullTransformationContext,
  Completions: {
    ...ts.Completions,
    getCompletionsAtPositionForTslab: ts.Completions.getCompletionsAtPosition,
  },
};

function quickInfo(
  file: typescript.SourceFile,
  checker: typescript.TypeChecker,
  _token: unknown,
  position: number,
): typescript.QuickInfo | undefined {
  const node = ts.getTouchingPropertyName(file, position);
  const symbol = node === file ? undefined : checker.getSymbolAtLocation(node);
  if (!symbol || checker.isUnknownSymbol(symbol)) return undefined;
  const describe = ts.SymbolDisplay.getSymbolDisplayPartsDocumentationAndSymbolKind;
  const { displayParts, documentation, tags } = describe(checker, symbol, file, ts.getContainerNode(node), node);
  const textSpan = ts.createTextSpanFromNode(node, file);
  return { textSpan, displayParts, documentation, tags, kind: ts.ScriptElementKind.unknown, kindModifiers: '' };
}

function typeRoots(folder: string): string[] {
  const above = path.dirname(folder);
  const own = path.join(folder, 'node_modules', '@types');
  return above === folder ? [own] : [own, ...typeRoots(above)];
}

/** What tslab finds in place of the functions of its compiler. To be called before tslab is loaded. */
export function replaceCompiler(changes: Record<string, unknown>): void {
  const id = require.resolve('@tslab/typescript-for-tslab');
  const exports = { ...ts, ...fork, ...changes };
  require.cache[id] = {
    id,
    filename: id,
    path: path.dirname(id),
    loaded: true,
    children: [],
    paths: [],
    exports,
  } as unknown as NodeJS.Module;
}

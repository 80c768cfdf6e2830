// The files that a file imports, by way of others, too.
import path from 'node:path';
import type typescript from 'typescript';

/** What the compiler knows and does not declare. */
interface Resolving {
  getResolvedModuleFromModuleSpecifier(
    specifier: typescript.StringLiteralLike,
    file: typescript.SourceFile,
  ): { resolvedModule?: typescript.ResolvedModule } | undefined;
}

interface Importing {
  imports?: typescript.StringLiteralLike[];
}

/** The paths of `file` and of all that it reaches. Declarations of libraries are passed over: they reach only each other. */
export function dependencies(program: typescript.Program, file: typescript.SourceFile): string[] {
  const found = new Set<string>();
  const queue = [file];
  for (let at = queue.pop(); at; at = queue.pop()) {
    if (found.has(at.fileName)) continue;
    found.add(at.fileName);
    for (const name of referred(program, at)) {
      const next = program.getSourceFile(name);
      if (next && !next.isDeclarationFile) queue.push(next);
    }
  }
  return [...found];
}

/** The paths of the files that a file itself imports or refers to. */
export function referred(program: typescript.Program, file: typescript.SourceFile): string[] {
  const imported = ((file as Importing).imports ?? []).map(
    (specifier) =>
      (program as unknown as Resolving).getResolvedModuleFromModuleSpecifier(specifier, file)?.resolvedModule
        ?.resolvedFileName,
  );
  const named = file.referencedFiles.map(({ fileName }) => path.resolve(path.dirname(file.fileName), fileName));
  return [...imported.filter((name) => name !== undefined), ...named];
}

// Whether a file awaits at its top, or imports one that does, or a package that only `import` finds: such a file cannot be required.
import fs from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import type typescript from 'typescript';
import { ts } from '../typescript/compiler';
import { waits } from '../typescript/variables';
import { isOwn, isPackageModule, stampOf } from './modules';

/** What is known of a file. */
interface Known {
  stamp: string;
  waits: boolean;
  /** The files that it imports; `ONLY_IMPORT` for a package that `require` does not find. */
  imports: string[];
}

const ONLY_IMPORT = '?';
const MISSING = '';

const known = new Map<string, Known>();

/** Whether something within reach of its imports awaits at its top. */
export function waitsAtTop(file: string, seen = new Set<string>()): boolean {
  if (file === ONLY_IMPORT) return true;
  if (seen.has(file) || !/\.[cm]?[jt]sx?$/.test(file) || !(isOwn(file) || isPackageModule(file))) return false;
  seen.add(file);
  const { waits, imports } = know(file);
  return waits || imports.some((imported) => waitsAtTop(imported, seen));
}

/** Whether it awaits itself. */
export function awaitsItself(file: string): boolean {
  return know(file).waits;
}

function know(file: string): Known {
  const stamp = stampOf(file);
  const before = known.get(file);
  if (before?.stamp === stamp) return before;
  const text = fs.readFileSync(file, 'utf8');
  // most files have no such word
  const source = /\bawait\b|\bfrom\b/.test(text) ? ts.createSourceFile(file, text, ts.ScriptTarget.Latest) : undefined;
  const imports = source ? importedFiles(source) : [];
  const now = {
    stamp,
    waits: source !== undefined && waits(source),
    imports: imports.filter((name) => name !== MISSING),
  };
  // what is not there may come to be
  if (!imports.includes(MISSING)) known.set(file, now);
  return now;
}

/** The files that a file imports. */
function importedFiles(source: typescript.SourceFile): string[] {
  const { resolve } = createRequire(source.fileName);
  return source.statements.flatMap((statement) => {
    const specifier = specifierOf(statement);
    if (specifier === undefined || isBuiltin(specifier)) return [];
    try {
      return [resolve(specifier)];
    } catch (error) {
      return [(error as { code?: string }).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED' ? ONLY_IMPORT : MISSING];
    }
  });
}

function specifierOf(statement: typescript.Statement): string | undefined {
  if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return undefined;
  const isOfTypes = ts.isImportDeclaration(statement) ? statement.importClause?.isTypeOnly : statement.isTypeOnly;
  const { moduleSpecifier: specifier } = statement;
  return specifier && ts.isStringLiteral(specifier) && !isOfTypes ? specifier.text : undefined;
}

// Whether a file awaits at its top, or imports one that does, or a package that is a module: such a file is waited for.
import fs from 'node:fs';
import { isBuiltin } from 'node:module';
import type typescript from 'typescript';
import { ts } from '../typescript/compiler';
import { waits } from '../typescript/variables';
import { attempt, importedFile, isForImportOnly } from './imported';
import { isOwn, isPackageModule, stampOf } from './modules';

/** What is known of a file. */
interface Known {
  stamp: string;
  waits: boolean;
  /** The files that it imports. */
  imports: string[];
  /** Whether one of them is not what `require` would find, or nothing that it loads everywhere. */
  needsImport: boolean;
}

const known = new Map<string, Known>();

/** Whether something within reach of its imports awaits at its top. */
export function waitsAtTop(file: string, seen = new Set<string>()): boolean {
  if (isPackageModule(file)) return true;
  if (seen.has(file) || !/\.[cm]?[jt]sx?$/.test(file) || !isOwn(file)) return false;
  seen.add(file);
  const { waits, imports } = know(file);
  return waits || imports.some((imported) => waitsAtTop(imported, seen));
}

/** Whether it awaits itself. */
export function awaitsItself(file: string): boolean {
  return know(file).waits;
}

/** Whether it imports what `require` would not give it. */
export function needsImport(file: string): boolean {
  return know(file).needsImport;
}

function know(file: string): Known {
  const stamp = stampOf(file);
  const before = known.get(file);
  if (before?.stamp === stamp) return before;
  const text = fs.readFileSync(file, 'utf8');
  // most files have no such word
  const isPlain = !/\bawait\b|\bfrom\b|\bimport\b/.test(text);
  const source = isPlain ? undefined : ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const imports = source ? importsOf(source) : [];
  const found = imports.filter((one): one is Import & { file: string } => one.file !== undefined);
  const now = {
    stamp,
    waits: source !== undefined && waits(source),
    imports: found.map((one) => one.file),
    needsImport: found.some((one) => isPackageModule(one.file) || isForImportOnly(one.specifier, file, one.file)),
  };
  // what is not there may come to be
  if (found.length === imports.length) known.set(file, now);
  return now;
}

interface Import {
  specifier: string;
  /** Undefined where it is not there. */
  file?: string;
}

/** What a file imports, Node's own modules left out. */
function importsOf(source: typescript.SourceFile): Import[] {
  return source.statements.flatMap((statement) => {
    const specifier = specifierOf(statement);
    if (specifier === undefined || isBuiltin(specifier)) return [];
    return [{ specifier, file: attempt(() => importedFile(specifier, source.fileName)) }];
  });
}

function specifierOf(statement: typescript.Statement): string | undefined {
  if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return undefined;
  const isOfTypes = ts.isImportDeclaration(statement) ? statement.importClause?.isTypeOnly : statement.isTypeOnly;
  const { moduleSpecifier: specifier } = statement;
  return specifier && ts.isStringLiteral(specifier) && !isOfTypes ? specifier.text : undefined;
}

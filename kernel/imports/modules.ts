// What kind of module a file is.
import fs from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import type typescript from 'typescript';
import { ts } from '../typescript/compiler';

/** Whether a file belongs to a package, and only `import` can load it. */
export function isPackageModule(file: string): boolean {
  if (isBuiltin(file) || !file.includes(`${path.sep}node_modules${path.sep}`)) return false;
  const extension = path.extname(file);
  return extension === '.mjs' || (extension === '.js' && packageType(path.dirname(file)) === 'module');
}

function packageType(folder: string): string | undefined {
  const file = path.join(folder, 'package.json');
  if (fs.existsSync(file)) return (JSON.parse(fs.readFileSync(file, 'utf8')) as { type?: string }).type;
  const above = path.dirname(folder);
  return above === folder ? undefined : packageType(above);
}

/** A file as it is now: another time, length or place is another file. Empty where there is none. */
export function stampOf(file: string): string {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs} ${stat.size} ${stat.ino}` : '';
}

/** What is known of a file of one's own. */
interface Known {
  stamp: string;
  waits: boolean;
  /** The files that it imports. */
  imports: string[];
}

const known = new Map<string, Known>();

/** Whether a file of one's own awaits at its top, or imports one that does: such a file cannot be required. */
export function waitsAtTop(file: string, seen = new Set<string>()): boolean {
  if (seen.has(file) || !/\.[cm]?[jt]sx?$/.test(file) || file.includes(`${path.sep}node_modules${path.sep}`))
    return false;
  seen.add(file);
  const { waits, imports } = know(file);
  return waits || imports.some((imported) => waitsAtTop(imported, seen));
}

function know(file: string): Known {
  const stamp = stampOf(file);
  const before = known.get(file);
  if (before?.stamp === stamp) return before;
  const text = fs.readFileSync(file, 'utf8');
  // most files have no such word
  const source = /\bawait\b|\bfrom\b/.test(text) ? ts.createSourceFile(file, text, ts.ScriptTarget.Latest) : undefined;
  const imports = source ? source.statements.flatMap((statement) => importedFile(statement, file)) : [];
  const now = { stamp, waits: source !== undefined && awaits(source), imports };
  known.set(file, now);
  return now;
}

function awaits(node: typescript.Node): boolean {
  if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier)) return true;
  if (ts.isFunctionLike(node) || ts.isPropertyDeclaration(node)) return false;
  return ts.forEachChild(node, (child) => awaits(child) || undefined) ?? false;
}

function importedFile(statement: typescript.Statement, from: string): string[] {
  const isImport = ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement);
  const specifier = isImport ? statement.moduleSpecifier : undefined;
  if (!specifier || !ts.isStringLiteral(specifier) || !specifier.text.startsWith('.')) return [];
  const base = path.resolve(path.dirname(from), specifier.text);
  const withoutExtension = base.replace(/\.([cm]?)js$/, '');
  const candidates = [
    base,
    ...['.ts', '.tsx', '.mts', '.js', '.mjs', '/index.ts', '/index.js'].map((end) => withoutExtension + end),
  ];
  const found = candidates.find((file) => fs.statSync(file, { throwIfNoEntry: false })?.isFile());
  return found ? [found] : [];
}

// Mend: tslab forgets every variable of a cell that fails. Here what the cell had assigned by then stays declared.
import type typescript from 'typescript';
import { ts } from './compiler';

/**
 * The declarations after a cell that failed: those of the names it had `assigned`, and the earlier ones of all others.
 *
 * @param before The declarations that the cell found.
 * @param after Those it would have left: its own, then what it did not replace of the earlier ones.
 */
export function afterFailure(before: string, after: string, assigned: (name: string) => boolean): string {
  const wanted = parse(after).filter((part) => part.names.length === 0 || part.names.every(assigned));
  const kept = new Set(wanted.flatMap((part) => part.names));
  const earlier = parse(before).filter((part) => part.names.length > 0 && !part.names.some((name) => kept.has(name)));
  return [...earlier, ...wanted].map((part) => part.text).join('\n');
}

interface Part {
  /** Names of values; types have none and are always there. */
  names: string[];
  text: string;
}

/** Declarations one by one: `let a: number, b: string;` are two. */
function parse(declarations: string): Part[] {
  const file = ts.createSourceFile('declarations.d.ts', declarations, ts.ScriptTarget.Latest, true);
  return file.statements.flatMap((statement) => {
    if (!ts.isVariableStatement(statement)) return [{ names: valueNames(statement), text: statement.getText(file) }];
    const isConst = (statement.declarationList.flags & ts.NodeFlags.Const) !== 0;
    return statement.declarationList.declarations.map((declaration) => ({
      names: [declaration.name.getText(file)],
      text: `declare ${isConst ? 'const' : 'let'} ${declaration.getText(file)};`,
    }));
  });
}

function valueNames(statement: typescript.Statement): string[] {
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement)) {
    return statement.name ? [statement.name.text] : [];
  }
  return ts.isImportDeclaration(statement) ? importedNames(statement.importClause) : [];
}

function importedNames(clause?: typescript.ImportClause): string[] {
  if (!clause || clause.isTypeOnly) return [];
  const { name, namedBindings: bindings } = clause;
  const others = !bindings
    ? []
    : ts.isNamedImports(bindings)
      ? bindings.elements.map(({ name }) => name)
      : [bindings.name];
  return [...(name ? [name] : []), ...others].map((identifier) => identifier.text);
}

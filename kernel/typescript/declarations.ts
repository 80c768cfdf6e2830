// What later cells know of the names of earlier ones: tslab keeps it as the text of a declaration file. Here is what tslab
// forgets: the variables of a cell that failed, and namespaces and other rare declarations.
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

/** The names of the values that are declared. */
export function declaredNames(declarations: string): string[] {
  return [...new Set(parse(declarations).flatMap(({ names }) => names))];
}

/** tslab's `after`, with those declarations of `before` that it has no room for and that `own` does not replace. */
export function withForgotten(before: string, own: string, after: string): string {
  const replaced = new Set(declaredNames(own));
  const forgotten = parse(before)
    .filter(({ isForgotten, names }) => isForgotten && !names.some((name) => replaced.has(name)))
    .map(({ text }) => text)
    .filter((text) => !own.includes(text));
  return [...forgotten, after].join('\n');
}

/** An exported declaration is one as any other. */
export const withoutExports = (): typescript.Transformer<typescript.SourceFile | typescript.Bundle> => (file) => {
  if (!ts.isSourceFile(file)) return file;
  const statements = file.statements.map((statement) => {
    if (!ts.canHaveModifiers(statement)) return statement;
    const isExport = ({ kind }: typescript.ModifierLike) =>
      kind === ts.SyntaxKind.ExportKeyword || kind === ts.SyntaxKind.DefaultKeyword;
    if (!statement.modifiers?.some(isExport)) return statement;
    const modifiers = statement.modifiers.filter((modifier) => !isExport(modifier));
    return Object.assign(statement, { modifiers: ts.factory.createNodeArray(modifiers) });
  });
  return ts.factory.updateSourceFile(file, statements);
};

interface Part {
  /** Names of values; types have none and are always there. */
  names: string[];
  text: string;
  isForgotten: boolean;
}

/** Declarations one by one: `let a: number, b: string;` are two. */
function parse(declarations: string): Part[] {
  const file = ts.createSourceFile('declarations.d.ts', declarations, ts.ScriptTarget.Latest, true);
  return file.statements.flatMap((statement): Part[] => {
    const isForgotten = ts.isModuleDeclaration(statement) || ts.isImportEqualsDeclaration(statement);
    if (!ts.isVariableStatement(statement)) {
      return [{ names: valueNames(statement), text: statement.getText(file), isForgotten }];
    }
    const isConst = (statement.declarationList.flags & ts.NodeFlags.Const) !== 0;
    return statement.declarationList.declarations.map((declaration) => ({
      names: [declaration.name.getText(file)],
      text: `declare ${isConst ? 'const' : 'let'} ${declaration.getText(file)};`,
      isForgotten: false,
    }));
  });
}

function valueNames(statement: typescript.Statement): string[] {
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement)) {
    return statement.name ? [statement.name.text] : [];
  }
  if (ts.isModuleDeclaration(statement)) {
    const isNamespace = ts.isIdentifier(statement.name) && (statement.flags & ts.NodeFlags.GlobalAugmentation) === 0;
    return isNamespace ? [statement.name.text] : [];
  }
  if (ts.isImportEqualsDeclaration(statement)) return [statement.name.text];
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

/** The names that a statement of a cell exports. */
export function exportedNames(statement: typescript.Statement): string[] {
  const isExported =
    ts.canHaveModifiers(statement) &&
    ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  if (ts.isExportDeclaration(statement)) {
    const { exportClause } = statement;
    return exportClause && ts.isNamedExports(exportClause) ? exportClause.elements.map(({ name }) => name.text) : [];
  }
  if (!isExported) return [];
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => boundNames(name));
  if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) return [statement.name.text];
  return valueNames(statement);
}

function boundNames(name: typescript.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? boundNames(element.name) : []));
}

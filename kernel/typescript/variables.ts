// Where a cell declares its variables, names and changes them.
import type typescript from 'typescript';
import { ts } from './compiler';

/** Names of members, which are no variables even where one is called the same. */
export function isMemberName(node: typescript.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent)) return parent.name === node;
  if (ts.isBindingElement(parent) || ts.isImportSpecifier(parent)) return parent.propertyName === node;
  return ts.isClassElement(parent) || ts.isObjectLiteralElement(parent) || ts.isEnumMember(parent);
}

/** Whether a declaration makes a variable of the whole file, not of a function or block in it. */
export function isTopLevel(declaration: typescript.Declaration, file: typescript.SourceFile): boolean {
  if (declaration.getSourceFile() !== file) return false;
  const { locals } = file as typescript.SourceFile & { locals?: typescript.SymbolTable };
  const name = ts.getNameOfDeclaration(declaration);
  if (!name || !ts.isIdentifier(name)) return false;
  return locals?.get(name.escapedText)?.declarations?.includes(declaration) ?? false;
}

/** Whether all that declares a variable says `const`. */
export function isConst(symbol: typescript.Symbol | undefined): boolean {
  const { declarations = [] } = symbol ?? {};
  return (
    declarations.length > 0 &&
    declarations.every((at) => ts.isVariableDeclaration(at) && (ts.getCombinedNodeFlags(at) & ts.NodeFlags.Const) !== 0)
  );
}

/** What an expression, or the head of a loop, assigns to. */
export function targetOf(node: typescript.Node): typescript.Node | undefined {
  if (ts.isForOfStatement(node) || ts.isForInStatement(node)) {
    return ts.isVariableDeclarationList(node.initializer) ? undefined : node.initializer;
  }
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    const isAssignment = kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
    return isAssignment ? node.left : undefined;
  }
  const isUnary = ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node);
  return isUnary && [ts.SyntaxKind.PlusPlusToken, ts.SyntaxKind.MinusMinusToken].includes(node.operator)
    ? node.operand
    : undefined;
}

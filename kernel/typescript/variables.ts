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
  const declarations = symbol?.declarations ?? [];
  const isConstant = (at: typescript.Declaration) =>
    isVariable(at) && (ts.getCombinedNodeFlags(at) & ts.NodeFlags.Const) !== 0;
  return declarations.length > 0 && declarations.every(isConstant);
}

/** Whether a declaration is one by `let`, `const` or `var`. */
export function isVariable(declaration: typescript.Declaration): boolean {
  return ts.isVariableDeclaration(declaration) || ts.isBindingElement(declaration);
}

/** The variable that an identifier names, `{ name }` included. */
export function variableOf(
  checker: typescript.TypeChecker,
  name: typescript.Identifier,
): typescript.Symbol | undefined {
  const { parent } = name;
  return ts.isShorthandPropertyAssignment(parent)
    ? checker.getShorthandAssignmentValueSymbol(parent)
    : checker.getSymbolAtLocation(name);
}

/** Whether the code within runs at another time, perhaps. */
export function isFunction(node: typescript.Node): boolean {
  return ts.isFunctionLike(node) || ts.isClassLike(node);
}

/** Whether the code within, outside functions, waits. */
export function waits(node: typescript.Node): boolean {
  if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier)) return true;
  const { AwaitUsing } = ts.NodeFlags;
  if (ts.isVariableDeclarationList(node) && (node.flags & AwaitUsing) === AwaitUsing) return true;
  // what a class extends is looked up where it stands
  if (ts.isFunctionLike(node) || ts.isPropertyDeclaration(node)) return false;
  return ts.forEachChild(node, (child) => waits(child) || undefined) ?? false;
}

/** Whether a node is a type, which V8 never sees. */
export function isType(node: typescript.Node): boolean {
  return ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node);
}

/** The variables that are assigned to somewhere within. */
export function assigned(node: typescript.Node): typescript.Identifier[] {
  const found: typescript.Identifier[] = [];
  const visit = (at: typescript.Node): void => {
    const target = targetOf(at);
    if (target) found.push(...targetNames(target));
    ts.forEachChild(at, visit);
  };
  visit(node);
  return found;
}

/** What an expression, or the head of a loop, assigns to. */
function targetOf(node: typescript.Node): typescript.Node | undefined {
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

/** The variables in what is assigned to: a name, or a pattern of names. */
function targetNames(target: typescript.Node): typescript.Identifier[] {
  if (ts.isIdentifier(target)) return [target];
  if (ts.isBinaryExpression(target)) return targetNames(target.left);
  if (ts.isShorthandPropertyAssignment(target)) return [target.name];
  if (ts.isPropertyAssignment(target)) return targetNames(target.initializer);
  if (ts.isArrayLiteralExpression(target)) return target.elements.flatMap(targetNames);
  if (ts.isObjectLiteralExpression(target)) return target.properties.flatMap(targetNames);
  return isWrapper(target) ? targetNames(target.expression) : [];
}

function isWrapper(node: typescript.Node): node is typescript.Node & { expression: typescript.Expression } {
  const isSpread = ts.isSpreadElement(node) || ts.isSpreadAssignment(node);
  const isTyped = ts.isAssertionExpression(node) || ts.isSatisfiesExpression(node) || ts.isNonNullExpression(node);
  return isSpread || isTyped || ts.isParenthesizedExpression(node);
}

// What a loop at the top of a cell works with is kept in variables of the loop's own while it runs. V8 keeps a number with a
// fraction, or a large one, in a box of its own when it belongs to a variable of all cells: eight times slower before Node 24.
// And it looks at an array of all cells anew at every step. `for (…) sum += list[i]` becomes
// `{ let own = sum, items = list; try { for (…) own += items[i] } finally { sum = own } }`, where nothing can tell: no function
// of any cell names what changes, and the loop does not wait.
import type typescript from 'typescript';
import { isMemberName, isTopLevel } from './cell-emit';
import { ts } from './compiler';
import type { Names } from './names';

const { factory } = ts;

export function loopLocals(
  checker: typescript.TypeChecker,
  names: Names,
  previous: typescript.SourceFile,
): typescript.TransformerFactory<typescript.SourceFile> {
  return (context) => (file) => {
    names.noteCaptured(namesInFunctions(file));
    const isOfCells = (name: typescript.Identifier, loop: typescript.Node) =>
      checker
        .getSymbolAtLocation(name)
        ?.declarations?.every((at) => (isTopLevel(at, file) && !isInside(at, loop)) || isTopLevel(at, previous));
    const isCounted = (name: typescript.Identifier, loop: typescript.Node) =>
      isOfCells(name, loop) && !names.isCaptured(name.text) && isNumber(checker.getTypeAtLocation(name));
    const isConstant = (name: typescript.Identifier) =>
      !names.isCaptured(name.text) ||
      (checker.getSymbolAtLocation(name)?.declarations ?? []).every(
        (at) => (ts.getCombinedNodeFlags(at) & ts.NodeFlags.Const) !== 0,
      );
    const isList = (name: typescript.Identifier, loop: typescript.Node) =>
      isOfCells(name, loop) && isConstant(name) && isIndexed(checker.getTypeAtLocation(name));
    const visit = (node: typescript.Node): typescript.Node => {
      if (ts.isFunctionLike(node) || ts.isClassLike(node)) return node;
      if (!ts.isIterationStatement(node, true)) return ts.visitEachChild(node, visit, context);
      if (waits(node)) return node;
      const [changed, hidden] = [textsOf(assigned(node)), textsOf(declared(node))];
      const counted = textsOf(assigned(node).filter((name) => isCounted(name, node))).filter(isNotIn(hidden));
      const lists = textsOf(indexed(node).filter((name) => isList(name, node))).filter(
        isNotIn([...changed, ...hidden]),
      );
      return counted.length + lists.length === 0 ? node : withLocals(node, counted, lists, names, context);
    };
    return ts.visitEachChild(file, visit, context);
  };
}

function textsOf(names: typescript.Identifier[]): string[] {
  return [...new Set(names.map(({ text }) => text))];
}

const isNotIn = (names: string[]) => (name: string) => !names.includes(name);

function isInside(node: typescript.Node, container: typescript.Node): boolean {
  return node.pos >= container.pos && node.end <= container.end;
}

function isNumber({ flags }: typescript.Type): boolean {
  return (flags & (ts.TypeFlags.NumberLike | ts.TypeFlags.Any)) !== 0;
}

/** Whether it is an array, of whatever kind. */
function isIndexed(type: typescript.Type): boolean {
  return type.getNumberIndexType() !== undefined && (type.flags & ts.TypeFlags.Object) !== 0;
}

function namesInFunctions(file: typescript.SourceFile): Set<string> {
  const found = new Set<string>();
  const visit = (node: typescript.Node, isInside: boolean): void => {
    if (isInside && ts.isIdentifier(node)) found.add(node.text);
    const within = isInside || ts.isFunctionLike(node) || ts.isClassLike(node);
    ts.forEachChild(node, (child) => visit(child, within));
  };
  visit(file, false);
  return found;
}

function waits(node: typescript.Node): boolean {
  if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier)) return true;
  return ts.isFunctionLike(node) ? false : (ts.forEachChild(node, (child) => waits(child) || undefined) ?? false);
}

/** What is read as `name[…]`, outside functions. */
function indexed(node: typescript.Node): typescript.Identifier[] {
  if (ts.isFunctionLike(node) || ts.isClassLike(node)) return [];
  const inner: typescript.Identifier[] = [];
  ts.forEachChild(node, (child) => void inner.push(...indexed(child)));
  const isList = ts.isElementAccessExpression(node) && ts.isIdentifier(node.expression);
  return isList ? [node.expression as typescript.Identifier, ...inner] : inner;
}

/** The names that are declared within, which hide those of cells there. */
function declared(node: typescript.Node): typescript.Identifier[] {
  const found: typescript.Identifier[] = [];
  const visit = (at: typescript.Node): void => {
    const isDeclaration = ts.isVariableDeclaration(at) || ts.isBindingElement(at) || ts.isParameter(at);
    if (isDeclaration && ts.isIdentifier(at.name)) found.push(at.name);
    ts.forEachChild(at, visit);
  };
  visit(node);
  return found;
}

/** The variables that are assigned to. */
function assigned(node: typescript.Node): typescript.Identifier[] {
  const found: typescript.Identifier[] = [];
  const visit = (at: typescript.Node): void => {
    const target = targetOf(at);
    if (target && ts.isIdentifier(target)) found.push(target);
    ts.forEachChild(at, visit);
  };
  visit(node);
  return found;
}

function targetOf(node: typescript.Node): typescript.Expression | undefined {
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

function withLocals(
  loop: typescript.Statement,
  counted: string[],
  lists: string[],
  names: Names,
  context: typescript.TransformationContext,
): typescript.Statement {
  const kept = [...counted, ...lists];
  const rename = (node: typescript.Node): typescript.Node => {
    if (ts.isShorthandPropertyAssignment(node) && kept.includes(node.name.text)) {
      return factory.createPropertyAssignment(node.name.text, factory.createIdentifier(names.local(node.name.text)));
    }
    if (!ts.isIdentifier(node)) return ts.visitEachChild(node, rename, context);
    if (!kept.includes(node.text) || isMemberName(node)) return node;
    return ts.setTextRange(factory.createIdentifier(names.local(node.text)), node);
  };
  const declarations = kept.map((name) =>
    factory.createVariableDeclaration(names.local(name), undefined, undefined, outer(name, names)),
  );
  const back = counted.map((name) =>
    factory.createExpressionStatement(
      factory.createAssignment(outer(name, names), factory.createIdentifier(names.local(name))),
    ),
  );
  const body = factory.createBlock([rename(loop) as typescript.Statement]);
  return factory.createBlock([
    factory.createVariableStatement(undefined, factory.createVariableDeclarationList(declarations, ts.NodeFlags.Let)),
    back.length === 0 ? body : factory.createTryStatement(body, undefined, factory.createBlock(back)),
  ]);
}

function outer(name: string, names: Names): typescript.Identifier {
  return factory.createIdentifier(names.emitted(name));
}

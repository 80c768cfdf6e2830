// From a checked cell to what V8 is given, the first half, while names still have their meaning: what the code asks of the
// kernel, and how its variables are called.
import type typescript from 'typescript';
import { IN_LOOP } from '../cells/aftermath';
import { PREFIX_LINES } from '../tslab';
import { ts } from './compiler';
import type { Names } from './names';
import { declaration, kernelCall, kernelMember, waitCall } from './nodes';
import { assigned, isConst, isMemberName, isTopLevel, isType } from './variables';

const { factory } = ts;

/** Where a cell stands among the others. */
export interface CellPlace {
  serial: number;
  /** The file that declares what earlier cells left. */
  previous: typescript.SourceFile;
}

/**
 * Rewrites `await x` to `await (void (__kernel_awaited = x) ?? __kernel_wait(place))`, `for await (… of x)` to one over
 * `__kernel.each(x, place)`, `throw x` to `throw __kernel.thrown(x, place)`, `import(x)`, `import.meta`, `import x = require(y)`, the last expression, variables with the
 * name of a global, and assignments to constants that got past the compiler, by a cast: V8 is given all variables as such
 * that may change.
 */
export function toKernel(
  checker: typescript.TypeChecker,
  names: Names,
  cell: CellPlace,
): typescript.TransformerFactory<typescript.SourceFile> {
  return (context) => (file) => new CellRewriter(checker, names, cell, context, file).rewrite();
}

class CellRewriter {
  private readonly assigned: Set<typescript.Identifier>;
  /** As it was written. */
  private readonly original: typescript.SourceFile;

  constructor(
    private readonly checker: typescript.TypeChecker,
    private readonly names: Names,
    private readonly cell: CellPlace,
    private readonly context: typescript.TransformationContext,
    private readonly file: typescript.SourceFile,
  ) {
    this.original = ts.getOriginalNode(file) as typescript.SourceFile;
    this.assigned = new Set(assigned(this.original));
  }

  /** The value of the last expression becomes that of the cell. */
  rewrite(): typescript.SourceFile {
    const last = [...this.file.statements].reverse().find((statement) => !ts.isExportDeclaration(statement));
    const visit = (node: typescript.Node) => (node === last ? keepValue(this.visit(node)) : this.visit(node));
    return ts.visitEachChild(this.file, visit, this.context);
  }

  private readonly visit = (node: typescript.Node): typescript.Node => {
    // types are left out, and what is exported is of no use to V8
    if (isType(node) || ts.isExportDeclaration(node)) return node;
    if (ts.isIdentifier(node)) return this.identifier(node);
    if (ts.isShorthandPropertyAssignment(node)) return this.shorthand(node);
    if (ts.isBindingElement(node) || ts.isImportSpecifier(node)) return this.children(withProperty(node));
    return this.toKernel(this.children(node), node);
  };

  private children<T extends typescript.Node>(node: T): T {
    return ts.visitEachChild(node, this.visit, this.context);
  }

  private toKernel(node: typescript.Node, original: typescript.Node): typescript.Node {
    if (ts.isAwaitExpression(node)) {
      return factory.updateAwaitExpression(node, waitCall(node.expression, this.place(original)));
    }
    if (ts.isThrowStatement(node) && !isPlaced(node.expression)) {
      return factory.updateThrowStatement(node, kernelCall('thrown', [node.expression, this.place(original)]));
    }
    if (ts.isForOfStatement(node) && node.awaitModifier) {
      const items = kernelCall('each', [node.expression, this.place(original)]);
      return factory.updateForOfStatement(node, node.awaitModifier, node.initializer, items, node.statement);
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      return ts.setTextRange(kernelCall('import', node.arguments), node);
    }
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) return kernelMember('meta');
    return ts.isImportEqualsDeclaration(node) ? requireOf(node) : node;
  }

  private place(node: typescript.Node): typescript.Expression {
    const { line, character } = this.file.getLineAndCharacterOfPosition(node.getStart(this.file));
    const place = `${this.cell.serial}:${line + 1 - PREFIX_LINES}:${character + 1}`;
    return factory.createStringLiteral(isInLoop(ts.getOriginalNode(node)) ? `${place}${IN_LOOP}` : place);
  }

  private identifier(node: typescript.Identifier): typescript.Expression {
    if (!node.parent || isMemberName(node)) return node;
    return this.inV8(node, this.checker.getSymbolAtLocation(node)) ?? node;
  }

  /** `{ name }` as `{ name: otherName }`, also where it is assigned to. */
  private shorthand(node: typescript.ShorthandPropertyAssignment): typescript.Node {
    const value = this.inV8(node.name, this.checker.getShorthandAssignmentValueSymbol(node));
    if (!value) return this.children(node);
    const initial = node.objectAssignmentInitializer && ts.visitNode(node.objectAssignmentInitializer, this.visit);
    const assigned = initial ? factory.createAssignment(value, initial as typescript.Expression) : value;
    return factory.createPropertyAssignment(node.name.text, assigned);
  }

  /** What stands for a variable of cells in V8, where it is not its name. */
  private inV8(node: typescript.Identifier, symbol: typescript.Symbol | undefined): typescript.Expression | undefined {
    if (!this.isOfCells(symbol)) return undefined;
    const name = this.names.emitted(node.text);
    const variable = name === node.text ? undefined : ts.setTextRange(factory.createIdentifier(name), node);
    if (!this.assigned.has(node) || !isConst(symbol)) return variable;
    return factory.createPropertyAccessExpression(kernelCall('constant', [variable ?? node]), 'value');
  }

  /** Whether a name is that of a variable at the top of this or an earlier cell. */
  private isOfCells(symbol: typescript.Symbol | undefined): boolean {
    const files = [this.original, this.cell.previous];
    return (symbol?.declarations ?? []).some((declaration) => files.some((file) => isTopLevel(declaration, file)));
  }
}

/** Whether a loop of its own function comes by a node again and again. */
function isInLoop(node: typescript.Node): boolean {
  for (let child = node, { parent } = node; parent && !ts.isFunctionLike(parent); child = parent, { parent } = parent) {
    const isOnce =
      (ts.isForStatement(parent) && child === parent.initializer) ||
      ((ts.isForOfStatement(parent) || ts.isForInStatement(parent)) && child === parent.expression);
    if (ts.isIterationStatement(parent, false) && !isOnce) return true;
  }
  return false;
}

/** Whether V8 itself knows where it is thrown: a new error, told by its name. */
function isPlaced(thrown: typescript.Expression): boolean {
  return ts.isNewExpression(thrown) && ts.isIdentifier(thrown.expression) && /Error$/.test(thrown.expression.text);
}

/** `{ name }` in a pattern or an import takes `name`, whatever the variable is called. */
function withProperty<T extends typescript.BindingElement | typescript.ImportSpecifier>(node: T): T {
  if (node.propertyName || !ts.isIdentifier(node.name)) return node;
  const property = factory.createIdentifier(node.name.text);
  if (ts.isImportSpecifier(node)) {
    return factory.updateImportSpecifier(node, node.isTypeOnly, property, node.name) as T;
  }
  if (!ts.isObjectBindingPattern(node.parent) || node.dotDotDotToken) return node;
  return factory.updateBindingElement(node, undefined, property, node.name, node.initializer) as T;
}

function keepValue(statement: typescript.Node): typescript.Node {
  if (!ts.isExpressionStatement(statement)) return statement;
  const { expression } = statement;
  const kept = factory.createAssignment(kernelMember('value'), factory.createParenthesizedExpression(expression));
  return factory.updateExpressionStatement(statement, kept);
}

/** `import fs = require('fs')` as `const fs = require('fs')`; `import A = N.B` is the compiler's. */
function requireOf(node: typescript.ImportEqualsDeclaration): typescript.Node {
  if (node.isTypeOnly || !ts.isExternalModuleReference(node.moduleReference)) return node;
  const { expression } = node.moduleReference;
  const call = factory.createCallExpression(factory.createIdentifier('require'), undefined, [expression]);
  const list = factory.createVariableDeclarationList([declaration(node.name, call)], ts.NodeFlags.Const);
  return ts.setTextRange(factory.createVariableStatement(undefined, list), node);
}

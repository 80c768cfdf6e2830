// `var` at the top of a cell, within whatever blocks and loops, makes a variable of all cells. It becomes an assignment, and the names
// are declared before the first statement.
import type typescript from 'typescript';
import { ts } from './compiler';

const { factory } = ts;

/** `var` within loops becomes assignments while names still have their meaning: loops can then keep those variables, too. */
export function varsOfLoops(context: typescript.TransformationContext) {
  return (file: typescript.SourceFile): typescript.SourceFile => {
    const vars = new Vars();
    const visit = (node: typescript.Node): typescript.Node =>
      isClosed(node) ? node : vars.rewrite(ts.visitEachChild(node, visit, context));
    const statements = file.statements.map((statement) =>
      ts.isVariableStatement(statement) ? statement : (visit(statement) as typescript.Statement),
    );
    const names = vars.declarations();
    if (names.length === 0) return file;
    const first = factory.createVariableStatement(undefined, names);
    return factory.updateSourceFile(
      file,
      ts.setTextRange(factory.createNodeArray([first, ...statements]), file.statements),
    );
  };
}

/** Whether no `var` within is one of the file. */
export function isClosed(node: typescript.Node): boolean {
  return ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isExpression(node) || ts.isModuleDeclaration(node);
}

export function isVar(list: typescript.VariableDeclarationList): boolean {
  return (list.flags & ts.NodeFlags.BlockScoped) === 0;
}

export class Vars {
  private readonly hoisted = new Map<string, typescript.Identifier>();

  /** Of the names that were declared. */
  declarations(): typescript.VariableDeclaration[] {
    return [...this.hoisted.values()].map((name) => factory.createVariableDeclaration(name));
  }

  /** A statement that declares by `var`, without that; its parts are rewritten already. */
  rewrite(node: typescript.Node): typescript.Node {
    if (ts.isVariableStatement(node)) return this.statement(node);
    return ts.isForStatement(node) ? this.forOf(node) : this.forEach(node);
  }

  private statement(node: typescript.VariableStatement): typescript.Statement {
    const isAmbient = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword);
    if (!isVar(node.declarationList) || isAmbient) return node;
    return ts.setTextRange(factory.createExpressionStatement(this.assignments(node.declarationList)), node);
  }

  /** `for (var i = 0; …)` as `for (i = 0; …)`. */
  private forOf(loop: typescript.ForStatement): typescript.ForStatement {
    const { initializer, condition, incrementor, statement } = loop;
    if (!initializer || !isVarList(initializer)) return loop;
    return factory.updateForStatement(loop, this.assignments(initializer), condition, incrementor, statement);
  }

  /** `for (var x of xs)` as `for (x of xs)`. */
  private forEach(loop: typescript.Node): typescript.Node {
    if (!(ts.isForInStatement(loop) || ts.isForOfStatement(loop)) || !isVarList(loop.initializer)) return loop;
    const target = this.target(loop.initializer.declarations[0].name);
    return ts.isForInStatement(loop)
      ? factory.updateForInStatement(loop, target, loop.expression, loop.statement)
      : factory.updateForOfStatement(loop, loop.awaitModifier, target, loop.expression, loop.statement);
  }

  private assignments(list: typescript.VariableDeclarationList): typescript.Expression {
    const assigned = list.declarations.flatMap(({ name, initializer }): typescript.Expression[] => {
      const target = this.target(name);
      return initializer ? [ts.setTextRange(factory.createAssignment(target, initializer), name)] : [];
    });
    return assigned.length === 0
      ? factory.createVoidZero()
      : assigned.reduce((one, other) => factory.createComma(one, other));
  }

  /** A declared name or pattern as what an assignment assigns to. */
  private target(name: typescript.BindingName): typescript.Expression {
    if (ts.isIdentifier(name)) {
      this.hoisted.set(name.text, name);
      return name;
    }
    if (ts.isArrayBindingPattern(name)) {
      const elements = name.elements.map((element) =>
        ts.isOmittedExpression(element) ? element : this.elementTarget(element, true),
      );
      return factory.createArrayLiteralExpression(elements);
    }
    return factory.createObjectLiteralExpression(name.elements.map((element) => this.propertyTarget(element)));
  }

  private elementTarget(element: typescript.BindingElement, spread: boolean): typescript.Expression {
    const target = this.target(element.name);
    if (element.dotDotDotToken && spread) return factory.createSpreadElement(target);
    return element.initializer ? factory.createAssignment(target, element.initializer) : target;
  }

  private propertyTarget(element: typescript.BindingElement): typescript.ObjectLiteralElementLike {
    const target = this.elementTarget(element, false);
    if (element.dotDotDotToken) return factory.createSpreadAssignment(target);
    // a name of its own: the variable's may become another
    const property = element.propertyName ?? factory.createIdentifier((element.name as typescript.Identifier).text);
    return factory.createPropertyAssignment(property, target);
  }
}

function isVarList(node: typescript.ForInitializer): node is typescript.VariableDeclarationList {
  return ts.isVariableDeclarationList(node) && isVar(node);
}

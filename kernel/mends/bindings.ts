// Mend: tslab keeps a cell's variables in the cell, so that `let lr = 1; function show() { return lr }` never sees a later
// `lr = 2`. Here every top-level variable, function and class of a cell lives in `exports`, where all cells find it, and
// is assigned as the cell runs: what a failed cell had assigned is kept.
import type typescript from 'typescript';
import { ts } from './compiler';

const { factory } = ts;

/** The top-level declarations of a cell, by how they are kept. */
interface Shared {
  variables: Set<typescript.Symbol>;
  functions: Map<typescript.Symbol, typescript.FunctionDeclaration>;
  classes: Map<typescript.Symbol, typescript.Node>;
}

/** Rewrites a cell; `previous` is the file that declares what earlier cells left. */
export function bindToExports(
  checker: typescript.TypeChecker,
  previous: typescript.SourceFile,
): typescript.TransformerFactory<typescript.SourceFile> {
  return (context) => (file) => new Binder(checker, context, previous, findShared(file, checker)).rewrite(file);
}

function findShared(file: typescript.SourceFile, checker: typescript.TypeChecker): Shared {
  const shared: Shared = { variables: new Set(), functions: new Map(), classes: new Map() };
  const symbol = (name: typescript.Node) => checker.getSymbolAtLocation(name)!;
  for (const statement of file.statements) {
    if (isAmbient(statement)) continue;
    if (ts.isVariableStatement(statement)) {
      for (const name of boundNames(statement.declarationList)) shared.variables.add(symbol(name));
    } else if (ts.isFunctionDeclaration(statement) && statement.name && statement.body) {
      shared.functions.set(symbol(statement.name), statement);
    } else if ((ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement)) && statement.name) {
      shared.classes.set(symbol(statement.name), ts.getOriginalNode(statement));
    }
  }
  return shared;
}

function isAmbient(statement: typescript.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  return modifiers.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword);
}

function boundNames(list: typescript.VariableDeclarationList): typescript.Identifier[] {
  const names = (name: typescript.BindingName): typescript.Identifier[] =>
    ts.isIdentifier(name)
      ? [name]
      : name.elements.flatMap((element) => (ts.isBindingElement(element) ? names(element.name) : []));
  return list.declarations.flatMap((declaration) => names(declaration.name));
}

/** `exports.name`, at the place of `original`. */
function exported(name: string, original: typescript.Node): typescript.PropertyAccessExpression {
  return ts.setTextRange(factory.createPropertyAccessExpression(factory.createIdentifier('exports'), name), original);
}

class Binder {
  constructor(
    private readonly checker: typescript.TypeChecker,
    private readonly context: typescript.TransformationContext,
    private readonly previous: typescript.SourceFile,
    private readonly shared: Shared,
  ) {}

  rewrite(file: typescript.SourceFile): typescript.SourceFile {
    const hoisted = [...this.shared.functions.values()].map((declaration) => this.assignment(declaration.name!));
    const statements = file.statements.flatMap((statement) => this.statement(statement));
    return factory.updateSourceFile(
      file,
      ts.setTextRange(factory.createNodeArray([...hoisted, ...statements]), file.statements),
    );
  }

  private statement(statement: typescript.Statement): typescript.Statement[] {
    if (ts.isExportDeclaration(statement)) return [this.withoutShared(statement)];
    if (ts.isVariableStatement(statement) && !isAmbient(statement)) return this.assignments(statement);
    const visited = this.visit(statement) as typescript.Statement;
    const isClass = ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement);
    if (!isClass || isAmbient(statement) || !statement.name) return [visited];
    return [visited, this.assignment(statement.name)];
  }

  /** `void (exports.name = name)`: `void`, so that it never looks like the cell's last expression. */
  private assignment(name: typescript.Identifier): typescript.Statement {
    return discarded(factory.createAssignment(exported(name.text, name), factory.createIdentifier(name.text)), name);
  }

  private assignments(statement: typescript.VariableStatement): typescript.Statement[] {
    return statement.declarationList.declarations.map((declaration) => {
      const { name, initializer } = declaration;
      const value = initializer ? this.named(name, this.visit(initializer)) : factory.createVoidZero();
      return discarded(factory.createAssignment(this.target(name), value), declaration);
    });
  }

  /** Keeps the name that `const f = () => …` gives to a function: an assignment to a property gives none. */
  private named(name: typescript.BindingName, value: typescript.Expression): typescript.Expression {
    const anonymous =
      ts.isArrowFunction(value) || ((ts.isFunctionExpression(value) || ts.isClassExpression(value)) && !value.name);
    if (!ts.isIdentifier(name) || !anonymous) return value;
    const holder = factory.createObjectLiteralExpression([factory.createPropertyAssignment(name.text, value)]);
    return factory.createPropertyAccessExpression(factory.createParenthesizedExpression(holder), name.text);
  }

  /** A declared name or pattern as what an assignment assigns to. */
  private target(name: typescript.BindingName): typescript.Expression {
    if (ts.isIdentifier(name)) return exported(name.text, name);
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
    return element.initializer ? factory.createAssignment(target, this.visit(element.initializer)) : target;
  }

  private propertyTarget(element: typescript.BindingElement): typescript.ObjectLiteralElementLike {
    const target = this.elementTarget(element, false);
    if (element.dotDotDotToken) return factory.createSpreadAssignment(target);
    const key = element.propertyName ?? (element.name as typescript.Identifier);
    const name = ts.isComputedPropertyName(key) ? factory.createComputedPropertyName(this.visit(key.expression)) : key;
    return factory.createPropertyAssignment(ts.isIdentifier(name) ? name.text : name, target);
  }

  /** tslab exports every name at the end; those kept here are exported already. */
  private withoutShared(statement: typescript.ExportDeclaration): typescript.Statement {
    const { exportClause } = statement;
    if (!exportClause || !ts.isNamedExports(exportClause)) return statement;
    const others = exportClause.elements.filter((element) => {
      const symbol = this.checker.getExportSpecifierLocalTargetSymbol(element);
      return !symbol || !this.isShared(symbol);
    });
    const clause = factory.updateNamedExports(exportClause, others);
    return factory.updateExportDeclaration(statement, undefined, false, clause, undefined, undefined);
  }

  private isShared(symbol: typescript.Symbol): boolean {
    const { variables, functions, classes } = this.shared;
    return variables.has(symbol) || functions.has(symbol) || classes.has(symbol);
  }

  private visit<T extends typescript.Node>(node: T): T {
    return this.visitNode(node) as T;
  }

  private readonly visitNode = (node: typescript.Node): typescript.Node => {
    if (ts.isExpressionWithTypeArguments(node)) return this.visitChildren(node);
    if (ts.isTypeNode(node)) return node;
    if (ts.isIdentifier(node)) return this.reference(node);
    if (ts.isShorthandPropertyAssignment(node)) return this.shorthand(node);
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) return this.call(node, node.expression);
    return this.visitChildren(node);
  };

  private visitChildren(node: typescript.Node): typescript.Node {
    return ts.visitEachChild(node, this.visitNode, this.context);
  }

  private reference(node: typescript.Identifier): typescript.Node {
    // what the other mends have put in has no parent and no meaning of its own
    if (!node.parent || !isExpression(node) || isMemberName(node)) return node;
    return this.livesInExports(this.checker.getSymbolAtLocation(node), node) ? exported(node.text, node) : node;
  }

  /** `{ lr }` becomes `{ lr: exports.lr }`, also where it is assigned to. */
  private shorthand(node: typescript.ShorthandPropertyAssignment): typescript.Node {
    const symbol = this.checker.getShorthandAssignmentValueSymbol(node);
    if (!this.livesInExports(symbol, node)) return this.visitChildren(node);
    const value = exported(node.name.text, node.name);
    const initial = node.objectAssignmentInitializer;
    const assigned = initial ? factory.createAssignment(value, this.visit(initial)) : value;
    return factory.createPropertyAssignment(node.name.text, assigned);
  }

  /** `show()` becomes `(0, exports.show)()`, so that `this` stays what it was. */
  private call(node: typescript.CallExpression, callee: typescript.Identifier): typescript.Node {
    const target = this.reference(callee);
    const visited = this.visitChildren(node) as typescript.CallExpression;
    if (target === callee) return visited;
    const free = factory.createParenthesizedExpression(
      factory.createComma(factory.createNumericLiteral(0), target as typescript.Expression),
    );
    const call = factory.updateCallExpression(visited, free, undefined, visited.arguments);
    return ts.setSourceMapRange(call, node);
  }

  private livesInExports(symbol: typescript.Symbol | undefined, place: typescript.Node): boolean {
    if (!symbol) return false;
    if (symbol.declarations?.some((declaration) => declaration.getSourceFile() === this.previous)) return true;
    const { variables, functions, classes } = this.shared;
    if (variables.has(symbol) || functions.has(symbol)) return true;
    const declaration = classes.get(symbol);
    // inside a class its name works before the class is finished
    return declaration !== undefined && !isInside(place, declaration);
  }
}

function discarded(expression: typescript.Expression, original: typescript.Node): typescript.Statement {
  const statement = factory.createExpressionStatement(
    factory.createVoidExpression(factory.createParenthesizedExpression(expression)),
  );
  return ts.setTextRange(statement, original);
}

function isExpression(node: typescript.Identifier): boolean {
  return (ts as unknown as { isExpressionNode(node: typescript.Node): boolean }).isExpressionNode(node);
}

/** `x` in `point.x`: declared in an earlier cell perhaps, with the type of `point`, but no variable. */
function isMemberName(node: typescript.Identifier): boolean {
  return ts.isPropertyAccessExpression(node.parent) && node.parent.name === node;
}

function isInside(node: typescript.Node, container: typescript.Node): boolean {
  for (let at: typescript.Node | undefined = node; at; at = at.parent) if (at === container) return true;
  return false;
}

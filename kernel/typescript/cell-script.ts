// From the JavaScript module that the compiler makes of a cell to a script for V8's REPL mode: every name at its top becomes
// a `let`, which V8 allows to be declared anew, and imports become calls of the kernel.
import type typescript from 'typescript';
import { ts } from './compiler';
import { writtenName } from './names';
import { declaration, kernelCall, letOf } from './nodes';
import { isClosed, isVar, Vars } from './vars';

const { factory } = ts;

/** What becomes of an import: it can be loaded at once, or has to be waited for. */
export type IsImmediate = (specifier: string) => boolean;

type Statement = typescript.Statement;

export function toScript(isImmediate: IsImmediate): typescript.TransformerFactory<typescript.SourceFile> {
  return (context) => (file) => {
    const script = new Script(context, isImmediate);
    const statements = file.statements.flatMap((statement) => script.statement(statement));
    return factory.updateSourceFile(
      file,
      ts.setTextRange(
        factory.createNodeArray([...script.first, ...script.variables(), ...statements]),
        file.statements,
      ),
    );
  };
}

class Script {
  /** Imports and functions, which are there before the first statement. */
  readonly first: Statement[] = [];
  private readonly vars = new Vars();

  constructor(
    private readonly context: typescript.TransformationContext,
    private readonly isImmediate: IsImmediate,
  ) {}

  variables(): Statement[] {
    const names = this.vars.declarations();
    return names.length === 0 ? [] : [letOf(names)];
  }

  statement(statement: Statement): Statement[] {
    if (ts.isImportDeclaration(statement)) return this.hoist(this.importOf(statement));
    if (ts.isExportDeclaration(statement)) return [];
    if (ts.isExportAssignment(statement)) return [defaultExport(statement)];
    if (ts.isFunctionDeclaration(statement)) return this.hoist(functionOf(statement));
    if (ts.isClassDeclaration(statement)) return [classOf(statement)];
    if (ts.isVariableStatement(statement)) return this.keepVariables(statement);
    return [this.visit(statement) as Statement];
  }

  private hoist(statement: Statement): Statement[] {
    this.first.push(statement);
    return [];
  }

  /** A second `var` of one name only assigns. */
  private keepVariables(statement: typescript.VariableStatement): Statement[] {
    const { declarationList } = statement;
    if (isVar(declarationList)) return [this.visit(statement) as Statement];
    return [ts.setTextRange(letOf(declarationList.declarations), statement)];
  }

  private readonly visit = (node: typescript.Node): typescript.Node => {
    if (isClosed(node)) return node;
    return ts.isBlock(node) ? this.block(node) : this.vars.rewrite(ts.visitEachChild(node, this.visit, this.context));
  };

  /** A function in a block is the block's own; as a declaration it would be one of all cells, too. */
  private block(block: typescript.Block): typescript.Block {
    const functions = block.statements.filter((statement) => ts.isFunctionDeclaration(statement));
    const others = block.statements.filter((statement) => !ts.isFunctionDeclaration(statement));
    const statements = [...functions.map(functionOf), ...others.map((other) => this.visit(other) as Statement)];
    return factory.updateBlock(block, ts.setTextRange(factory.createNodeArray(statements), block.statements));
  }

  /** `import { a as b } from 'm'` as `let { a: b } = __kernel.load('m')`. */
  private importOf(node: typescript.ImportDeclaration): Statement {
    const specifier = node.moduleSpecifier as typescript.StringLiteral;
    const isImmediate = this.isImmediate(specifier.text);
    const call = kernelCall(isImmediate ? 'load' : 'import', [specifier, ...attributesOf(node)]);
    const value = isImmediate ? call : factory.createAwaitExpression(call);
    const variables = node.importClause ? variablesOf(node.importClause, value) : [];
    return ts.setTextRange(variables.length > 0 ? letOf(variables) : factory.createExpressionStatement(value), node);
  }
}

/** V8 lets a function be declared anew only as a variable that holds it. */
function functionOf(node: typescript.FunctionDeclaration): Statement {
  const modifiers = ts.getModifiers(node)?.filter(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword);
  const { asteriskToken, parameters, body } = node;
  const name = node.name && innerName(node.name);
  const value = factory.createFunctionExpression(
    modifiers,
    asteriskToken,
    name,
    undefined,
    parameters,
    undefined,
    body!,
  );
  return variableOf(node, ts.setTextRange(value, node));
}

/** A class may be declared anew as it is. */
function classOf(node: typescript.ClassDeclaration): Statement {
  const name = node.name && innerName(node.name);
  const { heritageClauses, members } = node;
  if (node.name && !name)
    return factory.updateClassDeclaration(node, undefined, node.name, undefined, heritageClauses, members);
  return variableOf(
    node,
    ts.setTextRange(factory.createClassExpression(undefined, name, undefined, heritageClauses, members), node),
  );
}

/** The name that a function or class goes by where its variable has another. */
function innerName({ text }: typescript.Identifier): typescript.Identifier | undefined {
  return writtenName(text) === text ? undefined : factory.createIdentifier(writtenName(text));
}

function variableOf(
  node: typescript.FunctionDeclaration | typescript.ClassDeclaration,
  value: typescript.Expression,
): Statement {
  if (!node.name)
    return factory.createExpressionStatement(
      factory.createVoidExpression(factory.createParenthesizedExpression(value)),
    );
  return ts.setTextRange(letOf([declaration(node.name, value)]), node);
}

function defaultExport(node: typescript.ExportAssignment): Statement {
  return ts.setTextRange(factory.createExpressionStatement(node.expression), node);
}

function attributesOf({ attributes }: typescript.ImportDeclaration): typescript.Expression[] {
  if (!attributes) return [];
  const values = attributes.elements.map(({ name, value }) => factory.createPropertyAssignment(name, value));
  const given = factory.createObjectLiteralExpression(values);
  return [factory.createObjectLiteralExpression([factory.createPropertyAssignment('with', given)])];
}

/** A namespace is held whole; default and names are taken out of it. */
function variablesOf(clause: typescript.ImportClause, value: typescript.Expression): typescript.VariableDeclaration[] {
  const { name, namedBindings } = clause;
  const elements = name ? [factory.createBindingElement(undefined, 'default', name)] : [];
  if (namedBindings && ts.isNamespaceImport(namedBindings)) {
    const whole = declaration(namedBindings.name, value);
    return name ? [whole, declaration(factory.createObjectBindingPattern(elements), namedBindings.name)] : [whole];
  }
  for (const { name: local, propertyName } of namedBindings?.elements ?? []) {
    const property = propertyName && ts.isStringLiteral(propertyName) ? propertyName : propertyName?.text;
    elements.push(factory.createBindingElement(undefined, property as string, local));
  }
  return elements.length === 0 ? [] : [declaration(factory.createObjectBindingPattern(elements), value)];
}

// The last step from a cell to a script, for a browser, which has no REPL mode: `let` at the top becomes an assignment to the
// global object, and the whole a function that may wait.
import type typescript from 'typescript';
import { type IsImmediate, toScript as toReplScript } from '../../kernel/typescript/cell-script';
import { ts } from '../../kernel/typescript/compiler';
import { KERNEL_NAME } from '../../kernel/typescript/names';

const { factory } = ts;

/** What the compiler has and does not declare. */
interface Converters {
  convertToAssignmentPattern(pattern: typescript.BindingPattern): typescript.Expression;
}
const { converters } = factory as unknown as { converters: Converters };

export type { IsImmediate };

export function toScript(isImmediate: IsImmediate): typescript.TransformerFactory<typescript.SourceFile> {
  return (context) => (file) => {
    const script = toReplScript(isImmediate)(context)(file);
    const statements = script.statements.flatMap(globally);
    const modifiers = [factory.createModifier(ts.SyntaxKind.AsyncKeyword)];
    const body = factory.createBlock(statements, true);
    const cell = factory.createArrowFunction(modifiers, undefined, [], undefined, undefined, body);
    const run = factory.createPropertyAccessExpression(factory.createIdentifier(KERNEL_NAME), 'run');
    const call = factory.createExpressionStatement(factory.createCallExpression(run, undefined, [cell]));
    return factory.updateSourceFile(script, [call]);
  };
}

function globally(statement: typescript.Statement): typescript.Statement[] {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(assignment);
  if (!ts.isClassDeclaration(statement) || !statement.name) return [statement];
  const { name, heritageClauses, members } = statement;
  const value = factory.createClassExpression(undefined, name, undefined, heritageClauses, members);
  return [assigned(name, ts.setTextRange(value, statement), statement)];
}

function assignment(declaration: typescript.VariableDeclaration): typescript.Statement {
  const { name, initializer = factory.createVoidZero() } = declaration;
  const target = ts.isIdentifier(name) ? name : converters.convertToAssignmentPattern(name);
  return assigned(target, initializer, declaration);
}

function assigned(target: typescript.Expression, value: typescript.Expression, from: typescript.Node) {
  const expression = ts.setTextRange(factory.createAssignment(target, value), from);
  // a pattern in braces would begin a block
  const whole = ts.isObjectLiteralExpression(target) ? factory.createParenthesizedExpression(expression) : expression;
  return ts.setTextRange(factory.createExpressionStatement(whole), from);
}

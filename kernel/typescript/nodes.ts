// Pieces of code that are put into cells.
import type typescript from 'typescript';
import { ts } from './compiler';
import { AWAITED_NAME, KERNEL_NAME, WAIT_NAME } from './names';

const { factory } = ts;

/** `__kernel.name`. */
export function kernelMember(name: string): typescript.PropertyAccessExpression {
  return factory.createPropertyAccessExpression(factory.createIdentifier(KERNEL_NAME), name);
}

/** `__kernel.name(…values)`. */
export function kernelCall(name: string, values: readonly typescript.Expression[]): typescript.CallExpression {
  return factory.createCallExpression(kernelMember(name), undefined, values);
}

/**
 * `(void (__kernel_awaited = value) ?? __kernel_wait(place))`: nothing of it is on the stack while `value` is computed. A
 * comma would say the same, but is a place where a debugger's step halts.
 */
export function waitCall(value: typescript.Expression, place: typescript.Expression): typescript.Expression {
  const awaited = factory.createAssignment(factory.createIdentifier(AWAITED_NAME), value);
  const wait = factory.createCallExpression(factory.createIdentifier(WAIT_NAME), undefined, [place]);
  const noted = factory.createVoidExpression(factory.createParenthesizedExpression(awaited));
  return factory.createParenthesizedExpression(
    factory.createBinaryExpression(noted, ts.SyntaxKind.QuestionQuestionToken, wait),
  );
}

/** `name = value`, to be declared; without a value where there is none. */
export function declaration(
  name: string | typescript.BindingName,
  value?: typescript.Expression,
): typescript.VariableDeclaration {
  return factory.createVariableDeclaration(name, undefined, undefined, value);
}

/** `let …declarations`. */
export function letOf(declarations: readonly typescript.VariableDeclaration[]): typescript.Statement {
  const list = factory.createVariableDeclarationList(declarations, ts.NodeFlags.Let);
  return factory.createVariableStatement(undefined, list);
}

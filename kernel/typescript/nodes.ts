// Pieces of code that are put into cells.
import type typescript from 'typescript';
import { ts } from './compiler';
import { KERNEL_NAME } from './names';

const { factory } = ts;

/** `__kernel.name`. */
export function kernelMember(name: string): typescript.PropertyAccessExpression {
  return factory.createPropertyAccessExpression(factory.createIdentifier(KERNEL_NAME), name);
}

/** `__kernel.name(…values)`. */
export function kernelCall(name: string, values: readonly typescript.Expression[]): typescript.CallExpression {
  return factory.createCallExpression(kernelMember(name), undefined, values);
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

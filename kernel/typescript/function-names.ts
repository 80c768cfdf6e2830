// What `name` says of a function or a class without a name of its own: the variable that it is given to, as a person has written it.
// `const alert = () => 1` becomes `let alert__cell = { alert: () => 1 }.alert`.
import type typescript from 'typescript';
import { ts } from './compiler';
import { writtenName } from './names';

const { factory } = ts;

const ASSIGNMENTS = [
  ts.SyntaxKind.EqualsToken,
  ts.SyntaxKind.QuestionQuestionEqualsToken,
  ts.SyntaxKind.BarBarEqualsToken,
  ts.SyntaxKind.AmpersandAmpersandEqualsToken,
];

export function nameFunctions(context: typescript.TransformationContext) {
  const visit = (node: typescript.Node): typescript.Node => named(ts.visitEachChild(node, visit, context));
  return (file: typescript.SourceFile) => ts.visitEachChild(file, visit, context);
}

function named(node: typescript.Node): typescript.Node {
  if (ts.isVariableDeclaration(node)) {
    const { name, exclamationToken, type, initializer } = node;
    return factory.updateVariableDeclaration(node, name, exclamationToken, type, valueOf(name, initializer));
  }
  if (ts.isBindingElement(node)) {
    const { dotDotDotToken, propertyName, name, initializer } = node;
    return factory.updateBindingElement(node, dotDotDotToken, propertyName, name, valueOf(name, initializer));
  }
  if (ts.isBinaryExpression(node) && ASSIGNMENTS.includes(node.operatorToken.kind)) {
    const { left, operatorToken, right } = node;
    return factory.updateBinaryExpression(node, left, operatorToken, valueOf(left, right) ?? right);
  }
  return ts.isCallExpression(node) ? withWrittenName(node) : node;
}

function valueOf(variable: typescript.Node, value: typescript.Expression | undefined) {
  if (!value || !ts.isIdentifier(variable) || !isNameless(value)) return value;
  const name = writtenName(variable.text);
  if (name === variable.text) return value;
  const holder = factory.createObjectLiteralExpression([factory.createPropertyAssignment(name, value)]);
  return ts.setTextRange(factory.createPropertyAccessExpression(holder, name), value);
}

function isNameless(value: typescript.Expression): boolean {
  if (ts.isParenthesizedExpression(value)) return isNameless(value.expression);
  return ts.isArrowFunction(value) || ((ts.isFunctionExpression(value) || ts.isClassExpression(value)) && !value.name);
}

/** `__setFunctionName(_classThis, "File__cell")`, by which the compiler names a decorated class. */
function withWrittenName(call: typescript.CallExpression): typescript.CallExpression {
  const { expression, typeArguments, arguments: values } = call;
  if (!ts.isIdentifier(expression) || expression.text !== '__setFunctionName') return call;
  const written = values.map((value) =>
    ts.isStringLiteral(value) ? factory.createStringLiteral(writtenName(value.text)) : value,
  );
  return factory.updateCallExpression(call, expression, typeArguments, written);
}

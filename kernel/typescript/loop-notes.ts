// When a loop that keeps variables notes them: at the end of every round that calls something or has rounds of its own, and so takes
// its time; of quick ones one of 2,048, as to note each would cost as much as the round. One that is noted much more
// rarely is one that V8 does not expect when it makes the loop fast.
import type typescript from 'typescript';
import { ts } from './compiler';
import { KERNEL_NAME } from './names';
import { assigned, isFunction, isType } from './variables';

const { factory } = ts;

/** The variable that counts the rounds of loops that do not count them themselves; it has to be declared. */
export const ROUNDS = `${KERNEL_NAME}_rounds`;
const NOTED = 2048;

type Statement = typescript.Statement;

/** Whether a variable holds numbers, and no big integers, which count otherwise. */
type IsNumber = (name: typescript.Identifier) => boolean;

/**
 * A loop that notes at the end of its rounds; one over items that may `continue`, at their beginning.
 *
 * @param values Notes them.
 */
export function withNote(
  loop: typescript.IterationStatement,
  values: typescript.Expression,
  isNumber: IsNumber,
): Statement {
  const note = noteOf(loop, values, isNumber);
  if (ts.isForStatement(loop)) {
    const { initializer, condition, incrementor, statement } = loop;
    const next = incrementor ? factory.createComma(incrementor, note) : note;
    return factory.updateForStatement(loop, initializer, condition, next, statement);
  }
  if (ts.isWhileStatement(loop)) {
    return ts.setTextRange(factory.createForStatement(undefined, loop.expression, note, loop.statement), loop);
  }
  if (ts.isDoStatement(loop)) {
    return factory.updateDoStatement(loop, loop.statement, factory.createComma(note, loop.expression));
  }
  const noting = factory.createExpressionStatement(note);
  const { statement } = loop as typescript.ForInOrOfStatement;
  const body = factory.createBlock(continues(statement) ? [noting, statement] : [statement, noting]);
  if (ts.isForInStatement(loop)) return factory.updateForInStatement(loop, loop.initializer, loop.expression, body);
  const { awaitModifier, initializer, expression } = loop as typescript.ForOfStatement;
  return factory.updateForOfStatement(loop as typescript.ForOfStatement, awaitModifier, initializer, expression, body);
}

function noteOf(
  loop: typescript.IterationStatement,
  values: typescript.Expression,
  isNumber: IsNumber,
): typescript.Expression {
  if (takesTime(loop)) return values;
  const counter = counterOf(loop, isNumber);
  const round = factory.createParenthesizedExpression(
    counter ? lowBits(factory.createIdentifier(counter.text)) : nextRound(),
  );
  const isNoted = factory.createStrictEquality(round, factory.createNumericLiteral(0));
  return factory.createLogicalAnd(isNoted, factory.createParenthesizedExpression(values));
}

function continues(node: typescript.Node): boolean {
  if (ts.isContinueStatement(node)) return true;
  return isFunction(node) ? false : (ts.forEachChild(node, (child) => continues(child) || undefined) ?? false);
}

/** Whether a round calls something or has rounds of its own. */
function takesTime(loop: typescript.Node): boolean {
  const visit = (node: typescript.Node): boolean => {
    if (isFunction(node) || isType(node)) return false;
    if (ts.isCallExpression(node) || ts.isNewExpression(node) || ts.isTaggedTemplateExpression(node)) return true;
    return (
      ts.isIterationStatement(node, false) || (ts.forEachChild(node, (child) => visit(child) || undefined) ?? false)
    );
  };
  return ts.forEachChild(loop, (child) => visit(child) || undefined) ?? false;
}

/** A number that counts the rounds: `i` of `for (…; …; i++)`, or one that the body counts up once. */
function counterOf(loop: typescript.IterationStatement, isNumber: IsNumber): typescript.Identifier | undefined {
  const { statement } = loop;
  const body = ts.isBlock(statement) ? [...statement.statements] : [statement];
  const ofBody = continues(statement)
    ? []
    : body.map((each) => (ts.isExpressionStatement(each) ? each.expression : each));
  const changes = [...parts(loop), statement].flatMap(assigned).map(({ text }) => text);
  const isCounter = (name: typescript.Identifier) =>
    changes.filter((text) => text === name.text).length === 1 && isNumber(name);
  return [...(ts.isForStatement(loop) && loop.incrementor ? [loop.incrementor] : []), ...ofBody]
    .map(countedUp)
    .find((name) => name !== undefined && isCounter(name));
}

/** What of a loop runs in every round beside its body. */
function parts(loop: typescript.IterationStatement): typescript.Node[] {
  if (!ts.isForStatement(loop)) return ts.isWhileStatement(loop) || ts.isDoStatement(loop) ? [loop.expression] : [];
  return [loop.condition, loop.incrementor].filter((part) => part !== undefined);
}

/** The variable of `name++`. */
function countedUp(node: typescript.Node): typescript.Identifier | undefined {
  const isUnary = ts.isPostfixUnaryExpression(node) || ts.isPrefixUnaryExpression(node);
  if (!isUnary || node.operator !== ts.SyntaxKind.PlusPlusToken || !ts.isIdentifier(node.operand)) return undefined;
  return node.operand;
}

function lowBits(counter: typescript.Expression): typescript.Expression {
  return factory.createBitwiseAnd(counter, factory.createNumericLiteral(NOTED - 1));
}

/** `rounds = (rounds + 1) & 2047`. */
function nextRound(): typescript.Expression {
  const rounds = factory.createIdentifier(ROUNDS);
  const next = factory.createAdd(rounds, factory.createNumericLiteral(1));
  return factory.createAssignment(rounds, lowBits(factory.createParenthesizedExpression(next)));
}

// Mend: a cell that tslab stops goes on behind the notebook's back. Every await of a cell goes through the kernel, which ends
// it when the cell is stopped and notes the line for the traceback; every loop looks at the stop flag, because after an
// `await` nothing else can end a loop that never pauses.
import type typescript from 'typescript';
import { ts } from './compiler';

const { factory } = ts;

/** The name under which compiled cells find the kernel. */
export const KERNEL_NAME = '__kernel';

/**
 * Rewrites `await x` to `await __kernel.wait(x, place)`, `for await (… of xs)` likewise, and puts `__kernel.check()` first in
 * every loop.
 *
 * @param onTopLevelLoop Called for a `for await` outside functions: tslab does not see that the cell is asynchronous.
 */
export function watchStops(
  serial: number,
  prefixLines: number,
  onTopLevelLoop: () => void,
): typescript.TransformerFactory<typescript.SourceFile> {
  return (context) => (file) => {
    const visit = (node: typescript.Node): typescript.Node => {
      const visited = ts.visitEachChild(node, visit, context);
      if (ts.isAwaitExpression(visited)) {
        return factory.updateAwaitExpression(visited, watched('wait', visited.expression, place(node)));
      }
      if (ts.isForOfStatement(visited) && visited.awaitModifier) {
        if (!ts.findAncestor(node, ts.isFunctionLike)) onTopLevelLoop();
        const { awaitModifier, initializer, expression, statement } = visited;
        const items = watched('each', expression, place(node));
        return factory.updateForOfStatement(visited, awaitModifier, initializer, items, checked(statement));
      }
      return ts.isIterationStatement(visited, false) ? withCheck(visited, context) : visited;
    };
    const place = (node: typescript.Node) => {
      const { line, character } = file.getLineAndCharacterOfPosition(node.getStart(file));
      return `${serial}:${line + 1 - prefixLines}:${character + 1}`;
    };
    return ts.visitEachChild(file, visit, context);
  };
}

function watched(name: string, value: typescript.Expression, place: string): typescript.Expression {
  const callee = factory.createPropertyAccessExpression(factory.createIdentifier(KERNEL_NAME), name);
  return factory.createCallExpression(callee, undefined, [value, factory.createStringLiteral(place)]);
}

/** Replaces the body of a loop, its last child that is a statement. */
function withCheck(
  loop: typescript.IterationStatement,
  context: typescript.TransformationContext,
): typescript.IterationStatement {
  return ts.visitEachChild(loop, (child) => (child === loop.statement ? checked(loop.statement) : child), context);
}

function checked(body: typescript.Statement): typescript.Block {
  const check = factory.createPropertyAccessExpression(factory.createIdentifier(KERNEL_NAME), 'check');
  const call = factory.createExpressionStatement(factory.createCallExpression(check, undefined, []));
  // so that a traceback finds the loop
  ts.setSourceMapRange(call.expression, body);
  const block = factory.createBlock([call, ...(ts.isBlock(body) ? body.statements : [body])], true);
  return ts.setTextRange(block, body);
}

// Which variables may be read or changed at any time, whatever code runs: those that a function names, and all once a cell makes
// code out of text.
import type typescript from 'typescript';
import { ts } from './compiler';
import type { Names } from './names';
import { isFunction, isMemberName, isTopLevel, isType, variableOf } from './variables';

const CODE_MAKERS = ['eval', 'Function'];
const CODE_MODULES = /^(?:node:)?(?:vm|repl|inspector(?:\/promises)?)$/;

/** Notes what the functions of a cell name and do not declare themselves. */
export function noteCaptured(checker: typescript.TypeChecker, names: Names, file: typescript.SourceFile): void {
  if (makesCode(file)) names.noteMadeCode();
  const isInner = (at: typescript.Declaration) => at.getSourceFile() === file && !isTopLevel(at, file);
  const isOfFunction = (name: typescript.Identifier) => {
    const declarations = variableOf(checker, name)?.declarations ?? [];
    return declarations.length > 0 && declarations.every(isInner);
  };
  const visit = (node: typescript.Node, isInside: boolean): void => {
    if (isType(node)) return;
    if (isInside && ts.isIdentifier(node) && !isMemberName(node) && !isOfFunction(node)) names.noteCaptured(node.text);
    ts.forEachChild(node, (child) => visit(child, isInside || isFunction(node)));
  };
  visit(file, false);
}

/** Whether a file has what makes code out of text, which may name any variable. */
function makesCode(file: typescript.SourceFile): boolean {
  const makes = (node: typescript.Node): boolean => {
    if (isType(node)) return false;
    if (ts.isIdentifier(node) && CODE_MAKERS.includes(node.text)) return true;
    if (ts.isStringLiteral(node) && CODE_MODULES.test(node.text)) return true;
    if ((ts.isCallExpression(node) || ts.isNewExpression(node)) && isConstructor(node.expression)) return true;
    return ts.forEachChild(node, (child) => makes(child) || undefined) ?? false;
  };
  return makes(file);
}

/** `something.constructor`, which of a function is `Function`. */
function isConstructor(node: typescript.Expression): boolean {
  return ts.isPropertyAccessExpression(node) && node.name.text === 'constructor';
}

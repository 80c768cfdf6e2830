// What a loop at the top of a cell works with is kept in variables of the loop's own while it runs: V8 is up to eight times slower
// with variables of all cells, which it boxes, and looks at anew at every step. `for (…) sum += list[i]` becomes
//
//   { let own = sum, items = list, kept = __kernel.box(own), rounds = 0;
//     __kernel.keep((value) => { sum = value }, kept);
//     try { for (…; i++, (i & 1023) === 0 && (kept[0] = own)) own += items[i] }
//     finally { sum = own; __kernel.keep() } }
//
// where nothing can tell: no function of any cell names what changes, no cell makes code out of text, and the loop does not wait.
// An end by force skips `finally`; the kernel then puts back what is in the boxes: the values at the end of a round, of the last
// one where a round calls something and so takes its time, else of one of the last 1,024.
import type typescript from 'typescript';
import { noteCaptured } from './captured';
import { ts } from './compiler';
import { ROUNDS, withNote } from './loop-notes';
import type { Names } from './names';
import { KERNEL_NAME } from './names';
import { assigned, isConst, isFunction, isMemberName, isTopLevel, isType, isVariable, variableOf } from './variables';

const { factory } = ts;

type Statement = typescript.Statement;

/** The variables that a loop keeps, by the name that they have in the cell; `changed` are those that it assigns to. */
interface Kept {
  symbols: Set<typescript.Symbol>;
  all: string[];
  changed: string[];
}

export function loopLocals(
  checker: typescript.TypeChecker,
  names: Names,
  previous: typescript.SourceFile,
): typescript.TransformerFactory<typescript.SourceFile> {
  return (context) => (file) => {
    const original = ts.getOriginalNode(file) as typescript.SourceFile;
    noteCaptured(checker, names, original);
    const keeper = new LoopKeeper(checker, names, previous, context, original);
    return ts.visitEachChild(file, keeper.visit, context);
  };
}

class LoopKeeper {
  constructor(
    private readonly checker: typescript.TypeChecker,
    private readonly names: Names,
    private readonly previous: typescript.SourceFile,
    private readonly context: typescript.TransformationContext,
    /** As it was written. */
    private readonly file: typescript.SourceFile,
  ) {}

  readonly visit = (node: typescript.Node): typescript.Node => {
    if (isFunction(node)) return node;
    if (!ts.isIterationStatement(node, true) || waits(node)) return ts.visitEachChild(node, this.visit, this.context);
    const kept = this.keptBy(node);
    return kept.all.length === 0 ? node : this.withLocals(node, kept);
  };

  private keptBy(loop: Statement): Kept {
    const changed = new Set(assigned(loop).map((name) => variableOf(this.checker, name)));
    const symbols = new Set<typescript.Symbol>();
    for (const name of namesIn(loop)) {
      const symbol = variableOf(this.checker, name);
      if (symbol && this.isKept(symbol, loop, changed.has(symbol))) symbols.add(symbol);
    }
    const all = [...symbols];
    const namesOf = (variables: typescript.Symbol[]) => variables.map(({ name }) => name);
    return { symbols, all: namesOf(all), changed: namesOf(all.filter((symbol) => changed.has(symbol))) };
  }

  private isKept(symbol: typescript.Symbol, loop: Statement, isChanged: boolean): boolean {
    // before its declaration a variable cannot be read
    const isThere = (at: typescript.Declaration) =>
      isVariable(at) &&
      (isTopLevel(at, this.previous) || (isTopLevel(at, this.file) && (at.end <= loop.pos || isDeclaredByVar(at))));
    if (!symbol.declarations?.every(isThere)) return false;
    return isConst(symbol) ? !isChanged : !this.names.isCaptured(symbol.name);
  }

  private withLocals(loop: Statement, kept: Kept): Statement {
    const { changed } = kept;
    const locals = kept.all.map((name) => declaration(this.names.local(name), this.outer(name)));
    const body = this.renamed(loop, kept) as Statement;
    if (changed.length === 0) return factory.createBlock([letOf(locals), body]);
    const boxes = changed.map((name, i) => declaration(boxName(i), kernelCall('box', [this.localOf(name)])));
    const rounds = declaration(ROUNDS, factory.createNumericLiteral(0));
    const back = changed.map((name) => factory.createAssignment(this.outer(name), this.localOf(name)));
    const letGo = factory.createExpressionStatement(kernelCall('keep', []));
    return factory.createBlock([
      letOf([...locals, ...boxes, rounds]),
      factory.createExpressionStatement(kernelCall('keep', [this.putBack(changed), ...changed.map((_, i) => box(i))])),
      factory.createTryStatement(
        factory.createBlock([body]),
        undefined,
        factory.createBlock([...back.map((each) => factory.createExpressionStatement(each)), letGo]),
      ),
    ]);
  }

  /** `(value, …) => { name = value; … }`. */
  private putBack(changed: string[]): typescript.Expression {
    const names = changed.map((_, i) => factory.createIdentifier(boxName(i)));
    const parameters = names.map((name) => factory.createParameterDeclaration(undefined, undefined, name));
    const statements = changed.map((name, i) =>
      factory.createExpressionStatement(factory.createAssignment(this.outer(name), names[i])),
    );
    return factory.createArrowFunction(
      undefined,
      undefined,
      parameters,
      undefined,
      undefined,
      factory.createBlock(statements),
    );
  }

  private renamed(node: typescript.Node, kept: Kept): typescript.Node {
    if (isFunction(node) || isType(node)) return node;
    if (ts.isIdentifier(node)) return this.isOf(kept, node) ? this.local(node) : node;
    if (ts.isShorthandPropertyAssignment(node) && this.isOf(kept, node.name)) return this.shorthand(node, kept);
    const inner = ts.visitEachChild(node, (child) => this.renamed(child, kept), this.context);
    return kept.changed.length > 0 && ts.isIterationStatement(inner, false)
      ? withNote(inner, this.note(kept), this.isNumber)
      : inner;
  }

  private isOf({ symbols }: Kept, name: typescript.Identifier): boolean {
    if (!name.parent || isMemberName(name)) return false;
    const symbol = variableOf(this.checker, name);
    return symbol !== undefined && symbols.has(symbol);
  }

  private local(name: typescript.Identifier): typescript.Identifier {
    return ts.setOriginalNode(ts.setTextRange(factory.createIdentifier(this.names.local(name.text)), name), name);
  }

  /** `{ name }`, also where it is assigned to. */
  private shorthand(node: typescript.ShorthandPropertyAssignment, kept: Kept): typescript.Node {
    const { name, objectAssignmentInitializer: initial } = node;
    const value = this.local(name);
    const assigned = initial
      ? factory.createAssignment(value, this.renamed(initial, kept) as typescript.Expression)
      : value;
    return factory.createPropertyAssignment(name.text, assigned);
  }

  private readonly isNumber = (name: typescript.Identifier): boolean =>
    (this.checker.getTypeAtLocation(ts.getOriginalNode(name)).flags & ts.TypeFlags.NumberLike) !== 0;

  /** An expression that puts the values into their boxes. */
  private note({ changed }: Kept): typescript.Expression {
    return changed
      .map((name, i) => factory.createAssignment(factory.createElementAccessExpression(box(i), 0), this.localOf(name)))
      .reduce<typescript.Expression | undefined>(
        (one, other) => (one ? factory.createComma(one, other) : other),
        undefined,
      )!;
  }

  private localOf(name: string): typescript.Identifier {
    return factory.createIdentifier(this.names.local(name));
  }

  private outer(name: string): typescript.Identifier {
    return factory.createIdentifier(this.names.emitted(name));
  }
}

function boxName(i: number): string {
  return `${KERNEL_NAME}_${i}`;
}

function box(i: number): typescript.Identifier {
  return factory.createIdentifier(boxName(i));
}

function kernelCall(name: string, values: typescript.Expression[]): typescript.Expression {
  const callee = factory.createPropertyAccessExpression(factory.createIdentifier(KERNEL_NAME), name);
  return factory.createCallExpression(callee, undefined, values);
}

function declaration(name: string, value: typescript.Expression): typescript.VariableDeclaration {
  return factory.createVariableDeclaration(name, undefined, undefined, value);
}

function letOf(declarations: typescript.VariableDeclaration[]): Statement {
  return factory.createVariableStatement(
    undefined,
    factory.createVariableDeclarationList(declarations, ts.NodeFlags.Let),
  );
}

function isDeclaredByVar(declaration: typescript.Declaration): boolean {
  return (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.BlockScoped) === 0;
}

function waits(node: typescript.Node): boolean {
  if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier)) return true;
  return isFunction(node) ? false : (ts.forEachChild(node, (child) => waits(child) || undefined) ?? false);
}

/** What is named within, outside functions and types. */
function namesIn(node: typescript.Node): typescript.Identifier[] {
  if (isFunction(node) || isType(node)) return [];
  if (ts.isIdentifier(node)) return node.parent && !isMemberName(node) ? [node] : [];
  const found: typescript.Identifier[] = [];
  ts.forEachChild(node, (child) => void found.push(...namesIn(child)));
  return found;
}

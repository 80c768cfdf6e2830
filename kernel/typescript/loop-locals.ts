// What a loop at the top of a cell works with is kept in variables of the loop's own while it runs: V8 is up to eight times slower
// with variables of all cells, which it boxes, and looks at anew at every step. `for (…) sum += list[i]` becomes
//
//   { let own = sum, items = list, rounds = 0;
//     try { for (…; i++, (i & 2047) === 0 && (sum = own)) own += items[i] } finally { sum = own } }
//
// where nothing can tell: no function of any cell names what changes, no cell makes code out of text, and the loop does not wait.
// An end by force skips `finally`; the variables then have the values that were noted last: of the last round where a round calls something
// and so takes its time, else of one of the last 2,048.
import type typescript from 'typescript';
import { noteCaptured } from './captured';
import { ts } from './compiler';
import { ROUNDS, withNote } from './loop-notes';
import type { Names } from './names';
import { declaration, letOf } from './nodes';
import {
  assigned,
  isConst,
  isFunction,
  isMemberName,
  isTopLevel,
  isType,
  isVariable,
  variableOf,
  waits,
} from './variables';

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
    const locals = kept.all.map((name) => declaration(this.names.local(name), this.outer(name)));
    const body = this.renamed(loop, kept) as Statement;
    if (kept.changed.length === 0) return factory.createBlock([letOf(locals), body]);
    return factory.createBlock([
      letOf([...locals, declaration(ROUNDS, factory.createNumericLiteral(0))]),
      factory.createTryStatement(
        factory.createBlock([body]),
        undefined,
        factory.createBlock([factory.createExpressionStatement(this.note(kept))]),
      ),
    ]);
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

  /** An expression that gives the variables the values of the loop's own. */
  private note({ changed }: Kept): typescript.Expression {
    return changed
      .map((name): typescript.Expression => factory.createAssignment(this.outer(name), this.localOf(name)))
      .reduce((one, other) => factory.createComma(one, other));
  }

  private localOf(name: string): typescript.Identifier {
    return factory.createIdentifier(this.names.local(name));
  }

  private outer(name: string): typescript.Identifier {
    return factory.createIdentifier(this.names.emitted(name));
  }
}

function isDeclaredByVar(declaration: typescript.Declaration): boolean {
  return (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.BlockScoped) === 0;
}

/** What is named within, outside functions and types. */
function namesIn(node: typescript.Node): typescript.Identifier[] {
  if (isFunction(node) || isType(node)) return [];
  if (ts.isIdentifier(node)) return node.parent && !isMemberName(node) ? [node] : [];
  const found: typescript.Identifier[] = [];
  ts.forEachChild(node, (child) => void found.push(...namesIn(child)));
  return found;
}

// The files that a cell imports are checked as cells are, loosely, and what is found in them is told; so are the files that those import.
// Of the sources that the kernel belongs to only those that the cell itself names: what these import counts as right as the kernel finds it,
// and is checked once it changes. To check all would make the first `import … from './src/show'` cost 12 to 13 seconds of processor time
// rather than 5, in every kernel, for what `npm run typecheck` tells. A file is checked once, and again when it changes, or what
// others see of a file that it imports.
//
// Code that was written for `strict` can fail a loose check, since without it nothing is narrowed by null and unknown: an error
// counts where a strict check has it, too.
import { createHash } from 'node:crypto';
import path from 'node:path';
import type typescript from 'typescript';
import { ts } from './compiler';
import { dependencies, referred } from './dependencies';

/** The sources that the kernel belongs to. */
const OWN = path.resolve(__dirname, '../../src') + path.sep;

interface Checked {
  text: string;
  errors: Set<string>;
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const nameOf = ({ code, start }: typescript.Diagnostic) => `${code} at ${start}`;

export class ImportedFiles {
  /** Of each file what a strict check had found: it takes a second or two. */
  private readonly strict = new Map<string, Checked>();
  /** Of each file in what state, its own and that of what it imports, nothing was wrong with it. */
  private readonly right = new Map<string, string>();
  private readonly shapes = new WeakMap<typescript.SourceFile, string>();

  /** Those of `files` that have to be checked; the cell always. */
  toCheck(program: typescript.Program, cellFile: string, files: typescript.SourceFile[]): typescript.SourceFile[] {
    const named = new Set(referred(program, program.getSourceFile(cellFile)!));
    return files.filter((file) => {
      if (file.fileName === cellFile) return true;
      const state = this.stateOf(program, file);
      const isPassedOver = file.fileName.startsWith(OWN) && !named.has(file.fileName);
      if (isPassedOver && !this.right.has(file.fileName)) this.right.set(file.fileName, state);
      return this.right.get(file.fileName) !== state;
    });
  }

  /** `found` without the errors that only a loose check has; of the `checked` files those without errors are right. */
  reduce(
    program: typescript.Program,
    cellFile: string,
    checked: typescript.SourceFile[],
    found: readonly typescript.Diagnostic[],
  ): typescript.Diagnostic[] {
    const suspects = new Set<typescript.SourceFile>();
    for (const { file } of found) {
      if (file && file.fileName !== cellFile && this.strict.get(file.fileName)?.text !== file.text) suspects.add(file);
    }
    if (suspects.size > 0) this.check(program, [...suspects]);
    const errors = found.filter((error) => {
      const { file } = error;
      return !file || file.fileName === cellFile || this.strict.get(file.fileName)!.errors.has(nameOf(error));
    });
    for (const file of checked) {
      if (!errors.some((error) => error.file === file)) this.right.set(file.fileName, this.stateOf(program, file));
    }
    return errors;
  }

  private check(program: typescript.Program, files: typescript.SourceFile[]): void {
    const options = { ...program.getCompilerOptions(), strict: true };
    const names = files.map(({ fileName }) => fileName);
    const strict = ts.createProgram(names, options);
    for (const { fileName, text } of files) {
      const file = strict.getSourceFile(fileName);
      const errors = file ? [...strict.getSyntacticDiagnostics(file), ...strict.getSemanticDiagnostics(file)] : [];
      this.strict.set(fileName, { text, errors: new Set(errors.map(nameOf)) });
    }
  }

  /** All that its errors depend on. */
  private stateOf(program: typescript.Program, file: typescript.SourceFile): string {
    const others = dependencies(program, file).filter((name) => name !== file.fileName);
    const shapes = others.map((name) => this.shapeOf(program.getSourceFile(name)!));
    return hashOf([file.text, ...shapes].join('\0'));
  }

  /** What other files can see of a file: what a function does counts only where its type is read from that. */
  private shapeOf(file: typescript.SourceFile): string {
    let shape = this.shapes.get(file);
    if (shape === undefined) this.shapes.set(file, (shape = hashOf(withoutBodies(file))));
    return shape;
  }
}

function withoutBodies(file: typescript.SourceFile): string {
  const parts: string[] = [];
  let from = 0;
  const visit = (node: typescript.Node): void => {
    const isTold = ts.isFunctionLike(node) && (node.type !== undefined || ts.isConstructorDeclaration(node));
    const body = isTold && 'body' in node ? node.body : undefined;
    if (!body) return ts.forEachChild(node, visit);
    parts.push(file.text.slice(from, body.pos));
    from = body.end;
  };
  visit(file);
  return [...parts, file.text.slice(from)].join('');
}

// tslab's converter, over a compiler of today: from the text of a cell to a script, and what later cells know of its names.
import path from 'node:path';
import type typescript from 'typescript';
import type { Notebook } from '../help/language';
import { type Conversion, type Converter, createConverter, PREFIX } from '../tslab';
import { toKernel } from './cell-emit';
import { type IsImmediate, toScript } from './cell-script';
import { fork, replaceCompiler, ts } from './compiler';
import { dependencies } from './dependencies';
import { afterFailure, declaredNames, exportedNames, withForgotten, withoutExports } from './declarations';
import { type CompileError, toCompileError } from './diagnostics';
import { nameFunctions } from './function-names';
import { ImportedFiles } from './imported-files';
import { withKernelPackages } from './kernel-packages';
import { loopLocals } from './loop-locals';
import { Names } from './names';
import { cellOptions } from './options';
import type { Sources } from './sources';
import { varsOfLoops } from './vars';

/** What an import may leave out. */
const ENDINGS = ['', '.ts', '.tsx', '.js', '.json', '/index.ts', '/index.js'];

const MODULE_NOT_FOUND = [2307, 2306];

/** `import fs = require('fs')` runs in a cell, though not in a module. */
const ALLOWED = [1202];

const PUT_OFF = Symbol('put off');

/** A cell that compiles. */
export interface Script {
  javascript: string;
  /** The source map from `javascript` to the cell, whose first line is the second there. */
  map: string;
  /** The names that it declares, as V8 knows them. */
  variables: string[];
}

export class CellConverter {
  private readonly names = new Names();
  private readonly inner: Converter;
  private readonly cellFile: string;
  private declarations = '';
  private ownDeclarations = '';
  private converted: Conversion = { diagnostics: [] };
  private found: readonly typescript.Diagnostic[] = [];
  private readonly importedFiles = new ImportedFiles();
  /** Of the last cell. */
  private program?: typescript.Program;
  private serial = 0;
  private script?: string;

  constructor(
    private readonly folder: string,
    private readonly sources: Sources,
    private readonly isImmediate: IsImmediate,
    isJavaScript = false,
    private readonly isDebugged = () => false,
  ) {
    this.cellFile = path.join(folder, isJavaScript ? '__tslab__.js' : '__tslab__.ts');
    sources.watch();
    replaceCompiler({
      createWatchCompilerHost: this.createHost,
      getPreEmitDiagnosticsOfFiles: this.diagnose,
      transpileModule: (outputText: string) => ({ outputText }),
    });
    this.inner = createConverter(isJavaScript);
  }

  /** Compiles a cell, or says why not. */
  convert(cell: string, serial: number): Script | CompileError[] {
    const code = isObject(cell) ? `(${cell})` : cell;
    this.serial = serial;
    this.sources.refreshTypes();
    this.converted = this.inner.convert(this.declarations, code);
    if (this.announceNewFiles()) this.converted = this.inner.convert(this.declarations, code);
    const errors = withoutAdded(this.errors(), code);
    if (errors.length > 0 || this.script === undefined) return errors;
    const [javascript, map] = this.script.split(/\n?\/\/# sourceMappingURL=data:application\/json;base64,/);
    const variables = declaredNames(this.ownDeclarations).map((name) => this.names.emitted(name));
    return { javascript, map: Buffer.from(map, 'base64').toString('utf8'), variables };
  }

  /** Keeps the declarations of the cell, or, when it failed, of the names it had `assigned`. */
  finish(ok: boolean, assigned: (variable: string) => boolean): void {
    const after = withForgotten(this.declarations, this.ownDeclarations, this.converted.declOutput ?? '');
    this.declarations = ok
      ? after
      : afterFailure(this.declarations, after, (name) => assigned(this.names.emitted(name)));
  }

  /** What the language service is told of the cells so far. */
  get notebook(): Notebook {
    const { folder, cellFile, declarations, program } = this;
    return { folder, cellFile, declarationFile: path.join(folder, '__prev__.d.ts'), declarations, program };
  }

  private readonly createHost = (
    files: string[],
    options: typescript.CompilerOptions,
    system: typescript.System,
    _remembering: unknown,
    ...reporters: [typescript.DiagnosticReporter, typescript.WatchStatusReporter]
  ): typescript.WatchCompilerHostOfFilesAndCompilerOptions<typescript.BuilderProgram> => {
    // a builder with a memory notes at every cell what each of all files refers to; `dependencies` looks that up for the cell alone
    const ofCells = cellOptions(options, this.folder);
    const host = ts.createWatchCompilerHost(files, ofCells, system, ts.createAbstractBuilder, ...reporters);
    withKernelPackages(host);
    const { readFile } = host;
    host.readFile = (file, encoding) => {
      const text = readFile(file, encoding);
      return file === this.cellFile && text !== undefined ? withoutOwnExports(text) : text;
    };
    // tslab has room for one timer, that of the next program; what else the compiler puts off it does then
    const { setTimeout: start, clearTimeout: cancel } = host;
    host.setTimeout = (...args) => (this.sources.isAnnouncing ? PUT_OFF : start!(...args));
    host.clearTimeout = (timer) => timer !== PUT_OFF && cancel!(timer);
    // tslab sets this to get hold of the program
    let take: ((program: typescript.BuilderProgram) => void) | undefined;
    Object.defineProperty(host, 'afterProgramCreate', {
      set: (listener) => (take = listener as typeof take),
      get: () => take && ((program: typescript.BuilderProgram) => take!(this.withOwnEmit(program))),
    });
    return host;
  };

  /** A cell becomes a script and declarations; files are left out, because Node loads them itself. */
  private withOwnEmit(builder: typescript.BuilderProgram): typescript.BuilderProgram {
    const program = (this.program = builder.getProgram());
    // tslab looks for the names of a cell in a program that nothing has checked yet
    const cell = program.getSourceFile(this.cellFile);
    if (cell) ts.bindSourceFile(cell, program.getCompilerOptions());
    const emit: typescript.BuilderProgram['emit'] = (file, write, _token, _only, transformers) => {
      if (file?.fileName === this.cellFile) this.emitCell(program, file, write!, transformers);
      return { emitSkipped: true, diagnostics: [] };
    };
    const getAllDependencies = (file: typescript.SourceFile) => dependencies(program, file);
    return Object.assign(builder, { emit, getAllDependencies });
  }

  private emitCell(
    program: typescript.Program,
    file: typescript.SourceFile,
    write: typescript.WriteFileCallback,
    { afterDeclarations = [] }: typescript.CustomTransformers = {},
  ): void {
    const previous = program.getSourceFile(path.join(this.folder, '__prev__.d.ts'))!;
    const checker = program.getTypeChecker();
    const cell = { serial: this.serial, previous };
    const transformers: typescript.CustomTransformers = {
      before: [...this.loops(checker, previous), toKernel(checker, this.names, cell)],
      after: [toScript(this.isImmediate), nameFunctions],
      afterDeclarations: [...afterDeclarations, withoutExports],
    };
    const take = (name: string, text: string) => {
      if (name.endsWith('.d.ts')) this.ownDeclarations = text;
      else this.script = text;
      // tslab expects them where it would have put them
      write(name.endsWith('.d.ts') ? 'outDir/__tslab__.d.ts' : 'outDir/__tslab__.js', text, false);
    };
    program.emit(file, (name, text) => !name.endsWith('.d.ts') && take(name, text), undefined, false, transformers);
    // forced: a cell whose types cannot all be written down runs all the same
    (program.emit as (...args: unknown[]) => void)(file, take, undefined, true, transformers, true);
  }

  /** The debugger changes variables where they are, and shows them there. */
  private loops(checker: typescript.TypeChecker, previous: typescript.SourceFile) {
    return this.isDebugged() ? [] : [varsOfLoops, loopLocals(checker, this.names, previous)];
  }

  private readonly diagnose = (program: typescript.Program, files: typescript.SourceFile[]) => {
    const checked = this.importedFiles.toCheck(program, this.cellFile, files);
    const found = fork.getPreEmitDiagnosticsOfFiles(program, checked);
    const counted = found.filter((error) => !ALLOWED.includes(error.code) && !isOfData(error));
    this.found = this.importedFiles.reduce(program, this.cellFile, checked, counted);
    return this.found;
  };

  private errors(): CompileError[] {
    const { diagnostics } = this.converted;
    const isReported = ({ start = 0, code }: typescript.Diagnostic) =>
      diagnostics.some(
        (reported) => reported.code === code && [start, start - PREFIX.length].includes(reported.start.offset),
      );
    const errors = this.found.filter(isReported).map((found) => toCompileError(found, this.cellFile, this.folder));
    return errors.filter((error): error is CompileError => error !== undefined);
  }

  /** The compiler remembers that a file was not there: it is told of those that are by now. */
  private announceNewFiles(): boolean {
    const names = this.converted.diagnostics
      .filter(({ code }) => MODULE_NOT_FOUND.includes(code))
      .map(({ messageText }) => /'([./][^']*)'/.exec(messageText)?.[1])
      .filter((name): name is string => name !== undefined);
    const files = names
      .flatMap((name) => ENDINGS.map((ending) => path.resolve(this.folder, name) + ending))
      .filter((file) => ts.sys.fileExists(file));
    this.sources.announce(files);
    return files.length > 0;
  }
}

/** A module that stands in its own address has no types, and is there. */
function isOfData({ code, messageText }: typescript.Diagnostic): boolean {
  return MODULE_NOT_FOUND.includes(code) && /'data:/.test(ts.flattenDiagnosticMessageText(messageText, ' '));
}

/** `{ a: 1 }` alone is meant as an object, though the language takes it for a block. */
function isObject(code: string): boolean {
  if (!/^\s*\{[^]*\}\s*$/.test(code)) return false;
  const file = ts.createSourceFile('cell.ts', `(${code})`, ts.ScriptTarget.Latest) as typescript.SourceFile & {
    parseDiagnostics: unknown[];
  };
  const [statement] = file.statements;
  if (file.parseDiagnostics.length > 0 || !ts.isExpressionStatement(statement)) return false;
  const inner = ts.isParenthesizedExpression(statement.expression) && statement.expression.expression;
  return inner && ts.isObjectLiteralExpression(inner) && inner.properties.length > 0;
}

/** Errors are told of what a person wrote, as long as there are any: not of the exports that tslab adds behind it. */
function withoutAdded(errors: CompileError[], code: string): CompileError[] {
  const lines = code.split('\n').length;
  const written = errors.filter(({ file, line }) => file !== '' || line <= lines);
  return written.length > 0 ? written : errors;
}

/** tslab exports all names of a cell in a last line, also those that the cell itself exports, and `declare global`. */
function withoutOwnExports(text: string): string {
  const at = text.lastIndexOf('\nexport {');
  const list = /^\nexport \{([^}]*)\}$/.exec(text.slice(at));
  if (at < 0 || !list) return text;
  const file = ts.createSourceFile('cell.ts', text.slice(0, at), ts.ScriptTarget.Latest, true);
  const exported = new Set(['__global', ...file.statements.flatMap(exportedNames)]);
  const names = list[1]
    .split(', ')
    .map((name) => ts.unescapeLeadingUnderscores(name as typescript.__String))
    .filter((name) => !exported.has(name));
  return `${text.slice(0, at)}\nexport {${names.join(', ')}}`;
}

// tslab's converter with our mends: from the text of a cell to JavaScript, and what later cells know of its names.
import path from 'node:path';
import type typescript from 'typescript';
import type { Notebook } from '../help/language';
import { bindToExports } from '../mends/bindings';
import { mendCompiler, ts } from '../mends/compiler';
import { afterFailure } from '../mends/declarations';
import type { CompileError } from '../mends/diagnostics';
import { toCompileError } from '../mends/diagnostics';
import { cellOptions } from '../mends/options';
import type { Sources } from '../mends/sources';
import { watchStops } from '../mends/stops';
import type { Completion, Conversion, Converter, QuickInfo } from '../tslab';
import { createConverter } from '../tslab';
import type { CellMaps } from '../failure/locations';
import { rememberCell, scriptName } from '../failure/locations';

/** tslab puts `export {};` and a line break before every cell. */
const PREFIX = 'export {};\n';

const MODULE_NOT_FOUND = [2307, 2306];

/** What tslab's fork of the compiler has beyond the original. */
interface Fork {
  getPreEmitDiagnosticsOfFiles(
    program: typescript.Program,
    files: typescript.SourceFile[],
  ): readonly typescript.Diagnostic[];
}

const PUT_OFF = Symbol('put off');

type Emit = typescript.BuilderProgram['emit'];

export class CellConverter implements Converter {
  /** Why the last cell does not compile. */
  errors: CompileError[] = [];
  private readonly inner: Converter;
  private readonly cellFile: string;
  private declarations = '';
  private converted: Conversion = { diagnostics: [] };
  private found: readonly typescript.Diagnostic[] = [];
  private maps: CellMaps = {};
  private isAsync = false;
  private program?: typescript.Program;
  private serial = 0;
  private count = 0;

  constructor(
    private readonly root: string,
    private readonly sources: Sources,
    private readonly onConverted: () => void,
  ) {
    this.cellFile = path.join(root, '__tslab__.ts');
    sources.watch();
    mendCompiler({
      createWatchCompilerHost: this.createHost,
      getPreEmitDiagnosticsOfFiles: this.diagnose,
      transpileModule: this.transpile,
    });
    this.inner = createConverter();
  }

  /** Says which cell comes next. */
  begin(serial: number, count: number): void {
    Object.assign(this, { serial, count, isAsync: false, errors: [], converted: { diagnostics: [] } });
  }

  convert(_declarations: string, code: string): Conversion {
    this.sources.refreshTypes();
    let converted = this.inner.convert(this.declarations, code);
    if (this.announceNewFiles(converted)) converted = this.inner.convert(this.declarations, code);
    this.errors = this.toErrors(converted);
    rememberCell(this.serial, this.count, code, this.maps);
    if (converted.output !== undefined) converted.output += `\n//# sourceURL=${scriptName(this.serial)}`;
    if (this.isAsync) converted.hasToplevelAwait = true;
    this.converted = converted;
    this.onConverted();
    return converted;
  }

  /** Keeps the declarations of the cell, or, when it failed, of the names it had `assigned`. */
  finish(ok: boolean, assigned: (name: string) => boolean): void {
    const { declOutput } = this.converted;
    if (declOutput === undefined || this.errors.length > 0) return;
    this.declarations = ok ? declOutput : afterFailure(this.declarations, declOutput, assigned);
  }

  /** What the language service is told of the cells so far. */
  get notebook(): Notebook {
    const { root, cellFile, declarations, program } = this;
    return { folder: root, cellFile, declarationFile: path.join(root, '__prev__.d.ts'), declarations, program };
  }

  inspect(_declarations: string, code: string, position: number): QuickInfo | undefined {
    return this.inner.inspect(this.declarations, code, position);
  }

  complete(_declarations: string, code: string, position: number): Completion {
    return this.inner.complete(this.declarations, code, position);
  }

  addModule(name: string, code: string, meta: unknown): unknown[] {
    return this.inner.addModule(name, code, meta);
  }

  close(): void {
    this.inner.close();
  }

  private readonly createHost = (
    files: string[],
    options: typescript.CompilerOptions,
    ...rest: [typescript.System]
  ): typescript.WatchCompilerHostOfFilesAndCompilerOptions<typescript.BuilderProgram> => {
    const host = ts.createWatchCompilerHost(files, cellOptions(options, this.root), ...rest);
    // tslab has room for one timer, that of the next program; what else the compiler puts off it does then
    const { setTimeout: start, clearTimeout: cancel } = host;
    host.setTimeout = (...args) => (this.sources.isAnnouncing ? PUT_OFF : start!(...args));
    host.clearTimeout = (timer) => timer !== PUT_OFF && cancel!(timer);
    // tslab sets this to get hold of the program
    let take: ((program: typescript.BuilderProgram) => void) | undefined;
    Object.defineProperty(host, 'afterProgramCreate', {
      set: (listener) => (take = listener as typeof take),
      get: () => take && ((program: typescript.BuilderProgram) => take!(this.mendEmit(program))),
    });
    return host;
  };

  /** Cells are rewritten; files are left out, because Node loads them itself. */
  private mendEmit(program: typescript.BuilderProgram): typescript.BuilderProgram {
    const emit = program.emit.bind(program);
    this.program = program.getProgram();
    const mended: Emit = (file, write, token, onlyDeclarations, transformers) => {
      const isCell = file?.fileName === this.cellFile;
      if (file && !isCell && ts.sys.fileExists(file.fileName)) return { emitSkipped: true, diagnostics: [] };
      return emit(file, write, token, onlyDeclarations, isCell ? this.withMends(program, transformers) : transformers);
    };
    return Object.assign(program, { emit: mended });
  }

  private withMends(
    program: typescript.BuilderProgram,
    transformers: typescript.CustomTransformers = {},
  ): typescript.CustomTransformers {
    const checker = program.getProgram().getTypeChecker();
    const previous = program.getSourceFile(path.join(this.root, '__prev__.d.ts'))!;
    const stops = watchStops(this.serial, 1, () => (this.isAsync = true));
    return { ...transformers, before: [stops, bindToExports(checker, previous)] };
  }

  private readonly diagnose = (program: typescript.Program, files: typescript.SourceFile[]) => {
    this.found = (ts as unknown as Fork).getPreEmitDiagnosticsOfFiles(program, files);
    return this.found;
  };

  /** The second step of a cell's compilation, with the maps of both. */
  private readonly transpile = (js: string, options: typescript.TranspileOptions): typescript.TranspileOutput => {
    const [text, first] = js.split(/\n?\/\/# sourceMappingURL=data:application\/json;base64,/);
    const compilerOptions = { ...options.compilerOptions, sourceMap: true };
    const output = ts.transpileModule(text, { ...options, compilerOptions });
    this.maps = { first: first && Buffer.from(first, 'base64').toString('utf8'), second: output.sourceMapText };
    return { ...output, outputText: output.outputText.replace(/\/\/# sourceMappingURL=.*\s*$/, '') };
  };

  private toErrors({ diagnostics }: Conversion): CompileError[] {
    const isReported = ({ start = 0, code }: typescript.Diagnostic) =>
      diagnostics.some(
        (reported) => reported.code === code && [start, start - PREFIX.length].includes(reported.start.offset),
      );
    const errors = this.found.filter(isReported).map((found) => toCompileError(found, this.cellFile, this.root, 1));
    return errors.filter((error): error is CompileError => error !== undefined);
  }

  /** The compiler remembers that a file was not there: it is told of those that are by now. */
  private announceNewFiles({ diagnostics }: Conversion): boolean {
    const names = diagnostics
      .filter(({ code }) => MODULE_NOT_FOUND.includes(code))
      .map(({ messageText }) => /'(\.[^']*)'/.exec(messageText)?.[1])
      .filter((name): name is string => name !== undefined);
    const files = names.map((name) => `${path.join(this.root, name)}.ts`).filter((file) => ts.sys.fileExists(file));
    this.sources.announce(files);
    return files.length > 0;
  }
}

// The compiler's language service, as editors have it, on a cell that is being written.
import type typescript from 'typescript';
import { PREFIX } from '../tslab';
import { ts } from '../typescript/compiler';

/** What the language service is told of the notebook. */
export interface Notebook {
  folder: string;
  /** The names of the files that a cell, and the declarations of the cells before it, are taken for. */
  cellFile: string;
  declarationFile: string;
  declarations: string;
  /** The program of the last cell. */
  program?: typescript.Program;
}

const PREFERENCES: typescript.UserPreferences = {
  includeCompletionsWithInsertText: false,
  includePackageJsonAutoImports: 'off',
};

export class CellLanguage {
  private started?: typescript.LanguageService;
  private code = '';
  private version = 0;

  constructor(private readonly notebook: () => Notebook) {}

  /** Started when it is first asked. */
  private get service(): typescript.LanguageService {
    return (this.started ??= ts.createLanguageService(this.createHost(), this.createRegistry()));
  }

  /** Calls `ask` with the service, the cell's file and the place of `position` in it, when the service knows `code`. */
  on<T>(
    code: string,
    position: number,
    ask: (service: typescript.LanguageService, file: string, at: number) => T,
  ): T | undefined {
    this.code = PREFIX + code;
    this.version++;
    const { cellFile, declarationFile } = this.notebook();
    const program = this.service.getProgram();
    const [cell, earlier] = [cellFile, declarationFile].map((file) => program?.getSourceFile(file));
    if (!cell) return undefined;
    // names that a cell does not have are looked up in what earlier cells left
    (cell as { parent?: typescript.Node }).parent = earlier;
    try {
      return ask(this.service, cellFile, position + PREFIX.length);
    } catch {
      // the service gives up on some unfinished code
      return undefined;
    }
  }

  complete(code: string, position: number): typescript.CompletionInfo | undefined {
    return this.on(code, position, (service, file, at) => {
      const found = service.getCompletionsAtPosition(file, at, PREFERENCES);
      return found && { ...found, ...inCell(found) };
    });
  }

  quickInfo(code: string, position: number): typescript.QuickInfo | undefined {
    return this.on(code, position, (service, file, at) => service.getQuickInfoAtPosition(file, at));
  }

  signature(code: string, position: number): typescript.SignatureHelpItems | undefined {
    return this.on(code, position, (service, file, at) => service.getSignatureHelpItems(file, at, {}));
  }

  /** Where the name at `position` is declared: a file, and the declaration's text there. */
  source(code: string, position: number): { file: string; name: string; holder: string; text: string } | undefined {
    return this.on(code, position, (service, file, at) => {
      const found = service.getDefinitionAtPosition(file, at)?.[0];
      const text = found && service.getProgram()?.getSourceFile(found.fileName)?.text;
      if (!text) return undefined;
      const { start, length } = found.contextSpan ?? found.textSpan;
      return {
        file: found.fileName,
        name: found.name,
        holder: found.containerName,
        text: text.slice(start, start + length),
      };
    });
  }

  /** Whether a file is no file, but a cell or what cells left. */
  isOfCells(file: string): boolean {
    const { cellFile, declarationFile } = this.notebook();
    return file === cellFile || file === declarationFile;
  }

  private createHost(): typescript.LanguageServiceHost {
    const { sys } = ts;
    const text = (file: string) => this.ownText(file) ?? sys.readFile(file);
    return {
      getCompilationSettings: () => this.notebook().program?.getCompilerOptions() ?? {},
      getScriptFileNames: () => [this.notebook().cellFile, this.notebook().declarationFile],
      getScriptVersion: (file) => this.versionOf(file),
      getScriptSnapshot: (file) => {
        const found = text(file);
        return found === undefined ? undefined : ts.ScriptSnapshot.fromString(found);
      },
      getCurrentDirectory: () => this.notebook().folder,
      getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
      fileExists: (file) => this.ownText(file) !== undefined || sys.fileExists(file),
      readFile: (file) => text(file),
      readDirectory: (folder, ...rest) => sys.readDirectory(folder, ...rest),
      directoryExists: (folder) => sys.directoryExists(folder),
      getDirectories: (folder) => sys.getDirectories(folder),
      realpath: (file) => sys.realpath?.(file) ?? file,
    };
  }

  private ownText(file: string): string | undefined {
    const { cellFile, declarationFile, declarations } = this.notebook();
    if (file === cellFile) return this.code;
    return file === declarationFile ? declarations : undefined;
  }

  private versionOf(file: string): string {
    const { cellFile, declarationFile, declarations } = this.notebook();
    if (file === cellFile) return String(this.version);
    if (file === declarationFile) return declarations;
    const shared = this.shared(file) as { version?: string } | undefined;
    return shared?.version ?? String(ts.sys.getModifiedTime?.(file)?.getTime() ?? 0);
  }

  /** Files that the program of the last cell has read already are not read again. */
  private createRegistry(): typescript.DocumentRegistry {
    const registry = ts.createDocumentRegistry();
    const {
      acquireDocumentWithKey: acquire,
      updateDocumentWithKey: update,
      releaseDocumentWithKey: release,
    } = registry;
    return Object.assign(registry, {
      acquireDocumentWithKey: ((...args) => this.shared(args[0]) ?? acquire(...args)) as typeof acquire,
      updateDocumentWithKey: ((...args) => this.shared(args[0]) ?? update(...args)) as typeof update,
      releaseDocumentWithKey: ((...args: Parameters<typeof release>) => {
        try {
          release(...args);
        } catch {
          // a shared file, which the registry never had
        }
      }) as typeof release,
    });
  }

  private shared(file: string): typescript.SourceFile | undefined {
    const { cellFile, declarationFile, program } = this.notebook();
    return file === cellFile || file === declarationFile ? undefined : program?.getSourceFile(file);
  }
}

/** Spans as the cell counts them. */
function inCell(found: typescript.CompletionInfo): Partial<typescript.CompletionInfo> {
  const back = (span: typescript.TextSpan | undefined) => span && { ...span, start: span.start - PREFIX.length };
  return {
    optionalReplacementSpan: back(found.optionalReplacementSpan),
    entries: found.entries.map((entry) => ({ ...entry, replacementSpan: back(entry.replacementSpan) })),
  };
}

// What a cell or a file imports, as seen from where it is: CommonJS and TypeScript are loaded at once, in one copy with all that
// requires them; what only `import` can load, and files that await at their top, are waited for.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import vm from 'node:vm';
import { attempt, importedFile, withoutScheme } from './imported';
import { isPackageModule } from './modules';
import { waitsAtTop } from './waits';

export type Namespace = Record<string, unknown>;

type Load = (specifier: string, options?: unknown) => Promise<Namespace>;

/** Loads a file of one's own that awaits at its top. */
export interface Waited {
  import(file: string, importing?: NodeJS.Module): Promise<Namespace>;
}

export type Require = ((specifier: string) => unknown) & { resolve: NodeJS.RequireResolve };

/** CommonJS modules as an import sees them. */
const namespaces = new WeakMap<object, Namespace>();

export class Importer {
  private native?: Load;

  constructor(
    readonly filename: string,
    readonly require: Require,
    private readonly waited: Waited,
    private readonly module?: NodeJS.Module,
  ) {}

  /** What `import.meta` is. */
  get meta(): Record<string, unknown> {
    const { filename } = this;
    return {
      url: pathToFileURL(filename).href,
      dirname: path.dirname(filename),
      filename,
      resolve: (specifier: string) => this.url(specifier),
    };
  }

  /** Whether `import … from specifier` need not be waited for. */
  isImmediate(specifier: string): boolean {
    const file = this.find(specifier);
    return file !== undefined && !waitsAtTop(file);
  }

  /** A static import that need not be waited for. */
  load(specifier: string): Namespace {
    return namespaceOf(this.required(specifier));
  }

  /** An import that is waited for. */
  async import(specifier: unknown, options?: unknown): Promise<Namespace> {
    const text = String(specifier);
    if (this.isImmediate(text)) return this.load(text);
    const file = this.find(text);
    if (file !== undefined && !isPackageModule(file)) return this.waited.import(file, this.module);
    this.native ??= importerOf(this.filename);
    return this.native(file === undefined ? text : pathToFileURL(file).href, options);
  }

  /** A static import of a file, as `require` gives what it loads. */
  imported(specifier: string): unknown {
    return asRequired(this.required(specifier));
  }

  /** Such an import that is waited for. */
  async wait(specifier: string): Promise<unknown> {
    return this.isImmediate(specifier) ? this.imported(specifier) : asRequired(await this.import(specifier));
  }

  private required(specifier: string): unknown {
    return this.require(this.find(specifier) ?? withoutScheme(specifier));
  }

  private find(specifier: string): string | undefined {
    return attempt(() => importedFile(specifier, this.filename));
  }

  private url(specifier: string): string {
    const found = importedFile(specifier, this.filename);
    return path.isAbsolute(found) ? pathToFileURL(found).href : found;
  }
}

/** Node's own import, as from a file. */
function importerOf(filename: string): Load {
  const load = vm.runInThisContext('(specifier, options) => import(specifier, options)', {
    filename,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }) as Load;
  return (specifier, options) => {
    const { emitWarning } = process;
    // Node 20 calls this way of importing experimental, on stderr; it has stayed as it is
    process.emitWarning = () => undefined;
    try {
      return options === undefined ? load(specifier) : load(specifier, options);
    } finally {
      process.emitWarning = emitWarning;
    }
  };
}

function namespaceOf(module: unknown): Namespace {
  if ((typeof module !== 'object' && typeof module !== 'function') || module === null) return { default: module };
  if (types.isModuleNamespaceObject(module) || (module as { __esModule?: unknown }).__esModule)
    return module as Namespace;
  let namespace = namespaces.get(module);
  if (!namespace) {
    namespace = Object.defineProperty(copy(module), 'default', { enumerable: true, value: module });
    namespaces.set(module, namespace);
  }
  return namespace;
}

/** All that a module exports, as it is whenever it is asked for. */
function copy(module: object): Namespace {
  const namespace: Namespace = {};
  for (const name of Object.keys(module)) {
    const get = () => (module as Namespace)[name];
    Object.defineProperty(namespace, name, { enumerable: true, configurable: true, get });
  }
  return namespace;
}

/** A module as CommonJS sees it. */
function asRequired(module: unknown): unknown {
  if (!types.isModuleNamespaceObject(module) || '__esModule' in (module as Namespace)) return module;
  return Object.defineProperty(copy(module as Namespace), '__esModule', { value: true });
}

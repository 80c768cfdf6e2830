// What cells import: files and packages as seen from the notebook's folder, and what the kernel itself brings along. CommonJS
// and TypeScript are loaded at once, in one copy with all that requires them; what only `import` can load is imported.
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { isPackageModule, stampOf, waitsAtTop } from './modules';
import { ownModules } from './own-package';

type Namespace = Record<string, unknown>;
type Importer = (specifier: string, options?: unknown) => Promise<Namespace>;

/** A file that waits at its top, as it was when it was imported. */
interface Imported {
  namespace: Promise<Namespace>;
  stamps: Map<string, string>;
}

type TsImport = (file: string, options: { parentURL: string; onImport(url: string): void }) => Promise<Namespace>;

/** Where the kernel's own packages are. */
const requireOfKernel = createRequire(__filename);

export class Imports {
  readonly require: NodeJS.Require;
  readonly filename: string;
  private readonly importHere: Importer;
  private readonly imported = new Map<string, Imported>();
  /** CommonJS modules as an import sees them. */
  private readonly namespaces = new WeakMap<object, Namespace>();

  constructor(private readonly folder: string) {
    // no such file: what counts is where it would be
    this.filename = path.join(folder, '__cell__.ts');
    this.require = withFallback(createRequire(this.filename));
    this.importHere = importerOf(this.filename);
  }

  /** What `import.meta` is in a cell. */
  get meta(): Record<string, unknown> {
    const { filename, folder } = this;
    return {
      url: pathToFileURL(filename).href,
      dirname: folder,
      filename,
      resolve: (specifier: string) => this.url(specifier),
    };
  }

  /** Whether `import … from specifier` need not be waited for. */
  isImmediate(specifier: string): boolean {
    const file = this.find(specifier);
    return file !== undefined && !isPackageModule(file) && !waitsAtTop(file);
  }

  /** A static import that need not be waited for. */
  load(specifier: string): Namespace {
    return this.namespaceOf(this.require(withoutScheme(specifier)));
  }

  /** An import that is waited for. */
  async import(specifier: unknown, options?: unknown): Promise<Namespace> {
    const text = String(specifier);
    if (this.isImmediate(text)) return this.load(text);
    const file = this.find(text);
    if (file !== undefined && !isPackageModule(file)) return this.importFile(file);
    // a package found with the kernel, or one that has a door for `import` alone
    const name = file !== undefined && !isFrom(this.folder, file) ? pathToFileURL(file).href : text;
    return this.importHere(name, options);
  }

  /** A file of one's own that waits at its top, anew when it, or one that it imports, has changed. */
  private async importFile(file: string): Promise<Namespace> {
    const before = this.imported.get(file);
    if (before && [...before.stamps].every(([name, stamp]) => stampOf(name) === stamp)) return before.namespace;
    const stamps = new Map([[file, stampOf(file)]]);
    const onImport = (url: string) => {
      if (!url.startsWith('file:') || url.includes('/node_modules/')) return;
      const name = fileURLToPath(url.replace(/\?.*$/, ''));
      stamps.set(name, stampOf(name));
    };
    const namespace = this.importHere(
      pathToFileURL(requireOfKernel.resolve('tsx/esm/api')).href.replace(/cjs$/, 'mjs'),
    ).then(({ tsImport }) =>
      (tsImport as TsImport)(pathToFileURL(file).href, { parentURL: this.meta.url as string, onImport }),
    );
    this.imported.set(file, { namespace, stamps });
    namespace.catch(() => this.imported.delete(file));
    return namespace;
  }

  private find(specifier: string): string | undefined {
    if (isBuiltin(specifier)) return specifier;
    try {
      return this.require.resolve(withoutScheme(specifier));
    } catch {
      return undefined;
    }
  }

  private url(specifier: string): string {
    const found = isBuiltin(specifier) ? specifier : this.require.resolve(withoutScheme(specifier));
    return path.isAbsolute(found) ? pathToFileURL(found).href : found;
  }

  private namespaceOf(module: unknown): Namespace {
    if ((typeof module !== 'object' && typeof module !== 'function') || module === null) return { default: module };
    if ((module as { __esModule?: unknown }).__esModule) return module as Namespace;
    let namespace = this.namespaces.get(module);
    if (!namespace) this.namespaces.set(module, (namespace = star(module)));
    return namespace;
  }
}

/** Node's own import, as from a file. */
function importerOf(filename: string): Importer {
  const load = vm.runInThisContext('(specifier, options) => import(specifier, options)', {
    filename,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }) as Importer;
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

/** Looks in the notebook's folder and above, then among the packages of the kernel. */
function withFallback(require: NodeJS.Require): NodeJS.Require {
  const own = new Map(ownModules().map(({ specifier, file }) => [specifier, file]));
  const resolve = (specifier: string, options?: { paths?: string[] }) => {
    try {
      return require.resolve(specifier, options);
    } catch (error) {
      if (!isPackageName(specifier)) throw error;
      try {
        return own.get(specifier) ?? requireOfKernel.resolve(specifier);
      } catch {
        throw error;
      }
    }
  };
  const load = (specifier: string): unknown => require(isPackageName(specifier) ? resolve(specifier) : specifier);
  return Object.assign(load, require, { resolve: Object.assign(resolve, require.resolve) });
}

function isPackageName(specifier: string): boolean {
  return !isBuiltin(specifier) && !specifier.startsWith('.') && !path.isAbsolute(specifier);
}

/** Whether a package is one that is found from a folder. */
function isFrom(folder: string, file: string): boolean {
  const holder = file.slice(0, file.indexOf(`${path.sep}node_modules${path.sep}`));
  return folder === holder || folder.startsWith(holder + path.sep);
}

/** All that a CommonJS module exports, and itself as the default. */
function star(module: object): Namespace {
  const namespace: Namespace = {};
  for (const name of Object.keys(module)) {
    Object.defineProperty(namespace, name, { enumerable: true, get: () => (module as Namespace)[name] });
  }
  return Object.defineProperty(namespace, 'default', { enumerable: true, value: module });
}

function withoutScheme(specifier: string): string {
  return specifier.startsWith('file:') ? fileURLToPath(specifier) : specifier;
}

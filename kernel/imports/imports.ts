// What cells import: files and packages as seen from the notebook's folder. CommonJS and TypeScript are loaded at once, and
// in one copy with all that requires them; modules that only import can load are imported.
import fs from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import vm from 'node:vm';

type Importer = (specifier: string, options?: unknown) => Promise<Record<string, unknown>>;

export class Imports {
  readonly require: NodeJS.Require;
  private readonly importHere: Importer;
  /** CommonJS modules as an import sees them. */
  private readonly namespaces = new WeakMap<object, Record<string, unknown>>();

  constructor(private readonly folder: string) {
    // no such file: what counts is where it would be
    const cell = path.join(folder, '__cell__.js');
    this.require = createRequire(cell);
    this.importHere = vm.runInThisContext('(specifier, options) => import(specifier, options)', {
      filename: cell,
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    }) as Importer;
  }

  /** What `import.meta` is in a cell. */
  get meta(): Record<string, unknown> {
    const filename = path.join(this.folder, '__cell__.ts');
    const resolve = (specifier: string) => {
      const found = this.resolve(specifier);
      return path.isAbsolute(found) ? pathToFileURL(found).href : found;
    };
    return { url: pathToFileURL(filename).href, dirname: this.folder, filename, resolve };
  }

  /** Whether `import … from specifier` need not be waited for. */
  isImmediate(specifier: string): boolean {
    const file = this.find(specifier);
    return file !== undefined && !isModule(file);
  }

  /** A static import that need not be waited for. */
  load(specifier: string): Record<string, unknown> {
    return this.namespaceOf(this.require(withoutScheme(specifier)));
  }

  /** An import that is waited for. */
  async import(specifier: unknown, options?: unknown): Promise<Record<string, unknown>> {
    const text = String(specifier);
    if (this.isImmediate(text)) return this.load(text);
    return options === undefined ? this.importHere(text) : this.importHere(text, options);
  }

  private find(specifier: string): string | undefined {
    try {
      return this.resolve(specifier);
    } catch {
      return undefined;
    }
  }

  private resolve(specifier: string): string {
    return isBuiltin(specifier) ? specifier : this.require.resolve(withoutScheme(specifier));
  }

  private namespaceOf(module: unknown): Record<string, unknown> {
    if ((typeof module !== 'object' && typeof module !== 'function') || module === null) return { default: module };
    if ((module as { __esModule?: unknown }).__esModule) return module as Record<string, unknown>;
    let namespace = this.namespaces.get(module);
    if (!namespace) this.namespaces.set(module, (namespace = star(module)));
    return namespace;
  }
}

/** All that a CommonJS module exports, and itself as the default. */
function star(module: object): Record<string, unknown> {
  const namespace: Record<string, unknown> = {};
  for (const name of Object.keys(module)) {
    Object.defineProperty(namespace, name, { enumerable: true, get: () => (module as Record<string, unknown>)[name] });
  }
  return Object.defineProperty(namespace, 'default', { enumerable: true, value: module });
}

function withoutScheme(specifier: string): string {
  return specifier.startsWith('file:') ? fileURLToPath(specifier) : specifier;
}

/** Whether Node takes a file as a module that only import can load. */
function isModule(file: string): boolean {
  if (isBuiltin(file)) return false;
  const extension = path.extname(file);
  if (extension === '.mjs') return true;
  return (
    extension === '.js' &&
    file.includes(`${path.sep}node_modules${path.sep}`) &&
    packageType(path.dirname(file)) === 'module'
  );
}

function packageType(folder: string): string | undefined {
  const file = path.join(folder, 'package.json');
  if (fs.existsSync(file)) return (JSON.parse(fs.readFileSync(file, 'utf8')) as { type?: string }).type;
  const above = path.dirname(folder);
  return above === folder ? undefined : packageType(above);
}

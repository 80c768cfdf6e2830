// How cells are compiled: as loosely as tslab does, since a notebook is a place to try things; with the language and the
// library of today, as far as this Node has them.
import path from 'node:path';
import type typescript from 'typescript';
import { CONDITIONS } from '../imports/doors';
import { ownModules } from '../imports/own-package';
import { ts, typeRoots } from './compiler';

/** Parts of the standard library by what tells that Node has them. */
const LIBRARIES: [name: string, has: () => unknown][] = [
  ['es2023.array', () => has(Array.prototype, 'toSorted')],
  ['es2023.collection', () => has(Array.prototype, 'toSorted')],
  ['es2023.intl', () => has(Intl, 'NumberFormat')],
  ['es2024.arraybuffer', () => has(ArrayBuffer.prototype, 'transfer')],
  ['es2024.collection', () => has(Map, 'groupBy')],
  ['es2024.object', () => has(Object, 'groupBy')],
  ['es2024.promise', () => has(Promise, 'withResolvers')],
  ['es2024.regexp', () => has(RegExp.prototype, 'unicodeSets')],
  ['es2024.sharedmemory', () => has(Atomics, 'waitAsync')],
  ['es2024.string', () => has(String.prototype, 'isWellFormed')],
  ['es2025.collection', () => has(Set.prototype, 'union')],
  ['es2025.float16', () => has(globalThis, 'Float16Array')],
  ['es2025.intl', () => has(Intl, 'DurationFormat')],
  ['es2025.iterator', () => has(globalThis, 'Iterator')],
  ['es2025.promise', () => has(Promise, 'try')],
  ['es2025.regexp', () => has(RegExp, 'escape')],
  ['esnext.array', () => has(Array, 'fromAsync')],
  ['esnext.collection', () => has(Map.prototype, 'getOrInsert')],
  ['esnext.decorators', () => true],
  ['esnext.disposable', () => has(Symbol, 'dispose')],
  ['esnext.error', () => has(Error, 'isError')],
  ['esnext.temporal', () => has(globalThis, 'Temporal')],
  ['esnext.typedarrays', () => has(Uint8Array, 'fromBase64')],
];

function has(holder: object, name: string): boolean {
  return name in holder;
}

/** Node's types for a folder that has none of its own. */
const NODE_TYPES = require.resolve('@types/node/package.json');

/** What a project's tsconfig.json decides for the cells of its notebooks, too. */
const OF_PROJECT = [
  'baseUrl',
  'experimentalDecorators',
  'emitDecoratorMetadata',
  'jsx',
  'jsxFactory',
  'jsxImportSource',
  'paths',
  // what they are relative to
  'pathsBasePath',
];

/** tslab's options for a compiler of today, with the types of what every cell has. */
export function cellOptions(tslab: typescript.CompilerOptions, folder: string): typescript.CompilerOptions {
  // removed from the compiler, or of tslab's copy alone
  const unknown = { noImplicitUseStrict: undefined, disableTopLevelAwait: undefined };
  const { Bundler } = ts.ModuleResolutionKind;
  const project = projectOptions(folder);
  return {
    ...tslab,
    ...unknown,
    ...project,
    paths: { ...ownPaths(folder), ...project.paths },
    strict: false,
    experimentalDecorators: project.experimentalDecorators ?? false,
    moduleResolution: Bundler,
    // the compiler adds `import`, or `require` for what is required
    customConditions: CONDITIONS.filter((condition) => condition !== 'import'),
    allowImportingTsExtensions: true,
    // a stylesheet has no types
    noUncheckedSideEffectImports: false,
    lib: ['es2022', ...LIBRARIES.filter(([, isThere]) => isThere()).map(([name]) => name), 'dom'].map(
      (name) => `lib.${name}.d.ts`,
    ),
    typeRoots: [...typeRoots(folder), path.dirname(path.dirname(NODE_TYPES)), path.join(__dirname, '..', 'types')],
    types: ['node', 'notebook'],
    // files of any folder
    rootDir: path.parse(folder).root,
    inlineSourceMap: true,
    inlineSources: false,
  };
}

/** Where the types of the kernel's own package are, for a folder that does not have it. */
function ownPaths(folder: string): Record<string, string[]> {
  const modules = ownModules();
  const [{ specifier: name }] = modules;
  const isInstalled = typeRoots(folder).some((types) => ts.sys.directoryExists(path.join(path.dirname(types), name)));
  return isInstalled ? {} : Object.fromEntries(modules.map(({ specifier, types }) => [specifier, [types]]));
}

/** Of the tsconfig.json that is nearest above the notebook. */
export function projectOptions(folder: string): typescript.CompilerOptions {
  const file = ts.findConfigFile(folder, (name) => ts.sys.fileExists(name));
  if (!file) return {};
  const { config } = ts.readConfigFile(file, (name) => ts.sys.readFile(name)) as { config?: object };
  const parsed = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, path.dirname(file));
  return Object.fromEntries(Object.entries(parsed.options).filter(([name]) => OF_PROJECT.includes(name)));
}

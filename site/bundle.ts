// The scripts of the site: our sources and the packages that they use, bundled for a worker of a browser.
import fs from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import { type BuildOptions, type Plugin, build } from 'esbuild';
import { plotlyScript } from '../src/setup/notebook-view';
import { PROJECT } from './project';

const ROOT = path.resolve(__dirname, '..');

/** Modules of Node, and what a browser has in their place. */
const NODE: Record<string, string> = {
  fs: 'fs',
  'fs/promises': 'fs-promises',
  crypto: 'crypto',
  os: 'os',
  util: 'util',
  module: 'module',
  timers: 'timers',
  'timers/promises': 'timers-promises',
  async_hooks: 'async-hooks',
  http: 'http',
  buffer: 'buffer',
  path: 'path',
};
/** Of a package for browsers. */
const JSPM = ['url', 'stream', 'stream/promises', 'events', 'string_decoder', 'querystring', 'zlib', 'process', 'assert']; // prettier-ignore
/** What no browser has. */
const ABSENT = [
  ...['child_process', 'worker_threads', 'https', 'net', 'tls', 'dns', 'inspector', 'vm', 'perf_hooks', 'readline'],
  ...['readline/promises', 'tty', 'v8', 'cluster', 'stream/web', 'http2', 'constants'],
];
/** Packages for Node or for a page, and what danfojs fetches tables and reads Excel with. */
const LEFT_OUT = [
  ...['tokenizers', 'jsdom', 'esbuild', 'zeromq', 'onnxruntime-node', 'undici', 'proper-lockfile', 'plotly.js-dist'],
  ...['plotly.js-dist-min', 'node-fetch', 'request', 'xlsx'],
];

/** Files of ours that stand for Node's ways, and those of a browser. Whoever replaces one may import it. */
const REPLACED: Record<string, string> = {
  'kernel/cells/executor.ts': 'site/kernel/executor.ts',
  'kernel/imports/imports.ts': 'site/kernel/imports.ts',
  'kernel/show/figure.ts': 'site/kernel/figure.ts',
  'kernel/typescript/cell-script.ts': 'site/kernel/cell-script.ts',
  'kernel/typescript/kernel-packages.ts': 'site/kernel/kernel-packages.ts',
  'src/download/hub-file.ts': 'site/download/hub-file.ts',
  'src/engine/wasm/node.ts': 'site/engine/wasm.ts',
  'src/engine/webgpu.ts': 'site/engine/webgpu.ts',
  'src/model/workshop-encoder.ts': 'site/model/workshop-encoder.ts',
  'src/publish/compare.ts': 'site/publish/compare.ts',
  'src/publish/page-files.ts': 'site/publish/page-files.ts',
  'src/training/measure.ts': 'site/training/measure.ts',
};

/** The rooms of the library; the others need a computer. */
const ROOMS = ['engine', 'squad', 'tokens', 'model', 'training', 'evaluation', 'inspect', 'publish', 'show', 'lesson', 'download']; // prettier-ignore
/** Packages that cells may import, beside our own modules. */
export const PACKAGES = ['@tensorflow/tfjs', 'danfojs-node', 'tslab', 'fflate'];

/**
 * Bundles the worker that runs cells, with every module that they may import.
 *
 * @param folder Where `kernel.js` goes.
 */
export async function bundleKernel(folder: string): Promise<void> {
  const entryPoints = { kernel: path.join(ROOT, 'site', 'kernel', 'worker.ts') };
  await build({ ...COMMON, ...FOR_WORKERS, entryPoints, outdir: folder, plugins: [forBrowsers, table] });
}

/** Bundles one module of ours for a worker, with Node's ways replaced. @param file Where it goes. */
export async function bundleForBrowsers(entry: string, file: string): Promise<void> {
  await build({ ...COMMON, ...FOR_WORKERS, entryPoints: [entry], outfile: file, plugins: [forBrowsers] });
}

/** Bundles the scripts of the site's own pages. @param folder Where `front.js` and `playground.js` go. */
export async function bundlePages(folder: string): Promise<void> {
  const script = (room: string, name: string) => path.join(ROOT, 'site', room, `${name}.ts`);
  const entryPoints = { front: script('page', 'front'), playground: script('playground', 'page') };
  await build({ ...COMMON, minify: true, entryPoints, outdir: folder, plugins: [forBrowsers] });
}

/** Bundles the server that lies in the site itself. @param file Where it goes. */
export async function bundleServer(file: string): Promise<void> {
  const entryPoints = [path.join(ROOT, 'site', 'stick.ts')];
  await build({ ...COMMON, format: 'cjs', platform: 'node', target: 'node20', entryPoints, outfile: file });
}

/** Bundles what runs in JupyterLite's own page. */
export async function bundleExtension(file: string): Promise<void> {
  const entry = path.join(ROOT, 'site', 'extension', 'main.ts');
  await build({ ...COMMON, format: 'iife', entryPoints: [entry], outfile: file });
}

/** Bundles what JupyterLite draws plots and tables with, beside plotly. */
export async function bundleView(folder: string): Promise<void> {
  const entry = path.join(ROOT, 'kernel', 'view', 'main.ts');
  await build({ ...COMMON, format: 'iife', entryPoints: [entry], outfile: path.join(folder, 'remoteEntry.js') });
  fs.copyFileSync(plotlyScript(), path.join(folder, 'plotly.js'));
}

const COMMON: BuildOptions = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  platform: 'browser',
  mainFields: ['module', 'main'],
  // names stay: cells show those of classes and functions
  minifyWhitespace: true,
  minifySyntax: true,
  ignoreAnnotations: true,
  logLevel: 'warning',
  logOverride: { 'require-resolve-not-external': 'silent', 'indirect-require': 'silent', 'direct-eval': 'silent' },
  legalComments: 'none',
};

/** What code for Node reads of its module. */
const FOR_WORKERS: BuildOptions = { define: { global: 'globalThis', __dirname: '"/"', __filename: '"/"' } };

const forBrowsers: Plugin = {
  name: 'for-browsers',
  setup(bundler) {
    bundler.onResolve({ filter: /^(node:)?[a-z][a-z0-9_.-]*(\/[a-z]+)?$/ }, ({ path: name, importer, kind }) => {
      if (kind === 'entry-point') return undefined;
      const module = name.replace(/^node:/, '');
      if ([...ABSENT, ...LEFT_OUT].includes(module)) return { path: module, namespace: 'absent' };
      if (importer.includes('@jspm') || (!NODE[module] && !JSPM.includes(module))) return undefined;
      if (kind === 'require-call') return { path: module, namespace: 'common' };
      if (NODE[module]) return { path: path.join(ROOT, 'site', 'node', `${NODE[module]}.ts`) };
      return bundler.resolve(`@jspm/core/nodelibs/${module}`, { kind: 'import-statement', resolveDir: ROOT });
    });
    // who requires a module gets its default: `class Mine extends require('events')`
    bundler.onLoad({ filter: /.*/, namespace: 'common' }, ({ path: name }) => ({
      contents: `import * as all from 'node:${name}'; module.exports = all.default ?? all;`,
      resolveDir: ROOT,
    }));
    bundler.onLoad({ filter: /.*/, namespace: 'absent' }, ({ path: name }) => ({
      contents: `module.exports = require('./site/node/absent.ts').absent(${JSON.stringify(name)}, ${JSON.stringify(namesOf(name))})`,
      resolveDir: ROOT,
    }));
    oneTensorFlow(bundler);
    bundler.onResolve({ filter: /^@tslab\/typescript-for-tslab$/ }, ({ path: name }) => ({
      path: name,
      namespace: 'compiler',
    }));
    bundler.onLoad({ filter: /.*/, namespace: 'compiler' }, () => ({
      contents:
        'module.exports = globalThis.require.cache[globalThis.require.resolve("@tslab/typescript-for-tslab")].exports',
    }));
    bundler.onLoad({ filter: /\/(src|kernel|site)\/.*\.ts$|\/tslab\/dist\/.*\.js$/ }, ({ path: file }) => load(file));
    bundler.onResolve({ filter: /^\./ }, ({ path: name, resolveDir }) =>
      replace(path.resolve(resolveDir, name), resolveDir),
    );
  },
};

/** What a module of Node has. */
function namesOf(module: string): string[] {
  return isBuiltin(module) ? Object.keys(createRequire(__filename)(`node:${module}`) as object) : [];
}

/** By whatever way TensorFlow.js is asked for, it is one. */
function oneTensorFlow(bundler: Parameters<Plugin['setup']>[0]): void {
  bundler.onResolve({ filter: /^@tensorflow\/tfjs-node(-gpu)?$/ }, ({ path: name, importer }) =>
    importer.includes('danfojs')
      ? bundler.resolve('@tensorflow/tfjs', { kind: 'import-statement', resolveDir: ROOT })
      : { path: name, namespace: 'absent' },
  );
  bundler.onResolve({ filter: /^@tensorflow\// }, ({ path: name, kind }) =>
    kind === 'require-call' ? bundler.resolve(name, { kind: 'import-statement', resolveDir: ROOT }) : undefined,
  );
}

/** A file of ours that has another form in a browser. */
function replace(place: string, from: string): { path: string } | undefined {
  const name = path.relative(ROOT, place.replace(/\.ts$/, '')) + '.ts';
  const other = REPLACED[name];
  return other && from !== path.join(ROOT, path.dirname(other)) ? { path: path.join(ROOT, other) } : undefined;
}

/** Where a file of this clone is for the worker. */
export function inProject(file: string): string {
  return path.posix.join(PROJECT, path.relative(ROOT, file).split(path.sep).join('/'));
}

/** Our files know where they are, as in Node: in the folder of the project. */
function load(file: string) {
  const place = inProject(file);
  const text = fs.readFileSync(file, 'utf8');
  const isTslab = file.endsWith('.js');
  if (!isTslab && !/\b__(dirname|filename)\b/.test(text)) return undefined;
  // tslab calls a variable `await`, which no module may
  const named = (isTslab ? text.replaceAll(/\bawait(?= =|\.)/g, 'awaited') : text)
    .replaceAll(/\b__dirname\b/g, JSON.stringify(path.posix.dirname(place)))
    .replaceAll(/\b__filename\b/g, JSON.stringify(place));
  return { contents: named, loader: isTslab ? ('js' as const) : ('ts' as const) };
}

/** The modules that cells may import, by their place in the project or their name. */
const table: Plugin = {
  name: 'table',
  setup(bundler) {
    bundler.onResolve({ filter: /^spanlab:modules$/ }, ({ path: name }) => ({ path: name, namespace: 'table' }));
    bundler.onLoad({ filter: /.*/, namespace: 'table' }, () => ({
      contents: modules(),
      resolveDir: ROOT,
      loader: 'ts',
    }));
  },
};

function modules(): string {
  const own = libraryFiles().map((file) => `'${file.replace(/\.ts$/, '')}': () => import('./${file}'),`);
  const packages = PACKAGES.map((name) => `'${name}': () => import('${name}'),`);
  const node = [...Object.keys(NODE), ...JSPM, ...ABSENT];
  const ofNode = [...new Set(node)].map((name) => `'node:${name}': () => import('node:${name}'),`);
  return `export const modules: Record<string, () => Promise<unknown>> = {\n${[...own, ...packages, ...ofNode].join('\n')}\n};`;
}

/** The sources that cells may import. */
export function libraryFiles(): string[] {
  const inRooms = ROOMS.flatMap((room) =>
    fs
      .readdirSync(path.join(ROOT, 'src', room), { recursive: true, encoding: 'utf8' })
      .map((file) => `src/${room}/${file}`),
  );
  return ['src/index.ts', 'src/errors.ts', 'site/browser/index.ts', ...inRooms].filter(
    (file) =>
      file.endsWith('.ts') &&
      !file.endsWith('.d.ts') &&
      !/^src\/(publish\/web\/|publish\/web-bundle|engine\/native)\//.test(file) &&
      !/measure-run/.test(file),
  );
}

// The addon of `@tensorflow/tfjs-node-gpu`: compiled against the unpacked library, tried, and linked where it is looked for.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { isInstalled } from '../root';
import { moveIntoPlace } from '../staged-file';
import { answers, run, say } from '../shell';
import { makeFolder } from '../make-folder';

const ADDON = 'tfjs_binding.node';

function packageFolder(): string {
  return path.dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
}

/** What the addon is compiled from: the version of the package whose C++ it includes, and our own C++. */
export function addonVersion(): string {
  const file = path.join(packageFolder(), 'package.json');
  const { version } = JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string };
  const hash = createHash('sha256').update(fs.readFileSync(graphSource())).digest('hex');
  return `${version}-${hash.slice(0, 16)}`;
}

/** Our part of the addon, which includes the package's. */
function graphSource(): string {
  return path.join(__dirname, '..', 'engine', 'native', 'graph', 'addon.cc');
}

/** The compiler that `CXX` names, else the first of the usual ones that answers. */
export function findCompiler(): string | undefined {
  return [process.env.CXX, 'g++', 'c++', 'clang++'].find((program) => program && answers(program));
}

/**
 * Compiles the addon in `scratch`, moves it into `folder` and loads it once in a process of its own: a library that this
 * machine cannot run may kill the process that loads it.
 *
 * @throws Error when it does not compile or load.
 */
export async function compileAddon(folder: string, compiler: string, scratch: string): Promise<void> {
  say('compiling the addon (about 10 s)');
  const made = path.join(scratch, ADDON);
  const sources = packageFolder();
  await run(compiler, [
    ...['-std=c++17', '-O2', '-fPIC', '-DNAPI_VERSION=8', '-fno-access-control'],
    ...includeOptions(folder),
    ...['-I', sources, '-I', path.join(sources, 'binding')],
    ...[graphSource(), path.join(sources, 'binding', 'tfjs_backend.cc')],
    ...linkOptions(folder),
    ...['-o', made],
  ]);
  moveIntoPlace(made, addonFile(folder));
  tryAddon(addonFile(folder));
}

/** The compiled addon in the folder of a TensorFlow. */
export function addonFile(folder: string): string {
  return path.join(folder, ADDON);
}

/** Where the compiler finds Node's headers and TensorFlow's. */
export function includeOptions(folder: string): string[] {
  return [nodeHeaders(), path.join(folder, 'include')].flatMap((include) => ['-I', include]);
}

/** What links an addon to TensorFlow's libraries, which are looked for next to it. */
export function linkOptions(folder: string): string[] {
  const mac = process.platform === 'darwin';
  const libraries = ['cc', 'framework'].map((part) => `libtensorflow_${part}.${mac ? '2.dylib' : 'so.2'}`);
  const kind = mac ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared'];
  const origin = mac ? '@loader_path' : '$ORIGIN';
  return [
    ...kind,
    ...libraries.map((file) => path.join(folder, 'tensorflow', file)),
    `-Wl,-rpath,${origin}/tensorflow`,
  ];
}

function nodeHeaders(): string {
  const own = path.resolve(process.execPath, '../../include/node');
  if (fs.existsSync(path.join(own, 'node_api.h'))) return own;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a package without types
  return (require('node-api-headers') as { include_dir: string }).include_dir;
}

function tryAddon(file: string): void {
  const trial = spawnSync(process.execPath, ['-e', 'require(process.argv[1])', file], { encoding: 'utf8' });
  if (trial.status === 0) return;
  fs.rmSync(file);
  const reason = trial.signal ?? /^Error: (.*)$/m.exec(trial.stderr)?.[1] ?? 'unknown reason';
  throw new Error(`the library does not load on this machine (${reason})`);
}

/** Whether the binding finds the addon of `folder`; that of an installed package looks for it there itself (find-addon.ts). */
export function isLinked(folder: string): boolean {
  const [place, target] = [linkPlace(), addonFile(folder)];
  if (!fs.existsSync(target)) return false;
  return isInstalled() || (fs.existsSync(place) && fs.realpathSync(place) === fs.realpathSync(target));
}

/** Links the addon into the binding's package: a new `npm install`, or the other flavour, costs no new compilation. */
export function linkAddon(folder: string): void {
  if (isInstalled()) return;
  const place = linkPlace();
  const partial = `${place}.part-${process.pid}`;
  makeFolder(path.dirname(place));
  fs.rmSync(partial, { force: true });
  // relative, so that the project can be moved
  fs.symlinkSync(path.relative(path.dirname(place), addonFile(folder)), partial);
  fs.renameSync(partial, place);
}

function linkPlace(): string {
  return path.join(packageFolder(), 'lib', 'napi-v8', ADDON);
}

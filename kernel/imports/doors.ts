// Which file of a package an `import` takes: that of Node's conditions for `import`, while `require` takes the one of its own, which
// Node finds itself. A package without `exports` has one file for both.
import fs from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';

/** What Node on its own takes besides `default`; `module-sync` as soon as it can require modules. */
const hasModuleSync = Boolean((process.features as { require_module?: boolean }).require_module);
export const CONDITIONS = ['node', 'import', 'node-addons', ...(hasModuleSync ? ['module-sync'] : [])];

/** A file, by condition, or the first of several; null where there is to be none. */
type Target = string | null | Target[] | { [condition: string]: Target };

interface Manifest {
  name?: string;
  exports?: Target;
  imports?: Record<string, Target>;
}

/** A file that is imported, and the folder of the package that it belongs to. */
export interface Door {
  file: string;
  folder: string;
}

/**
 * What `import` finds by the name of a package with `exports`, or by a name that begins with `#`; undefined for all else, and where
 * `import` finds nothing.
 *
 * @example doorOf('valibot', '/notebooks/cell.ts')?.file // '/notebooks/node_modules/valibot/dist/index.mjs'
 */
export function doorOf(specifier: string, importing: string): Door | undefined {
  if (specifier.startsWith('#')) return privateDoor(specifier, importing);
  const [, name, rest] = /^(@[^/\\]+\/[^/\\]+|[^@./\\#][^/\\]*)(\/.*)?$/.exec(specifier) ?? [];
  if (name === undefined || isBuiltin(specifier)) return undefined;
  const own = packageAbove(importing);
  // a package knows itself by its name
  const folder = own && manifestOf(own)?.name === name ? own : packageFolder(name, path.dirname(importing));
  const exports = folder && manifestOf(folder)?.exports;
  return exports ? door(folder, pick(doors(exports), `.${rest ?? ''}`)) : undefined;
}

function privateDoor(specifier: string, importing: string): Door | undefined {
  const folder = packageAbove(importing);
  const target = pick((folder && manifestOf(folder)?.imports) || {}, specifier);
  if (!folder || target === undefined) return undefined;
  return target.startsWith('./') ? door(folder, target) : doorOf(target, path.join(folder, 'package.json'));
}

function door(folder: string, target: string | undefined): Door | undefined {
  const file = target?.startsWith('./') ? path.join(folder, target) : undefined;
  if (file === undefined || !fs.statSync(file, { throwIfNoEntry: false })?.isFile()) return undefined;
  return { file: fs.realpathSync(file), folder: fs.realpathSync(folder) };
}

/** `exports` by door, also where it only tells of the main one. */
function doors(exports: Target): Record<string, Target> {
  const isByDoor = typeof exports === 'object' && exports !== null && Object.keys(exports)[0]?.startsWith('.');
  return isByDoor ? (exports as Record<string, Target>) : { '.': exports };
}

/** What a map has for a name: under the name itself, else under the longest pattern with one `*` that fits. */
function pick(map: Record<string, Target>, name: string): string | undefined {
  if (name in map) return fileOf(map[name], '') ?? undefined;
  const fitting = Object.keys(map).flatMap((pattern) => {
    const [start, end, ...more] = pattern.split('*');
    const fits = end !== undefined && more.length === 0 && name.startsWith(start) && name.endsWith(end);
    return fits && name.length >= pattern.length ? [{ pattern, star: name.slice(start.length, name.length - end.length) }] : []; // prettier-ignore
  });
  const startOf = ({ pattern }: { pattern: string }) => pattern.indexOf('*');
  const [best] = fitting.sort((a, b) => startOf(b) - startOf(a) || b.pattern.length - a.pattern.length);
  return best && (fileOf(map[best.pattern], best.star) ?? undefined);
}

/** Undefined where no condition holds, null where the package says that there is nothing. */
function fileOf(target: Target, star: string): string | null | undefined {
  if (typeof target === 'string') return target.replaceAll('*', star);
  if (target === null) return null;
  const possible = Array.isArray(target)
    ? target
    : Object.keys(target).filter((name) => name === 'default' || CONDITIONS.includes(name)).map((name) => target[name]); // prettier-ignore
  for (const one of possible) {
    const file = fileOf(one, star);
    if (file !== undefined) return file;
  }
  return undefined;
}

function packageFolder(name: string, from: string): string | undefined {
  const folder = path.join(from, 'node_modules', name);
  if (path.basename(from) !== 'node_modules' && fs.existsSync(path.join(folder, 'package.json'))) return folder;
  return path.dirname(from) === from ? undefined : packageFolder(name, path.dirname(from));
}

function packageAbove(file: string): string | undefined {
  const folder = path.dirname(file);
  if (folder === file || path.basename(folder) === 'node_modules') return undefined;
  return fs.existsSync(path.join(folder, 'package.json')) ? folder : packageAbove(folder);
}

function manifestOf(folder: string): Manifest | undefined {
  try {
    return JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
  } catch {
    return undefined;
  }
}

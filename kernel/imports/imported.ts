// What the name in an import means, as seen from the file that it is written in.
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { doorOf } from './doors';
import { isOwnSource, ownModules } from './own-package';

const own = new Set(ownModules().map(({ specifier }) => specifier));

/**
 * The file that `import … from specifier` takes, a module of Node's by its name. The sources of the kernel's own package are CommonJS, as
 * they are when they are installed: they take what `require` finds, so that they and their packages are there once.
 *
 * @throws where nothing is found
 */
export function importedFile(specifier: string, importing: string): string {
  const { resolve } = createRequire(importing);
  if (isBuiltin(specifier)) return specifier;
  const name = withoutScheme(specifier);
  const isByPlace = name.startsWith('.') || path.isAbsolute(name);
  if (isByPlace || isOwnSource(importing)) return resolve(name);
  // Node looks among the kernel's packages last
  const door = doorOf(name, importing) ?? (own.has(name) ? undefined : doorOf(name, __filename));
  if (!door) return resolve(name);
  const required = attempt(() => resolve(name));
  // a path of tsconfig.json comes first, and so does a package without `exports`
  return required === undefined || required.startsWith(door.folder + path.sep) ? door.file : required;
}

/** Whether `require` finds something else, or nothing. */
export function isForImportOnly(specifier: string, importing: string, file: string): boolean {
  return attempt(() => createRequire(importing).resolve(withoutScheme(specifier))) !== file;
}

export function withoutScheme(specifier: string): string {
  return specifier.startsWith('file:') ? fileURLToPath(specifier) : specifier;
}

export function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

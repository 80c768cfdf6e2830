// The packages that are installed with the kernel, for files and cells whose own folders do not have them: Node looks there last.
import NodeModule, { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import { isOwn } from './modules';
import { ownModules } from './own-package';

type Resolve = (specifier: string, importing?: { filename?: string }, ...rest: unknown[]) => string;

/** What of Node is known and not declared. */
const Inside = NodeModule as unknown as { _resolveFilename: Resolve };

export function findKernelPackages(): void {
  const requireOfKernel = createRequire(__filename);
  const own = new Map(ownModules().map(({ specifier, file }) => [specifier, file]));
  const resolve = Inside._resolveFilename;
  Inside._resolveFilename = (specifier, importing, ...rest) => {
    try {
      return resolve(specifier, importing, ...rest);
    } catch (error) {
      if (!isPackageName(specifier) || !isOwn(importing?.filename ?? '')) throw error;
      try {
        return own.get(specifier) ?? requireOfKernel.resolve(specifier);
      } catch {
        throw error;
      }
    }
  };
}

function isPackageName(specifier: string): boolean {
  return !isBuiltin(specifier) && !specifier.startsWith('.') && !path.isAbsolute(specifier);
}

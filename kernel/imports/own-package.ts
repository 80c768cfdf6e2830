// The package that the kernel belongs to, by its name, for a notebook whose folder does not have it: a cell imports it as it is
// installed. In the clone, which nobody has built, it is its sources.
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');
const FROM_DIST = path.basename(ROOT) === 'dist';

/** Whether a file is one of the package's own sources. */
export function isOwnSource(file: string): boolean {
  return file.startsWith(path.join(ROOT, 'src') + path.sep);
}

interface Manifest {
  name: string;
  exports: Record<string, string | { types: string; default: string }>;
}

/** What a cell may import, and the files that are run for it and that hold its types. */
export interface OwnModule {
  specifier: string;
  file: string;
  types: string;
}

/**
 * Every door of the package.
 *
 * @example ownModules()[1] // { specifier: 'spanlab/squad', file: '…/src/squad/index.ts', types: '…/src/squad/index.ts' }
 */
export function ownModules(): OwnModule[] {
  const folder = FROM_DIST ? path.dirname(ROOT) : ROOT;
  const { name, exports } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
  return Object.entries(exports).flatMap(([door, files]) => {
    if (typeof files === 'string') return [];
    const [file, types] = FROM_DIST
      ? [files.default, files.types]
      : Array<string>(2).fill(files.default.replace(/^\.\/dist\/(.*)\.js$/, '$1.ts'));
    return [{ specifier: path.posix.join(name, door), file: path.join(folder, file), types: path.join(folder, types) }];
  });
}

// node:path in a browser, in the project's folder.
import * as posix from '@jspm/core/nodelibs/path';

export * from '@jspm/core/nodelibs/path';

export function resolve(...parts: string[]): string {
  return posix.resolve(process.cwd(), ...parts);
}

export function relative(from: string, to: string): string {
  return posix.relative(resolve(from), resolve(to));
}

const path = { ...posix, resolve, relative };
export default Object.assign(path, { posix: path });

// Modules of Node that a browser has nothing for: what calls them fails with one sentence and a code.
import { SpanlabError } from '../../src/errors';

/** What needs Node, a server or the disk of a computer. */
export class BrowserError extends SpanlabError {}

/**
 * A module whose every function throws.
 *
 * @param names What it has in Node, for who takes functions out of it by name.
 * @example absent('child_process', ['spawn']).spawn('ls') // BrowserError E_BROWSER
 */
export function absent(name: string, names: string[] = []): Record<string, unknown> {
  const parts: Record<string, unknown> = {};
  for (const part of names) parts[part] = refuser(`${name}.${part}`);
  return new Proxy(parts, {
    get: (_, part) => {
      if (typeof part === 'symbol' || part === '__esModule') return undefined;
      return (parts[part] ??= refuser(`${name}.${part}`));
    },
  });
}

/** It may be extended as a class, which many a package does when it is loaded, and fails only when it is used. */
function refuser(name: string): unknown {
  return function refuse(): never {
    throw new BrowserError('E_BROWSER', `${name} is not there in a browser; run this notebook on a computer with Node`);
  };
}

// Packages that only some need, and that are installed when they are: their size is why.
import { SpanlabError } from './errors';
import { packageFile } from './root';

/**
 * The main file of a package that spanlab can do without.
 *
 * @param purpose What needs it, for the message.
 * @throws SpanlabError `E_PACKAGE_MISSING`, which says how to install it.
 * @example optionalPackage('onnxruntime-web', 'the web page')
 */
export function optionalPackage(name: string, purpose: string, file = ''): string {
  try {
    return require.resolve(name + file);
  } catch (cause) {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- read only when the package is missing
    const { peerDependencies } = require(packageFile('package.json')) as { peerDependencies: Record<string, string> };
    const advice = `run npm install ${name}@${peerDependencies[name]}`;
    throw new SpanlabError('E_PACKAGE_MISSING', `${purpose} needs the package ${name}; ${advice}`, { cause });
  }
}

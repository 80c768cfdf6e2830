// The notebook kernel, made known to every Jupyter of the user or of an environment: a kernelspec with absolute paths.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { toFileError } from '../errors';
import { codeFile, isInstalled, packageFile, version } from '../root';
import { writeAtomically } from '../staged-file';
import { SetupError } from './errors';
import { makeFolder } from '../make-folder';

export interface KernelPlace {
  /** An environment, such as Python's `sys.prefix`; without it the user's own folder of Jupyter. */
  prefix?: string;
  /** The name that notebooks store. */
  name?: string;
  /** The kernel for JavaScript cells. */
  js?: boolean;
}

const FILE = 'kernel.json';
/** Jupyter's rule for names of kernels. */
const NAME = /^[a-z0-9._-]+$/i;

/**
 * Installs the kernel, or installs it again. It needs no `node` on the path of whoever starts it, and it works in the folder
 * of the notebook.
 *
 * @returns the folder of the kernelspec
 * @throws SetupError `E_KERNEL_NAME` for a name that Jupyter does not take, `E_KERNEL_FOREIGN` where another kernel has it; FileError
 * @example installKernel({ prefix: '/opt/jupyter', name: 'spanlab' })
 */
export function installKernel(place: KernelPlace = {}): string {
  const folder = kernelFolder(place);
  checkOurs(folder);
  const logos = codeFile('kernel', 'jupyter', 'kernels', 'tslab');
  try {
    makeFolder(folder);
    for (const logo of fs.readdirSync(logos).filter((name) => name !== FILE)) {
      fs.copyFileSync(path.join(logos, logo), path.join(folder, logo));
    }
    writeAtomically(path.join(folder, FILE), `${JSON.stringify(kernelSpec(place.js), null, 2)}\n`);
  } catch (error) {
    throw toFileError(error, folder);
  }
  return folder;
}

/**
 * Removes a kernel that {@link installKernel} installed.
 *
 * @returns the folder that is gone
 * @throws SetupError `E_KERNEL_MISSING`, `E_KERNEL_FOREIGN`; FileError
 * @example uninstallKernel({ name: 'spanlab' })
 */
export function uninstallKernel(place: KernelPlace = {}): string {
  const folder = kernelFolder(place);
  if (!fs.existsSync(folder))
    throw new SetupError(
      'E_KERNEL_MISSING',
      `${folder}: no kernel is installed there; give the --name or --prefix that it was installed with`,
    );
  checkOurs(folder);
  try {
    fs.rmSync(folder, { recursive: true });
  } catch (error) {
    throw toFileError(error, folder);
  }
  return folder;
}

/** npx deletes its own copies of packages when it likes. */
export function isVolatile(): boolean {
  return isInstalled() && packageFile().split(path.sep).includes('_npx');
}

function kernelSpec(js = false): Record<string, unknown> {
  const launcher = codeFile('kernel', 'launch.cjs');
  const own = JSON.parse(fs.readFileSync(codeFile('kernel', 'jupyter', 'kernels', 'tslab', FILE), 'utf8')) as {
    argv: string[];
  };
  // options that the clone's own kernelspec gives to node and to the kernel stay
  const start = own.argv.map((part, i) => (i === 0 ? process.execPath : part.endsWith('launch.cjs') ? launcher : part));
  const options = ['--in-place', ...(js ? ['--js'] : [])];
  return {
    ...own,
    argv: [...start.slice(0, -1), ...options, '{connection_file}'],
    display_name: js ? 'JavaScript (spanlab)' : 'TypeScript (spanlab)',
    language: js ? 'javascript' : 'typescript',
    metadata: { ...(own as { metadata?: object }).metadata, spanlab: { version, package: packageFile() } },
  };
}

function kernelFolder({ prefix, js, name = js ? 'spanlab-js' : 'spanlab' }: KernelPlace): string {
  if (!NAME.test(name)) {
    throw new SetupError(
      'E_KERNEL_NAME',
      `"${name}": Jupyter takes letters, digits and . _ - in a kernel's name; choose another --name`,
    );
  }
  const data = prefix === undefined ? userData() : path.join(path.resolve(prefix), 'share', 'jupyter');
  return path.join(data, 'kernels', name.toLowerCase());
}

/** Jupyter's data folder of the user, as `jupyter --paths` names it first. */
function userData(): string {
  if (process.env.JUPYTER_DATA_DIR) return process.env.JUPYTER_DATA_DIR;
  const home = os.homedir();
  if (process.platform === 'darwin') return path.join(home, 'Library', 'Jupyter');
  if (process.platform === 'win32') return path.join(process.env.APPDATA ?? home, 'jupyter');
  return path.join(process.env.XDG_DATA_HOME || path.join(home, '.local', 'share'), 'jupyter');
}

/** Another program's kernel is not ours to replace or remove. */
function checkOurs(folder: string): void {
  const file = path.join(folder, FILE);
  if (!fs.existsSync(file)) return;
  if (isOurs(fs.readFileSync(file, 'utf8'))) return;
  throw new SetupError('E_KERNEL_FOREIGN', `${folder}: holds a kernel of another program; choose another --name`);
}

function isOurs(text: string): boolean {
  try {
    return 'spanlab' in ((JSON.parse(text) as { metadata?: object }).metadata ?? {});
  } catch {
    return false;
  }
}

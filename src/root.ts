// Where spanlab's code is, where the person's project is, and where what was fetched or built once is kept.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The folder above `src` and `kernel`: the clone, or `dist` of the installed package. */
const CODE = path.resolve(__dirname, '..');
/** The folder of spanlab's package.json. */
const PACKAGE = fs.existsSync(path.join(CODE, 'package.json')) ? CODE : path.dirname(CODE);

/** Whether spanlab runs from a package that was installed, and not in a clone of its own. */
export function isInstalled(): boolean {
  return PACKAGE !== CODE;
}

/** A file of spanlab's code: sources in a clone, JavaScript in the package. @example codeFile('scale', 'sweep_ray.py') */
export function codeFile(...parts: string[]): string {
  return path.join(CODE, ...parts);
}

/** Arguments of Node for a program of spanlab's in a process of its own: sources need a loader, the package's JavaScript does not. */
export const loaderArguments = (): string[] => (isInstalled() ? [] : ['--require', codeFile('src', 'sources.cjs')]);

/** A file that both the clone and the package have at the same place. @example packageFile('data', 'workshop') */
export function packageFile(...parts: string[]): string {
  return path.join(PACKAGE, ...parts);
}

/** The version in spanlab's package.json. */
export const { version } = JSON.parse(fs.readFileSync(packageFile('package.json'), 'utf8')) as { version: string };

/**
 * The person's project. In a clone it is the clone, whatever folder a command or a notebook was started from; with an
 * installed package the nearest folder above the working folder that has a package.json, else the working folder.
 */
export function projectRoot(): string {
  if (!isInstalled()) return CODE;
  for (let folder = process.cwd(); ; folder = path.dirname(folder)) {
    if (fs.existsSync(path.join(folder, 'package.json'))) return folder;
    if (folder === path.dirname(folder)) return process.cwd();
  }
}

/**
 * A folder for what is fetched or built once: `.spanlab` in a clone; for all projects that installed the package one cache of
 * the user, or the folder that `SPANLAB_CACHE` names.
 */
export function cacheFolder(...parts: string[]): string {
  return path.join(process.env.SPANLAB_CACHE || (isInstalled() ? userCache() : path.join(CODE, '.spanlab')), ...parts);
}

/** Where the system wants caches of the user. */
function userCache(): string {
  if (process.platform === 'darwin') return path.join(os.homedir(), 'Library', 'Caches', 'spanlab');
  const local = process.platform === 'win32' ? process.env.LOCALAPPDATA : process.env.XDG_CACHE_HOME;
  return path.join(local || path.join(os.homedir(), '.cache'), 'spanlab');
}

// What a bundle holds: the project with all that was installed for it, without what is made again or is of no use elsewhere.
import fs from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../root';

/** In the archive everything is in this folder. */
export const TOP = 'spanlab';

/** Of what was installed, the parts that are not bound to their place. The wheels of a bundle make JupyterLab anew. */
const CACHED = ['tensorflow-', 'kernels', 'models'];
/** Files of no use on the system that the bundle is made on. */
const FOREIGN: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: ['*.dll', '*.exe', '*.dylib', 'darwin-*.node', 'win32-*.node'],
  darwin: ['*.dll', '*.exe', '*.so.1', 'linux-*.node', 'win32-*.node'],
};

/**
 * The entries of the project's folder that go into a bundle, relative to it.
 *
 * @param extra More files or folders of the project, such as a trained model or the files of SQuAD.
 * @throws Error when one of `extra` is not there or not in the project.
 */
export function bundledPaths(extra: string[] = [], root = projectRoot()): string[] {
  const left = new Set(['.git', '.spanlab', 'runs', 'models', 'data', '.cache']);
  const project = fs.readdirSync(root).filter((name) => !left.has(name) && !name.endsWith('.log'));
  const cached = list(root, '.spanlab').filter((name) => CACHED.some((start) => name.startsWith(start)));
  return [
    ...project,
    ...cached.map((name) => path.join('.spanlab', name)),
    path.join('data', 'workshop'),
    ...extra.map((name) => inside(root, name)),
  ];
}

/** Patterns of `tar --exclude`. */
export function excludedPatterns(platform = process.platform): string[] {
  return ['.ipynb_checkpoints', '__pycache__', 'scratch-*', ...(FOREIGN[platform] ?? [])];
}

function list(root: string, folder: string): string[] {
  const place = path.join(root, folder);
  return fs.existsSync(place) ? fs.readdirSync(place) : [];
}

function inside(root: string, name: string): string {
  const relative = path.relative(root, path.resolve(root, name));
  if (relative.startsWith('..') || path.isAbsolute(relative)) throw new Error(`${name} is not in the project's folder`);
  if (!fs.existsSync(path.join(root, relative))) throw new Error(`${name} is not there`);
  return relative;
}

// A folder with all above it, as `mkdir -p` makes it; where it cannot be made, the error says why.
import fs from 'node:fs';
import path from 'node:path';

/**
 * Makes `folder` and what is missing above it. Node's own `recursive` says of a file system that is read-only that there is no
 * such folder (ENOENT), so that what cannot be made in one go is made step by step, and the step that fails gives its reason.
 *
 * @throws the system's error: EROFS, EACCES, ENOSPC, …
 * @example makeFolder('runs/one')
 */
export function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    makeByStep(path.resolve(folder));
  }
}

function makeByStep(folder: string): void {
  try {
    fs.mkdirSync(folder);
  } catch (error) {
    const above = path.dirname(folder);
    if (codeOf(error) === 'EEXIST' && fs.statSync(folder).isDirectory()) return;
    if (codeOf(error) !== 'ENOENT' || above === folder) throw error;
    makeByStep(above);
    fs.mkdirSync(folder);
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

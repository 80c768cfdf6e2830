// Where the project is, whatever folder a command or a notebook was started from.
import fs from 'node:fs';
import path from 'node:path';

/** The folder of spanlab's package.json: above this file, or above the working folder when this file runs from elsewhere. */
export function projectRoot(): string {
  for (const start of [__dirname, process.cwd()]) {
    for (let folder = start; ; folder = path.dirname(folder)) {
      if (isRoot(folder)) return folder;
      if (folder === path.dirname(folder)) break;
    }
  }
  return process.cwd();
}

function isRoot(folder: string): boolean {
  const file = path.join(folder, 'package.json');
  if (!fs.existsSync(file)) return false;
  return (JSON.parse(fs.readFileSync(file, 'utf8')) as { name?: string }).name === 'spanlab';
}

/** A folder for what is fetched or built once; never committed. */
export function cacheFolder(...parts: string[]): string {
  return path.join(projectRoot(), '.spanlab', ...parts);
}

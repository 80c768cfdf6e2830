// What the worker finds as files of the project: its package.json and data.
import fs from 'node:fs';
import path from 'node:path';
import { PROJECT } from './project';

const ROOT = path.resolve(__dirname, '..');

/** Writes the list of files, and the one that is not in the site already, into `vm`. */
export function writeFiles(vm: string): void {
  const files: Record<string, string> = {};
  fs.copyFileSync(path.join(ROOT, 'package.json'), path.join(vm, 'package.json'));
  files[`${PROJECT}/package.json`] = 'vm/package.json';
  for (const name of fs.readdirSync(path.join(ROOT, 'data', 'workshop'))) {
    files[`${PROJECT}/data/workshop/${name}`] = `files/data/workshop/${name}`;
  }
  fs.writeFileSync(path.join(vm, 'manifest.json'), JSON.stringify({ types: 'vm/types.json', files }));
}

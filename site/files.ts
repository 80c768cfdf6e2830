// What the worker finds as files of the project: its package.json, data, and what published pages are made of.
import fs from 'node:fs';
import path from 'node:path';
import { pageFiles } from '../src/publish/page-files';
import { PROJECT } from './project';

const ROOT = path.resolve(__dirname, '..');

/**
 * Writes the list of files, and those that are not in the site already, into `vm`.
 *
 * @param contents Paths of what JupyterLite lists.
 */
export async function writeFiles(vm: string, contents: string[]): Promise<void> {
  const files: Record<string, string> = {};
  fs.copyFileSync(path.join(ROOT, 'package.json'), path.join(vm, 'package.json'));
  files[`${PROJECT}/package.json`] = 'vm/package.json';
  const data = path.join(ROOT, 'data', 'workshop');
  for (const name of fs.readdirSync(data, { recursive: true, encoding: 'utf8' })) {
    if (fs.statSync(path.join(data, name)).isDirectory()) continue;
    files[`${PROJECT}/data/workshop/${name}`] = `files/data/workshop/${name}`;
  }
  fs.mkdirSync(path.join(vm, 'page'), { recursive: true });
  for (const [name, content] of Object.entries(await pageFiles())) {
    fs.writeFileSync(path.join(vm, 'page', name), content);
    files[`${PROJECT}/.spanlab/page/${name}`] = `vm/page/${name}`;
  }
  fs.writeFileSync(path.join(vm, 'manifest.json'), JSON.stringify({ types: 'vm/types.json', files, contents }));
}

// What the worker finds as files of the project: data, and what packages and sources read at run time.
import fs from 'node:fs';
import path from 'node:path';
import { PROJECT } from './project';

const ROOT = path.resolve(__dirname, '..');
const WASM = 'node_modules/@tensorflow/tfjs-backend-wasm';

/** Writes the list of files, and those that are not in the site already, into `vm`. */
export function writeFiles(vm: string): void {
  const files: Record<string, string> = {};
  const offer = (name: string) => {
    const target = path.join(vm, 'spanlab', name);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.copyFileSync(path.join(ROOT, name), target);
    files[path.posix.join(PROJECT, name)] = `vm/spanlab/${name}`;
  };
  offer('package.json');
  for (const name of fs.readdirSync(path.join(ROOT, 'data', 'workshop'))) {
    files[`${PROJECT}/data/workshop/${name}`] = `files/data/workshop/${name}`;
  }
  for (const name of fs.readdirSync(path.join(ROOT, WASM, 'dist'))) {
    if (name.endsWith('.wasm')) offer(path.posix.join(WASM, 'dist', name));
  }
  fs.writeFileSync(path.join(vm, 'manifest.json'), JSON.stringify({ types: 'vm/types.json', files }));
}

// The files that every published page shares, as files of the site: the build has put its scripts together.
import fs from 'node:fs';
import path from 'node:path';
import { cacheFolder } from '../../src/root';

/** Where the manifest of the site has them. */
const FOLDER = cacheFolder('page');

/** Contents by name; in `index.html` NAME stands for that of the model. */
export function pageFiles(): Promise<Record<string, Uint8Array>> {
  const names = fs.readdirSync(FOLDER);
  return Promise.resolve(Object.fromEntries(names.map((name) => [name, fs.readFileSync(path.join(FOLDER, name))])));
}

// What JupyterLite lists as the files of the site: the notebooks, and the data that they read.
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '..');

interface Entry {
  name: string;
  path: string;
  type: 'directory' | 'file' | 'notebook';
  [key: string]: unknown;
}

/**
 * Copies notebooks and data into `files`, and writes the lists of `api/contents`.
 *
 * @returns the paths of all files
 */
export function writeContents(out: string): string[] {
  const files = path.join(out, 'files');
  copy('notebooks', files, (name) => /^[^/]+\.(ipynb|md)$|^solutions\/[^/]+\.ipynb$|^pictures\//.test(name));
  copy('data/workshop', files, () => true);
  list(files, '', path.join(out, 'api', 'contents'));
  const names = fs.readdirSync(files, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => fs.statSync(path.join(files, name)).isFile());
}

function copy(folder: string, files: string, isWanted: (name: string) => boolean): void {
  const source = path.join(ROOT, folder);
  for (const name of fs.readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!isWanted(name) || !fs.statSync(path.join(source, name)).isFile()) continue;
    const target = path.join(files, folder, name);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    copyFile(path.join(source, name), target);
  }
}

/** JupyterLite shows a drawing only where all its signs are of Latin-1: others are written as their numbers. */
function copyFile(from: string, to: string): void {
  if (!from.endsWith('.svg')) return fs.copyFileSync(from, to);
  const text = fs.readFileSync(from, 'utf8');
  fs.writeFileSync(
    to,
    text.replace(/[^\0-\u00ff]/gu, (sign) => `&#${sign.codePointAt(0)};`),
  );
}

/** As the browser is told; pictures are no text. */
const TYPES: Record<string, string> = { '.ipynb': 'application/json', '.json': 'application/json', '.png': 'image/png', '.svg': 'image/svg+xml' }; // prettier-ignore

/** The list of a folder and of all in it. */
function list(files: string, folder: string, api: string): void {
  const entries = fs.readdirSync(path.join(files, folder), { withFileTypes: true });
  const content = entries.map((entry) => describe(files, path.posix.join(folder, entry.name), entry.isDirectory()));
  const whole = { ...describe(files, folder, true), content, format: 'json' };
  fs.mkdirSync(path.join(api, folder), { recursive: true });
  fs.writeFileSync(path.join(api, folder, 'all.json'), JSON.stringify(whole));
  for (const entry of entries) if (entry.isDirectory()) list(files, path.posix.join(folder, entry.name), api);
}

function describe(files: string, place: string, isFolder: boolean): Entry {
  const stat = fs.statSync(path.join(files, place));
  const isNotebook = place.endsWith('.ipynb');
  const time = stat.mtime.toISOString();
  const mimetype = isFolder ? null : (TYPES[path.posix.extname(place)] ?? 'text/plain');
  return {
    name: path.posix.basename(place),
    path: place,
    type: isFolder ? 'directory' : isNotebook ? 'notebook' : 'file',
    format: isFolder || isNotebook ? 'json' : mimetype === 'image/png' ? 'base64' : 'text',
    mimetype,
    content: null,
    size: isFolder ? null : stat.size,
    writable: true,
    created: time,
    last_modified: time,
  };
}

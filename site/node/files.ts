// The files of the worker: in memory, as long as the tab is open; those of the site come when they are first looked at.
import memory from '@jspm/core/nodelibs/fs';
import path from 'node:path';

/** Where the bytes of files are that nobody has looked at yet. */
const offered = new Map<string, string>();

/** Makes files of the site known: they are in their folders at once, and fetched when something reads them. */
export function offerFiles(files: Record<string, string>): void {
  for (const [file, url] of Object.entries(files)) {
    memory.mkdirSync(path.dirname(file), { recursive: true });
    memory.writeFileSync(file, '');
    offered.set(file, url);
  }
}

/** To be called before `file` is looked at: what is offered there is fetched, and it waits until that is done. */
export function settle(file: unknown): void {
  const name = nameOf(file);
  if (name === undefined || offered.size === 0) return;
  const url = offered.get(name);
  if (url === undefined) return;
  offered.delete(name);
  memory.writeFileSync(name, fetchNow(url));
}

/** The same for all that is in a folder. */
export function settleFolder(folder: unknown): void {
  const name = nameOf(folder);
  settle(folder);
  for (const file of [...offered.keys()]) if (name !== undefined && file.startsWith(`${name}/`)) settle(file);
}

/** What is deleted or written anew need not be fetched any more. */
export function forget(file: unknown): void {
  const name = nameOf(file);
  if (name === undefined) return;
  for (const other of [...offered.keys()]) if (other === name || other.startsWith(`${name}/`)) offered.delete(other);
}

export function nameOf(file: unknown): string | undefined {
  if (typeof file === 'string') return path.resolve(file);
  return file instanceof URL ? decodeURIComponent(file.pathname) : undefined;
}

/** A worker may wait for an answer, which a page may not. */
function fetchNow(url: string): Buffer {
  const request = new XMLHttpRequest();
  request.open('GET', url, false);
  request.responseType = 'arraybuffer';
  request.send();
  if (request.status !== 200) throw new Error(`${url}: the site answers ${request.status}`);
  return Buffer.from(request.response as ArrayBuffer);
}

export { memory };

// The files of the worker: in memory; those that are kept elsewhere (by the site, or by the browser) come when they are first
// looked at.
import { type IFs, createFsFromVolume, Volume } from 'memfs';
import path from 'node:path';
import { PROJECT } from '../project';

const where = { cwd: () => PROJECT, platform: 'linux', env: {}, emitWarning: () => undefined };
export const volume = Volume.fromNestedJSON({}, '/', { process: where as unknown as NodeJS.Process });
export const memory: IFs = createFsFromVolume(volume);
memory.mkdirSync('/tmp', { recursive: true });

/** Where the bytes of files are that nobody has looked at yet. */
const offered = new Map<string, string>();
/** Told when a file has come. */
const listeners: ((file: string) => void)[] = [];

/** Makes files known: they are in their folders at once, and fetched when something reads them. */
export function offerFiles(files: Record<string, string>): void {
  for (const [file, url] of Object.entries(files)) {
    memory.mkdirSync(path.dirname(file), { recursive: true });
    memory.writeFileSync(file, '');
    offered.set(file, url);
  }
}

/** Whether a file is known and its bytes are elsewhere. */
export function isOffered(file: string): boolean {
  return offered.has(file);
}

export function onArrival(listener: (file: string) => void): void {
  listeners.push(listener);
}

/** To be called before `file` is looked at: what is offered there is fetched, and it waits until that is done. */
export function settle(file: unknown): void {
  const name = nameOf(file);
  if (name === undefined || offered.size === 0) return;
  const url = offered.get(name);
  if (url === undefined) return;
  memory.writeFileSync(name, fetchNow(name, url));
  forget(name);
  for (const listen of listeners) listen(name);
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
  for (const [other, url] of offered) {
    if (other !== name && !other.startsWith(`${name}/`)) continue;
    offered.delete(other);
    if (url.startsWith('blob:')) URL.revokeObjectURL(url);
  }
}

export function nameOf(file: unknown): string | undefined {
  if (typeof file === 'string') return path.resolve(file);
  return file instanceof URL ? decodeURIComponent(file.pathname) : undefined;
}

/** A worker may wait for an answer, which a page may not. */
function fetchNow(file: string, url: string): Buffer {
  const request = new XMLHttpRequest();
  request.open('GET', url, false);
  request.responseType = 'arraybuffer';
  try {
    request.send();
  } catch {
    throw new Error(`${file}: its bytes cannot be had from ${url} any more; restart the kernel`);
  }
  if (request.status !== 200) throw new Error(`${url}: the site answers ${request.status}`);
  return Buffer.from(request.response as ArrayBuffer);
}

// node:fs in a browser, over files in memory, of the site and of the browser's own store.
import path from 'node:path';
import { forget, memory, nameOf, settle, settleFolder, volume } from './files';
import { checkRoom, freeBytes, noteChange } from './room';

type Call = (...values: unknown[]) => unknown;

/** What looks at one file or changes a part of it. */
const LOOKING = ['readFile', 'stat', 'lstat', 'open', 'appendFile', 'copyFile', 'truncate', 'createReadStream', 'link'];
/** What takes a folder with all that is in it. */
const MOVING = ['rename', 'cp'];
/** What ends a file as it was. */
const ENDING = ['rm', 'unlink', 'rmdir', 'writeFile'];
/** What puts bytes into a file. */
const WRITING = ['write', 'writev', 'writeFile', 'appendFile'];
/** What changes nothing. */
const HARMLESS =
  /^(read|stat|lstat|fstat|exists|access|open(dir)?$|close|fsync|fdatasync|realpath|watch|createRead|glob)/;

/** The second value of these is a path, too. */
const TWO_PATHS = ['rename', 'cp', 'copyFile', 'link'];

const within = (value: unknown) => nameOf(value) ?? value;

/** With paths from the root on, and after what each file needs is done. */
function prepared(name: string, call: Call): Call {
  const plain = name.replace(/Sync$/, '');
  const paths = TWO_PATHS.includes(plain) ? 2 : 1;
  return (...values) => {
    prepare(plain, values);
    return call(...values.map((value, i) => (i < paths ? within(value) : value)));
  };
}

function prepare(name: string, values: unknown[]): void {
  const steps = [[LOOKING, settle] as const, [MOVING, settleFolder] as const, [ENDING, forget] as const];
  steps.find(([names]) => names.includes(name))?.[1](values[0]);
  // what is put in the place of an offered file must not be covered by that later
  if (name === 'cp') settleFolder(values[1]);
  else if (TWO_PATHS.includes(name)) forget(values[1]);
  if (WRITING.includes(name)) checkRoom(placeOf(values[0]), sizeOf(values[1]));
  if (!HARMLESS.test(name)) noteChange();
}

/** The path of a file that is named, or open. */
function placeOf(file: unknown): string | undefined {
  if (typeof file !== 'number') return nameOf(file);
  return volume._core.fds[file]?.link.getPath();
}

function sizeOf(data: unknown): number {
  if (typeof data === 'string') return data.length;
  if (Array.isArray(data)) return data.reduce((sum: number, part) => sum + sizeOf(part), 0);
  return ArrayBuffer.isView(data) ? data.byteLength : 0;
}

function withPaths<T extends object>(original: T): T {
  const isFunction = (value: unknown): value is Call => typeof value === 'function' && !/^[A-Z]/.test(value.name);
  const all = namesOf(original).map((name) => {
    const value = (original as Record<string, unknown>)[name];
    const isCall = isFunction(value) && !/^_?[A-Z]/.test(name);
    return [name, isCall ? prepared(name, value.bind(original) as Call) : value];
  });
  return Object.fromEntries(all) as T;
}

/** Of an object of a class, too. */
function namesOf(original: object): string[] {
  const prototype = Object.getPrototypeOf(original) as object;
  const inherited = prototype === Object.prototype ? [] : Object.getOwnPropertyNames(prototype);
  return [...Object.keys(original), ...inherited].filter((name) => name !== 'constructor' && !name.startsWith('__'));
}

const BLOCK = 4096;
const room = () => {
  const free = Math.floor(freeBytes() / BLOCK);
  return { bavail: free, bfree: free, blocks: free, bsize: BLOCK };
};
const promises = { ...withPaths(memory.promises), statfs: () => Promise.resolve(room()) };
// a file's place is where it is: nothing is linked here but what says who owns something
const place = (file: string) => path.resolve(file);
const realpath = { realpathSync: Object.assign(place, { native: place }) };
const fs = { ...withPaths(memory), statfsSync: room, ...realpath, promises };
export = fs as unknown as typeof import('node:fs');

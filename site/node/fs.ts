// node:fs in a browser, over files in memory and files of the site.
import { forget, memory, nameOf, settle, settleFolder } from './files';

type Call = (...values: unknown[]) => unknown;

/** What looks at one file or changes a part of it. */
const LOOKING = ['readFile', 'stat', 'lstat', 'open', 'appendFile', 'copyFile', 'truncate', 'createReadStream'];
/** What takes a folder with all that is in it. */
const MOVING = ['rename', 'cp', 'link'];
/** What ends a file as it was. */
const ENDING = ['rm', 'unlink', 'rmdir', 'writeFile'];

/** The second value of these is a path, too. */
const TWO_PATHS = ['rename', 'cp', 'copyFile', 'link'];

const within = (value: unknown) => nameOf(value) ?? value;

/** With paths from the root on, and after `prepare` has done what the file needs. */
function prepared(name: string, call: Call): Call {
  const plain = name.replace(/Sync$/, '');
  const prepare = [[LOOKING, settle] as const, [MOVING, settleFolder] as const, [ENDING, forget] as const].find(
    ([names]) => names.includes(plain),
  )?.[1];
  return (...values) => {
    prepare?.(values[0]);
    const paths = TWO_PATHS.includes(plain) ? 2 : 1;
    return call(...values.map((value, i) => (i < paths ? within(value) : value)));
  };
}

function withPaths<T extends object>(original: T): T {
  const isFunction = (value: unknown): value is Call => typeof value === 'function' && !/^[A-Z]/.test(value.name);
  const all = Object.entries(original).map(([name, value]: [string, unknown]) => [
    name,
    isFunction(value) && !/^_?[A-Z]/.test(name) ? prepared(name, value.bind(original) as Call) : value,
  ]);
  return Object.fromEntries(all) as T;
}

/** Nobody knows how much room a tab has: enough. */
const ROOM = { bavail: 1e9, bfree: 1e9, blocks: 1e9, bsize: 4096 };
const statfs = { statfsSync: () => ROOM };
const promises = { ...withPaths(memory.promises), statfs: () => Promise.resolve(ROOM) };
// a file's place is where it is: nothing is linked here
const realpath = { realpathSync: Object.assign((file: string) => file, { native: (file: string) => file }) };
const fs = { ...withPaths(memory), ...statfs, ...realpath, promises };
export = fs as unknown as typeof memory;

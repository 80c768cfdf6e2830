// A file system that breaks at a chosen change: as when the process is killed, or when the disk is full.
import fs from 'node:fs';
import type { TestContext } from 'node:test';

/** Every way in which a save changes the file system. */
const CHANGES = [
  ...['mkdirSync', 'openSync', 'writeSync', 'writeFileSync', 'fsyncSync', 'closeSync', 'renameSync', 'rmSync'],
] as ('mkdirSync' | 'writeSync')[];

type Any = (...args: unknown[]) => unknown;

/** Wraps all changes; `before` sees each with its number and may throw, or shorten a write. */
function wrap(
  context: Pick<TestContext, 'mock'>,
  before: (name: string, args: unknown[], point: number) => void,
): () => void {
  let point = 0;
  const mocks = CHANGES.map((name) => {
    const original = fs[name] as unknown as Any;
    const wrapped: Any = (...args) => {
      before(name, args, point++);
      return original.apply(fs, args);
    };
    return context.mock.method(fs, name, wrapped as never);
  });
  return () => mocks.forEach((mock) => mock.mock.restore());
}

/** How many changes `work` makes. */
export async function countChanges(context: Pick<TestContext, 'mock'>, work: () => Promise<void>): Promise<number> {
  let count = 0;
  const mend = wrap(context, () => void count++);
  await work();
  mend();
  return count;
}

/**
 * Breaks the change number `at`; what it writes comes to a half. After a kill nothing changes any more, not even for clean-up;
 * on a full disk only writing fails, from then on.
 *
 * @returns a function that mends it
 */
export function breakFileSystem(
  context: Pick<TestContext, 'mock'>,
  at: number,
  kind: 'kill' | 'full disk',
): () => void {
  const write = fs.writeSync.bind(fs) as Any;
  return wrap(context, (name, args, point) => {
    if (point < at || (kind === 'full disk' && !/write|mkdir|fsync/i.test(name))) return;
    if (point === at && name === 'writeSync') write(args[0], half(args[1]));
    throw Object.assign(new Error(kind), { code: kind === 'kill' ? 'EIO' : 'ENOSPC' });
  });
}

function half(data: unknown): Buffer {
  const bytes = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data as Uint8Array);
  return bytes.subarray(0, bytes.length / 2);
}

// How much memory a model needs, and how much there is: better said at once than by the system, which ends the process.
import fs from 'node:fs';
import os from 'node:os';
import { ModelError } from './errors';

/** While weights are loaded they are there twice: as they are read, and in the engine. */
const COPIES = 2;

/**
 * Bytes that this process may still take: free memory and what the system can drop for it, or what a container leaves.
 * Infinity where nobody says.
 */
export function availableMemory(): number {
  const meminfo = readIfThere('/proc/meminfo');
  const kilobytes = /^MemAvailable:\s*(\d+) kB/m.exec(meminfo)?.[1];
  const free = kilobytes ? Number(kilobytes) * 1024 : os.freemem();
  const limit = Number(readIfThere('/sys/fs/cgroup/memory.max')); // `max` is NaN: no limit
  const used = Number(readIfThere('/sys/fs/cgroup/memory.current'));
  return limit > 0 && used >= 0 ? Math.min(free, Math.max(0, limit - used)) : free;
}

function readIfThere(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/**
 * @param values How many numbers the weights have.
 * @throws ModelError `E_MODEL_MEMORY`
 */
export function checkMemory(values: number, what: string, available = availableMemory()): void {
  const needed = 4 * values * COPIES;
  if (needed <= available) return;
  const [need, have] = [needed, available].map((bytes) => `${(bytes / 1e9).toFixed(1)} GB`);
  throw new ModelError(
    'E_MODEL_MEMORY',
    `${what}: ${Math.round(values / 1e6)} million weights need ${need} of memory while they are loaded, and ${have} are free; close other programs or take a smaller model`,
  );
}

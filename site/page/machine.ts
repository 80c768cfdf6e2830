// What this machine can do, as far as the browser says.
import { findAdapter } from '../engine/adapter';
import { mayShareMemory } from '../kernel/shared';

/** Pairs of what and how much. */
export async function describeMachine(): Promise<[term: string, value: string][]> {
  const lines: [string, string][] = [['computes with', await engine()]];
  const threads = navigator.hardwareConcurrency;
  const alone = '1: this page may not share memory (see “threads” in the guide for teachers)';
  lines.push(['threads', mayShareMemory() ? String(threads) : alone]);
  const { deviceMemory } = navigator as { deviceMemory?: number };
  if (deviceMemory) lines.push(['memory', `${deviceMemory} GB or more`]);
  const room = await freeRoom();
  if (room !== undefined) lines.push(['room for models', `${(room / 1e9).toFixed(1)} GB in this browser`]);
  return lines;
}

/** The same choice as `chooseBackend` makes. */
async function engine(): Promise<string> {
  try {
    const { name, isSoftware } = await findAdapter();
    return isSoftware ? `WebAssembly (the only GPU is a program: ${name})` : `WebGPU (${name || 'a GPU'})`;
  } catch (error) {
    return `WebAssembly (${(error as Error).message})`;
  }
}

/** Bytes that may be kept; pages without https are told nothing. */
async function freeRoom(): Promise<number | undefined> {
  const { storage } = navigator as { storage?: StorageManager };
  const { quota, usage = 0 } = (await storage?.estimate()) ?? {};
  return quota === undefined ? undefined : quota - usage;
}

// The moment after a cell: what it left running may still fail, and should fail under its name.
import { setTimeout } from 'node:timers';
import { startImmediate } from './immediates';
import type { Cell } from './cell';

/** How long a cell that leaves work behind is watched for its failure. */
const WATCH_MS = 250;
const LOOK_MS = 10;

/** How much is going on: timers, files, sockets. */
export function countResources(): number {
  return process.getActiveResourcesInfo().filter((name) => name !== 'Immediate').length;
}

/** Lets rejections be noticed that nobody awaits; waits a little where more is going on than before the cell. */
export async function settle(cell: Cell, before: number): Promise<void> {
  await turn();
  const end = performance.now() + WATCH_MS;
  while (countResources() > before && cell.background.length === 0 && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    await turn();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => startImmediate(resolve));
}

// Folders that appear whole or not at all.
import fs from 'node:fs';
import path from 'node:path';
import { writeAtomically } from '../staged-file';

/** Says that a folder is complete, and with what it was made. */
const STAMP = '.complete';

/** Whether `folder` was made to its end with `key`. */
export function isComplete(folder: string, key: string): boolean {
  return hasStamp(folder, STAMP, key);
}

/** Whether `folder` was made to its end, with whatever key. */
export function isFinished(folder: string): boolean {
  return fs.existsSync(path.join(folder, STAMP));
}

/** Marks `folder` complete: the last step of making it. */
export function markComplete(folder: string, key: string): void {
  stamp(folder, STAMP, key);
}

/** Takes the mark away: the first step of changing the folder. */
export function markIncomplete(folder: string): void {
  fs.rmSync(path.join(folder, STAMP), { force: true });
}

/** Whether a step of making `folder` was stamped with `key`. */
export function hasStamp(folder: string, name: string, key: string): boolean {
  const file = path.join(folder, name);
  return fs.existsSync(file) && fs.readFileSync(file, 'utf8') === key;
}

/** Says that a step is done. The stamp appears whole, and only after what it vouches for. */
export function stamp(folder: string, name: string, key: string): void {
  writeAtomically(path.join(folder, name), key);
}

const SCRATCH = 'scratch-';

/**
 * Runs `work` with an empty folder inside `folder`, which is deleted afterwards, as are those of runs that were killed. Each
 * run has its own, so that an orphan of a killed one cannot write into the next.
 */
export async function withScratch(folder: string, work: (scratch: string) => Promise<void>): Promise<void> {
  const remove = (name: string) => fs.rmSync(path.join(folder, name), { recursive: true, force: true });
  fs.readdirSync(folder)
    .filter((name) => name.startsWith(SCRATCH))
    .forEach(remove);
  const scratch = fs.mkdtempSync(path.join(folder, SCRATCH));
  try {
    await work(scratch);
  } finally {
    remove(path.basename(scratch));
  }
}

/** Bytes in a folder, 0 where there is none; links are not followed. */
export function folderSize(folder: string): number {
  if (!fs.existsSync(folder)) return 0;
  let size = 0;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) size += folderSize(file);
    else if (entry.isFile()) size += fs.statSync(file).size;
  }
  return size;
}

/** Bytes as people read them. */
export function megabytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

// Folders that appear whole or not at all.
import fs from 'node:fs';
import path from 'node:path';

/** Says that a folder is complete, and with what it was made. */
const STAMP = '.complete';

/** Whether `folder` was made to its end with `key`. */
export function isComplete(folder: string, key: string): boolean {
  return hasStamp(folder, STAMP, key);
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
  const file = path.join(folder, name);
  fs.writeFileSync(`${file}.part`, key);
  fs.renameSync(`${file}.part`, file);
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

// Folders that appear whole or not at all.
import fs from 'node:fs';
import path from 'node:path';

/** Says that a folder is complete, and with what it was made. */
const STAMP = '.complete';

/** Whether `folder` was made to its end with `key`. */
export function isComplete(folder: string, key: string): boolean {
  const stamp = path.join(folder, STAMP);
  return fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === key;
}

/** Marks `folder` complete: the last step of making it. */
export function markComplete(folder: string, key: string): void {
  fs.writeFileSync(path.join(folder, STAMP), key);
}

/** Bytes in a folder; links are not followed. */
export function folderSize(folder: string): number {
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

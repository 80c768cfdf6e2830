// Makes sure that what was written is on the disk: a rename alone may come before the data it names.
import fs from 'node:fs';
import path from 'node:path';

/** Flushes every file of a folder, and the folder itself. */
export function syncFolder(folder: string): void {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const inside = path.join(folder, entry.name);
    if (entry.isDirectory()) syncFolder(inside);
    else syncPath(inside);
  }
  syncPath(folder);
}

/** Flushes one file, or the list of names that a folder is. */
export function syncPath(file: string): void {
  // Windows does not open folders; it writes their names at once
  if (process.platform === 'win32' && fs.statSync(file).isDirectory()) return;
  const descriptor = fs.openSync(file, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

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
  const isFolder = fs.statSync(file).isDirectory();
  if (isFolder && process.platform === 'win32') return; // it opens no folders and writes their names at once
  const descriptor = fs.openSync(file, isFolder ? 'r' : 'r+'); // Windows flushes only what it may write
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

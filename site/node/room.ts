// How much a tab may still keep, and what of the worker's files is to be kept at all.
import { PROJECT } from '../project';

/** What never outlives the worker: what can be fetched again, locks, and what is half written. */
const PASSING = /\/(\.spanlab|node_modules)\/|\/\.spanlab\.lock|\.part(\/|$)|\/\.saving-\d+(\/|$)/;

/** Files of the site itself, which it has anyway. */
const own = new Set<string>();

/** Whether a file stays when the tab is closed. */
export function isKept(file: string): boolean {
  return file.startsWith(`${PROJECT}/`) && !own.has(file) && !PASSING.test(file);
}

/** @param files Places of files of the site. */
export function setOwn(files: string[]): void {
  for (const file of files) own.add(file);
}

/** Bytes that may still be written, as far as the browser says. */
let free = Infinity;
let changes = 0;
let onChange: () => void = () => undefined;

export function freeBytes(): number {
  return Number.isFinite(free) ? Math.max(0, free) : 1e12;
}

/** @param bytes What the browser says; Infinity where it says nothing. */
export function setFree(bytes: number): void {
  free = bytes;
}

/** @param listener Called before anything changes. */
export function onChanges(listener: () => void): void {
  onChange = listener;
}

/** Something in the files is being changed. */
export function noteChange(): void {
  changes++;
  onChange();
}

/** How often something has been changed: the same number, the same files. */
export function changeCount(): number {
  return changes;
}

/**
 * Fails as a full disk does, before bytes are written that the browser will not keep.
 *
 * @throws Error `ENOSPC`
 */
export function checkRoom(file: string | undefined, bytes: number): void {
  if (file === undefined || !file.startsWith(`${PROJECT}/`) || /\/\.spanlab\//.test(file)) return;
  if (bytes > free) {
    throw Object.assign(new Error(`ENOSPC: no space left on device, write '${file}'`), { code: 'ENOSPC', path: file });
  }
  free -= bytes;
}

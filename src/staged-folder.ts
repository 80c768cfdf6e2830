// Files that appear in a folder together: the old ones or the new ones, whenever the process or the machine stops.
import fs from 'node:fs';
import path from 'node:path';
import { FileError, toFileError } from './errors';
import { isAlive, startOf } from './processes';
import { syncFolder, syncPath } from './sync';
import { makeFolder } from './make-folder';

/** Holds a complete new set whose files are being moved to their places. */
const COMPLETE = '.saved';
/** In that folder: the process that moves them. */
const OWNER = '.owner';
/** Moving some files takes milliseconds; longer than this, in milliseconds, nobody waits for it. */
const PATIENCE = 10_000;
const STAGED = /^\.saving-(\d+)$/;
/** Without it no reader takes a folder for a model: it goes first and comes last. */
const HEAD = 'config.json';
/** What differs from save to save of one model. */
const WEIGHTS = 'model.safetensors';

/**
 * Writes files into `folder` through `fill`, which gets an empty folder for them. Others that are in `folder` stay.
 *
 * Where only the weights differ, one rename puts them in place. Otherwise the set is written and synced next to them, declared
 * complete by one rename, and moved file by file; {@link finishReplacing}, which every reader of ours calls, ends what was
 * interrupted there. Other programs find no `config.json` in between, so they never read a mixture.
 *
 * @throws FileError; the folder is as it was.
 * @example await replaceTogether('models/mine', (stage) => writeModel(stage))
 */
export async function replaceTogether(folder: string, fill: (stage: string) => Promise<void>): Promise<void> {
  const isNew = !fs.existsSync(folder);
  try {
    makeFolder(folder);
    finishReplacing(folder);
    removeAbandoned(folder);
    const stage = path.join(folder, `.saving-${process.pid}`);
    fs.rmSync(stage, { recursive: true, force: true });
    fs.mkdirSync(stage);
    try {
      await fill(stage);
      syncFolder(stage);
      commit(folder, stage);
    } finally {
      fs.rmSync(stage, { recursive: true, force: true });
    }
  } catch (error) {
    if (isNew) removeIfEmpty(folder);
    throw toFileError(error, folder);
  }
}

/** Ends a replacement that was interrupted after its files were complete; else does nothing. @throws FileError `E_FILE_BUSY`, … */
export function finishReplacing(folder: string): void {
  if (!fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  const complete = path.join(folder, COMPLETE);
  // a link of that name is none of ours: what it leads to stays where it is
  if (!fs.lstatSync(complete, { throwIfNoEntry: false })?.isDirectory()) return;
  try {
    if (!claim(complete)) return;
    const names = fs.readdirSync(complete).filter((name) => name !== HEAD && name !== OWNER);
    // the last to be moved: where it has been, all is done
    if (fs.existsSync(path.join(complete, HEAD))) fs.rmSync(path.join(folder, HEAD), { force: true });
    for (const name of [...names, HEAD]) moveIfThere(path.join(complete, name), path.join(folder, name));
    syncPath(folder);
    fs.rmSync(complete, { recursive: true, force: true });
  } catch (error) {
    throw toFileError(error, folder);
  }
}

/**
 * One process at a time moves the files: two could take each other's `config.json` for the old one. Waits for one that is at
 * it, and goes on where one died.
 *
 * @returns false when all was done meanwhile
 */
function claim(complete: string): boolean {
  const owner = path.join(complete, OWNER);
  for (const until = performance.now() + PATIENCE; performance.now() < until;) {
    try {
      fs.symlinkSync(identityOf(process.pid), owner); // a link is there with its content, or not at all
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return false;
      if (code !== 'EEXIST') throw error;
    }
    const other = ownerOf(owner);
    const id = parseInt(other, 10);
    // one's own from before an error; one of a process that is gone, whose number another may have by now
    const isDead = id === process.pid || (id > 0 && (!isAlive(id) || identityOf(id) !== other));
    if (isDead) fs.rmSync(owner, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  }
  const advice = 'if none does, delete that file';
  throw new FileError(
    'E_FILE_BUSY',
    `${owner}: another process (${ownerOf(owner)}) is putting files in place; ${advice}`,
  );
}

/** Empty when it is gone. */
function ownerOf(file: string): string {
  try {
    return fs.readlinkSync(file);
  } catch {
    return '';
  }
}

/** A process by its number and, where the system tells, the time of its start. */
function identityOf(process_: number): string {
  const start = startOf(process_);
  return start ? `${process_}-${start}` : String(process_);
}

function commit(folder: string, stage: string): void {
  const changed = fs.readdirSync(stage).filter((name) => !isSame(path.join(stage, name), path.join(folder, name)));
  if (String(changed) === WEIGHTS) fs.renameSync(path.join(stage, WEIGHTS), path.join(folder, WEIGHTS));
  else fs.renameSync(stage, path.join(folder, COMPLETE));
  syncPath(folder);
  finishReplacing(folder);
}

function isSame(file: string, other: string): boolean {
  if (path.basename(file) === WEIGHTS || !fs.existsSync(other)) return false;
  return fs.readFileSync(file).equals(fs.readFileSync(other));
}

/** Another process may be ending the same replacement. */
function moveIfThere(from: string, to: string): void {
  try {
    fs.renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function removeIfEmpty(folder: string): void {
  try {
    fs.rmdirSync(folder);
  } catch {
    // it has something in it by now
  }
}

/** Stages of processes that were killed. */
function removeAbandoned(folder: string): void {
  for (const name of fs.readdirSync(folder)) {
    const owner = STAGED.exec(name)?.[1];
    if (owner && !isAlive(Number(owner))) fs.rmSync(path.join(folder, name), { recursive: true, force: true });
  }
}

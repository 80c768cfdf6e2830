// A folder that one process at a time may write into. The lock is a file in it that says who holds it; that of a process which was
// killed counts for nothing, and where nobody can tell from here (another machine, another container), that is said.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileError, toFileError } from './errors';
import { printable } from './printable';
import { isAlive, startOf } from './processes';
import { makeFolder } from './make-folder';

const NAME = '.spanlab.lock';
const POLL = 200;
/** A lock without a readable owner was left by a machine that stopped; a younger one may be about to be written (milliseconds). */
const UNREADABLE_FOR = 5_000;

/** Who holds a lock: all that tells a process from any other, as far as the system says. */
interface Owner {
  id: string;
  /** What it does, for people: `training`. */
  what: string;
  since: string;
  host: string;
  pid: number;
  /** When the process started, in ticks since the machine did: numbers of processes come again. */
  started: string;
  machine: string;
  boot: string;
  /** Of process numbers: a container has its own. */
  namespace: string;
  /** The folder's number on its disk: a copy of the folder, lock and all, has another. */
  folder?: string;
}

/** A folder that is ours until `release`. */
export interface FolderLock {
  /** Tells this lock from every other. */
  id: string;
  /** Whether it still is: somebody may have deleted the file. */
  isHeld(): boolean;
  release(): void;
}

/**
 * Takes a folder for this process; makes it where it is not there.
 *
 * @param what What this process does there, as others will read it: `training`.
 * @throws FileError `E_FOLDER_BUSY`, which says who has it and since when; others where the folder cannot be written.
 * @example const lock = lockFolder('runs/one', 'training'); try { … } finally { lock.release(); }
 */
export function lockFolder(folder: string, what: string): FolderLock {
  const file = path.join(folder, NAME);
  try {
    makeFolder(folder);
    const since = new Date().toISOString();
    const own: Owner = { id: randomUUID(), what, since, ...thisProcess(), folder: numberOf(folder) };
    for (let tries = 0; tries < 10; tries++) {
      if (create(file, own))
        return { id: own.id, isHeld: () => readOwner(file)?.id === own.id, release: () => remove(file, own.id) };
      const other = readOwner(file);
      if (other ? !isGone(other) : isYoung(file)) throw busy(folder, file, other);
      remove(file, other?.id);
    }
  } catch (error) {
    throw toFileError(error, folder);
  }
  throw busy(folder, file, readOwner(file));
}

/**
 * Refuses a folder in which another process does `what`. Nothing is taken.
 *
 * @param id Of a lock that is no obstacle, as this process works for who holds it.
 * @throws FileError `E_FOLDER_BUSY`
 * @example refuseHeld('runs/search', 'a sweep', process.env.SPANLAB_SWEEP)
 */
export function refuseHeld(folder: string, what: string, id?: string): void {
  const file = path.join(folder, NAME);
  const owner = readOwner(file);
  if (owner?.what === what && owner.id !== id && !isGone(owner)) throw busy(folder, file, owner);
}

/**
 * Refuses a folder in which another process is at work, whatever it does there, and a checkpoint in such a folder. Nothing is taken,
 * and nothing made: for commands that write at their end, and should not find out only then.
 *
 * @throws FileError `E_FOLDER_BUSY`
 * @example refuseBusy('runs/one')
 */
export function refuseBusy(folder: string): void {
  const place = path.resolve(folder);
  // it knows its bytes, and goes when newer ones are there: the training's own
  const isCheckpoint = /^checkpoint-\d+$/.test(path.basename(place));
  for (const one of [folder, ...(isCheckpoint ? [path.dirname(place)] : [])]) {
    const file = path.join(one, NAME);
    const owner = readOwner(file);
    if (owner ? !isGone(owner) : isYoung(file)) throw busy(one, file, owner);
  }
}

/**
 * Takes a folder for as long as `work` takes.
 *
 * @throws as {@link lockFolder}; what `work` throws
 * @example whileLocked('runs/dev', 'writing an evaluation', () => writeEvaluation('runs/dev', evaluation))
 */
export function whileLocked<T>(folder: string, what: string, work: () => T): T {
  const lock = lockFolder(folder, what);
  try {
    return work();
  } finally {
    lock.release();
  }
}

/**
 * Waits until the folder is free, and takes it.
 *
 * @param onWait Told once, with who has it.
 * @throws FileError; the signal's reason
 */
export async function awaitFolder(
  folder: string,
  what: string,
  { onWait, signal }: { onWait?: (problem: string) => void; signal?: AbortSignal } = {},
): Promise<FolderLock> {
  for (let waits = 0; ; waits++) {
    try {
      return lockFolder(folder, what);
    } catch (error) {
      if (!(error instanceof FileError) || error.code !== 'E_FOLDER_BUSY') throw error;
      if (waits === 0) onWait?.(error.message);
    }
    await sleep(POLL, undefined, { signal });
  }
}

/** The file appears with its content: a link to it where the disk has links. @returns false when there is one already */
function create(file: string, owner: Owner): boolean {
  const text = `${JSON.stringify(owner)}\n`;
  const draft = `${file}.${owner.id}`;
  try {
    fs.writeFileSync(draft, text);
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EACCES'].includes(code)) throw error;
    return createPlainly(file, text);
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

function createPlainly(file: string, text: string): boolean {
  try {
    fs.writeFileSync(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock of the owner `id`, and no other: one that took its place meanwhile is put back. */
function remove(file: string, id: string | undefined): void {
  const aside = `${file}.${randomUUID()}`;
  try {
    fs.renameSync(file, aside);
  } catch {
    return; // another process was faster
  }
  try {
    if (readOwner(aside)?.id !== id) fs.linkSync(aside, file);
  } catch {
    // there is a third one by now
  } finally {
    fs.rmSync(aside, { force: true });
  }
}

function readOwner(file: string): Owner | undefined {
  try {
    const owner = JSON.parse(fs.readFileSync(file, 'utf8')) as Owner;
    return typeof owner.id === 'string' && Number.isInteger(owner.pid) ? owner : undefined;
  } catch {
    return undefined;
  }
}

function isYoung(file: string): boolean {
  try {
    return Math.abs(Date.now() - fs.statSync(file).mtimeMs) < UNREADABLE_FOR;
  } catch {
    return false; // there is none, or nobody may look
  }
}

function busy(folder: string, file: string, owner?: Owner): FileError {
  const { what, pid, host, since } = owner ?? {};
  const holder = owner ? printable(`${what}, process ${pid} on ${host}, since ${since}`) : 'another process';
  return new FileError('E_FOLDER_BUSY', `${folder}: in use (${holder}); ${adviceTo(file, owner)}`);
}

function adviceTo(file: string, owner?: Owner): string {
  if (!owner || !isOfHere(owner))
    return `whether it still runs cannot be seen from here; if it does not, delete ${file}`;
  if (isCopied(owner, file)) return `if the folder is a copy of the one where that works, delete ${file}`;
  if (owner.pid === process.pid) return 'it is this very process: wait, stop it, or restart the kernel';
  return 'choose another folder, or wait until it is done';
}

/** Whether the lock seems to have come here with a copy of its folder; a folder that is mounted twice may seem so, too. */
function isCopied(owner: Owner, file: string): boolean {
  const here = numberOf(path.dirname(file));
  return owner.folder !== undefined && here !== undefined && owner.folder !== here;
}

/** Whether the owner's process could be seen from here. */
function isOfHere({ host, machine, namespace }: Owner): boolean {
  const here = thisProcess();
  return host === here.host && machine === here.machine && namespace === here.namespace;
}

/** Whether the owner's process is certainly no more. */
function isGone(owner: Owner): boolean {
  if (owner.host !== os.hostname() || owner.machine !== thisProcess().machine) return false;
  if (owner.boot !== thisProcess().boot) return owner.machine !== ''; // the machine was started anew
  if (!isOfHere(owner)) return false;
  return !isAlive(owner.pid) || startOf(owner.pid) !== owner.started;
}

function numberOf(folder: string): string | undefined {
  try {
    return String(fs.statSync(folder, { bigint: true }).ino);
  } catch {
    return undefined; // it went away, or nobody may look
  }
}

function thisProcess() {
  return {
    host: os.hostname(),
    pid: process.pid,
    started: startOf(process.pid),
    machine: readIfThere('/etc/machine-id').trim(),
    boot: readIfThere('/proc/sys/kernel/random/boot_id').trim(),
    namespace: linkIfThere('/proc/self/ns/pid'),
  };
}

function readIfThere(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function linkIfThere(file: string): string {
  try {
    return fs.readlinkSync(file);
  } catch {
    return '';
  }
}

// Processes and their children, which a stop has to reach, too.
import { setTimeout } from 'node:timers';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';

/** How long a process is given to end by itself. */
const GRACE_MS = 1000;

/** Asks a process and all below it to end, as Ctrl-C in a terminal does; by force when they do not. What a shell has started in the
 * background does not hear of Ctrl-C, and is asked by the signal that it hears. */
export function endTree(pid: number): void {
  const pids = [...descendants(pid), pid];
  for (const one of pids) signal(one, ignoresInterrupt(one) ? 'SIGTERM' : 'SIGINT');
  setTimeout(() => {
    for (const one of pids) signal(one, 'SIGKILL');
  }, GRACE_MS).unref();
}

/** The process that this one started last. */
export function youngestChild(): number | undefined {
  const own = processes().filter(({ parent }) => parent === process.pid);
  return own.length > 0 ? Math.max(...own.map(({ pid }) => pid)) : undefined;
}

function descendants(pid: number): number[] {
  const all = processes();
  const below = (parent: number): number[] =>
    all.filter((other) => other.parent === parent).flatMap((child) => [...below(child.pid), child.pid]);
  return below(pid);
}

interface Process {
  pid: number;
  parent: number;
}

/** All processes: as Linux lists them, else by `ps`, which slim containers do not have. */
function processes(): Process[] {
  try {
    return fs.readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? readProcess(+name) : []));
  } catch {
    const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
    return table.split('\n').flatMap((line) => {
      const [pid, parent] = line.trim().split(/\s+/).map(Number);
      return pid > 0 ? [{ pid, parent }] : [];
    });
  }
}

/** Behind the name, in brackets that it may hold itself, stand the state and the parent. */
function readProcess(pid: number): Process[] {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const parent = Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
    return [{ pid, parent }];
  } catch {
    // it has ended
    return [];
  }
}

/** As Linux tells it: a bit for each signal, SIGINT is the second. */
function ignoresInterrupt(pid: number): boolean {
  try {
    const [, ignored] = /^SigIgn:\s*[0-9a-f]*([0-9a-f])$/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))!;
    return (parseInt(ignored, 16) & 2) !== 0;
  } catch {
    return false;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended
  }
}

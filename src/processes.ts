// Other processes of this machine: whether one is alive, and whether it is still the same.
import fs from 'node:fs';

/** Whether a process with this number is at work; one that was killed and that nobody has asked about is not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !/^[ZX]/.test(fields(pid)[0] ?? '');
}

/** When a process started, where the system tells (field 22 of proc(5)), else nothing: numbers of processes come again. */
export function startOf(pid: number): string {
  return fields(pid)[19] ?? '';
}

/** What the system says of a process after its name, from field 3 on. */
function fields(pid: number): string[] {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

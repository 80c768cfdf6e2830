// A stop, from the thread that hears it to the kernel that may be too busy to listen.
import { Session } from 'node:inspector';

/** Places in the shared flags: stops asked for, and stops that the kernel has taken note of. */
const ASKED = 0;
const NOTED = 1;

/** How long code that never lets the event loop run is left to end by itself, looking at `interrupted()`. */
const PATIENCE_MS = 3000;

export function createStopFlags(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(8));
}

/** Whether a stop was asked for that the kernel has not noted yet. */
export function isStopPending(flags: Int32Array): boolean {
  return Atomics.load(flags, ASKED) !== Atomics.load(flags, NOTED);
}

/** The kernel has heard the stops so far. */
export function noteStop(flags: Int32Array): void {
  Atomics.store(flags, NOTED, Atomics.load(flags, ASKED));
}

/**
 * Asks the kernel to stop its cell: the flag is seen by `interrupted()` at once, the signal ends the synchronous part of a
 * cell (Node watches for it there) and reaches our listener elsewhere. Code in a loop after an `await` hears neither; V8 ends
 * it from outside.
 */
export function requestStop(flags: Int32Array): void {
  const asked = Atomics.add(flags, ASKED, 1) + 1;
  process.kill(process.pid, 'SIGINT');
  setTimeout(() => {
    if (Atomics.load(flags, NOTED) < asked) terminateRunningCode();
  }, PATIENCE_MS);
}

function terminateRunningCode(): void {
  const session = new Session();
  session.connectToMainThread();
  session.post('Runtime.terminateExecution', () => session.disconnect());
}

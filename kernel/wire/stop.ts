// A stop, from the thread that hears it to the kernel that may be too busy to listen.

/** Places in the shared flags: stops asked for; stops noted by the kernel; whether the cell looks at `interrupted()`; signals sent. */
const ASKED = 0;
const NOTED = 1;
const COOPERATIVE = 2;
const SIGNALS = 3;
/** Grows when something comes that a kernel may be waiting for that asks the person: an answer, or a stop. */
const NEWS = 4;
/** Whether the kernel waits for a child process, and does nothing else. */
const CHILD = 5;

export function createStopFlags(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(24));
}

/** How many stops were asked for that the kernel has not noted yet. */
export function pendingStops(flags: Int32Array): number {
  return Atomics.load(flags, ASKED) - Atomics.load(flags, NOTED);
}

/** The kernel has heard the stops so far. */
export function noteStop(flags: Int32Array): void {
  Atomics.store(flags, NOTED, Atomics.load(flags, ASKED));
}

/** Whether the running cell looks at the stop by itself. */
export function setCooperative(flags: Int32Array, isCooperative: boolean): void {
  Atomics.store(flags, COOPERATIVE, isCooperative ? 1 : 0);
}

/**
 * Asks the kernel to stop its cell. The flag is seen at once, by `interrupted()` and by the loops of the cell. The signal ends
 * the synchronous part of a cell, where Node watches for it, and is left out for a cell that will look at the flag.
 *
 * @returns what was asked, for {@link isHeard}
 */
export function requestStop(flags: Int32Array): number {
  const asked = Atomics.add(flags, ASKED, 1) + 1;
  tellNews(flags);
  const isPolite = Atomics.load(flags, COOPERATIVE) === 1 && pendingStops(flags) === 1;
  if (isPolite) return asked;
  Atomics.add(flags, SIGNALS, 1);
  process.kill(process.pid, 'SIGINT');
  return asked;
}

/** Whether a signal is one of {@link requestStop}, which is heard of in another way, too. */
export function isOwnSignal(flags: Int32Array): boolean {
  return Atomics.exchange(flags, SIGNALS, 0) > 0;
}

/** Whether the kernel has noted a stop. */
export function isHeard(flags: Int32Array, asked: number): boolean {
  return Atomics.load(flags, NOTED) >= asked;
}

/** Wakes a kernel that waits in {@link waitForNews}. */
export function tellNews(flags: Int32Array): void {
  Atomics.add(flags, NEWS, 1);
  Atomics.notify(flags, NEWS);
}

/** How much news there was so far, for {@link waitForNews}. */
export function countNews(flags: Int32Array): number {
  return Atomics.load(flags, NEWS);
}

/** Holds this thread up until there is more news than `seen`, or for some milliseconds. */
export function waitForNews(flags: Int32Array, seen: number, milliseconds = Infinity): void {
  Atomics.wait(flags, NEWS, seen, milliseconds);
}

export function setWaitsForChild(flags: Int32Array, waits: boolean): void {
  Atomics.store(flags, CHILD, waits ? 1 : 0);
}

export function waitsForChild(flags: Int32Array): boolean {
  return Atomics.load(flags, CHILD) === 1;
}

// A stop, from the thread that hears it to the kernel that may be too busy to listen.

/** Places in the shared flags: stops asked for; stops noted by the kernel; whether the cell looks at `interrupted()`. */
const ASKED = 0;
const NOTED = 1;
const COOPERATIVE = 2;
/** Grows when something comes that a kernel may be waiting for that asks the person: an answer, or a stop. */
const NEWS = 3;
/** Whether the kernel waits for a child process, and does nothing else. */
const CHILD = 4;
/** Whether a debugger wants to see every cell before it runs. */
const DEBUGGED = 5;

/** Grows when the debugger has seen a file that is about to run. */
const FILES_SEEN = 7;

/** Whether what runs may be ended by force: a cell's code, and nothing of the kernel, which would never go on. */
const CODE = 6;
const NO_CODE = 0;
const RUNS = 1;
const IS_BEING_ENDED = 2;

export function createStopFlags(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(32));
}

/** The code of a cell begins to run. */
export function enterCode(flags: Int32Array): void {
  Atomics.store(flags, CODE, RUNS);
}

/** The code has ended by itself; false where its end by force is on its way: it must not meet what runs next. */
export function leaveCode(flags: Int32Array): boolean {
  return Atomics.compareExchange(flags, CODE, RUNS, NO_CODE) !== IS_BEING_ENDED;
}

/** Whether an end by force is on its way. */
export function isBeingEnded(flags: Int32Array): boolean {
  return Atomics.load(flags, CODE) === IS_BEING_ENDED;
}

/** Whether code runs that may be ended by force; if so, until {@link noteEnded} it is being ended. */
export function beginToEnd(flags: Int32Array): boolean {
  return Atomics.compareExchange(flags, CODE, RUNS, IS_BEING_ENDED) === RUNS;
}

export function noteEnded(flags: Int32Array): void {
  Atomics.compareExchange(flags, CODE, IS_BEING_ENDED, RUNS);
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

/** Asks the kernel to stop its cell: the flag is seen at once by `interrupted()`, and by the kernel when it is not busy. */
export function askToStop(flags: Int32Array): number {
  const asked = Atomics.add(flags, ASKED, 1) + 1;
  tellNews(flags);
  return asked;
}

/** Whether a cell that has not heard of its first stop will look at it by itself. */
export function isPolite(flags: Int32Array): boolean {
  return Atomics.load(flags, COOPERATIVE) === 1 && pendingStops(flags) === 1;
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

/** Holds this thread up until there is more news than `seen`. */
export function waitForNews(flags: Int32Array, seen: number): void {
  Atomics.wait(flags, NEWS, seen);
}

export function setWaitsForChild(flags: Int32Array, waits: boolean): void {
  Atomics.store(flags, CHILD, waits ? 1 : 0);
}

export function waitsForChild(flags: Int32Array): boolean {
  return Atomics.load(flags, CHILD) === 1;
}

/** How many files the debugger has seen. */
export function countFilesSeen(flags: Int32Array): number {
  return Atomics.load(flags, FILES_SEEN);
}

export function noteFileSeen(flags: Int32Array): void {
  Atomics.add(flags, FILES_SEEN, 1);
}

export function setDebugged(flags: Int32Array, isDebugged: boolean): void {
  Atomics.store(flags, DEBUGGED, isDebugged ? 1 : 0);
}

export function isDebugged(flags: Int32Array): boolean {
  return Atomics.load(flags, DEBUGGED) === 1;
}

// Mend: Node takes all listeners of SIGINT away while a cell's synchronous part runs, to end it on a stop. A listener that
// the cell puts up meanwhile leaves the signal with its deadly default, and the next stop costs the kernel.

/** Puts all listeners up anew, which makes Node catch the signal again. */
export function renewStopListeners(): void {
  const listeners = process.rawListeners('SIGINT') as NodeJS.SignalsListener[];
  process.removeAllListeners('SIGINT');
  for (const listener of listeners) process.on('SIGINT', listener);
}

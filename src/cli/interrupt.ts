// Ctrl-C: once asks the work to stop in good order, twice stops at once.
import { say } from '../terminal';

/** What asks a program to end: Ctrl-C, `kill` or the system, a terminal that is closed. */
const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls `stop` at the first signal that asks for the end; the second one of a person ends the process at once. A terminal that closes
 * may say so more than once, and the system after `SIGTERM`: that hurries nobody.
 *
 * @param words What is said then.
 * @example onStop('stopping after this step', () => controller.abort())
 */
export function onStop(words: string, stop: () => void): void {
  let isAsked = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (isAsked && signal !== 'SIGHUP') process.exit(130);
    if (isAsked) return;
    isAsked = true;
    say(`\n${words} (press again to stop at once)`);
    stop();
  };
  for (const signal of STOPPING) process.on(signal, onSignal);
}

/** A signal of ours that the first SIGINT, SIGTERM or SIGHUP sets. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  onStop('stopping after this step', () => controller.abort());
  return controller.signal;
}

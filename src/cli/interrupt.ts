// Ctrl-C: once asks the work to stop in good order, twice stops at once.
import { say } from '../terminal';

/** A signal that the first SIGINT or SIGTERM sets; the second ends the process. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(130);
    say('\nstopping after this step (press again to stop at once)');
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}

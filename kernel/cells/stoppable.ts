// Code of a person that runs, or shows a value, and may be ended by force. The end comes from another thread at any moment, and
// whatever runs then is lost with all that waits for it: it must not meet the kernel itself.
import { startImmediate } from './immediates';
import { enterCode, isBeingEnded, isCode, leaveCode } from '../wire/stop';
import type { Executor } from './executor';

/** The longest that the end of code by force is on its way. */
const FORCE_MS = 1000;

export class Stoppable {
  /** Ends the wait for code that does not come to its end, or whose end was lost. */
  abandon: () => void = () => undefined;

  constructor(
    private readonly executor: Executor,
    private readonly stopFlags: Int32Array,
  ) {}

  /** Waits until `begin` says how it ended; `stopped` where it is ended by force. */
  run<T>(begin: (end: (value: T) => void) => void, stopped: T): Promise<T> {
    enterCode(this.stopFlags);
    return new Promise((resolve) => {
      let isOver = false;
      const end = (value: T) => {
        // code that was abandoned may still come to its end, when other code runs
        if (isOver) return;
        isOver = true;
        // only when nothing can be lost any more does anything wait for it
        resolve(this.leave() ? value : stopped);
      };
      this.abandon = () => end(stopped);
      // an end by force may take along all that has called: nothing that anybody waits for may be among it
      startImmediate(() => begin(end));
    });
  }

  /** The kernel waits, and only what cells have left may run: until {@link suspend} it may be ended by force. */
  rest(): void {
    enterCode(this.stopFlags);
  }

  /** Keeps the kernel's own work from an end by force, until what it gives is called. */
  suspend(): () => void {
    if (!isCode(this.stopFlags)) return () => undefined;
    this.leave();
    return () => this.rest();
  }

  /** False where an end is on its way, which meets nothing but this: the code may have gone on behind a child that was ended. */
  private leave(): boolean {
    if (leaveCode(this.stopFlags)) return true;
    const end = Date.now() + FORCE_MS;
    this.executor.call(() => {
      while (isBeingEnded(this.stopFlags) && Date.now() < end);
    });
    leaveCode(this.stopFlags);
    return false;
  }
}

// Code of a person that runs, or shows a value, and may be ended by force: `wire/force` does so. The end meets no code but a
// person's, and yet takes along what has called it, and all that waits for its turn.
import { setImmediate } from 'node:timers';
import { setRunsCode } from '../wire/stop';

export class Stoppable {
  /** Ends the wait for code that does not come to its end, or whose end was lost. */
  abandon: () => void = () => undefined;

  constructor(private readonly stopFlags: Int32Array) {}

  /** Waits until `begin` says how it ended; `stopped` where its end was lost. */
  run<T>(begin: (end: (value: T) => void) => void, stopped: T): Promise<T> {
    return new Promise((resolve) => {
      const end = (value: T) => {
        setRunsCode(this.stopFlags, false);
        resolve(value);
      };
      this.abandon = () => end(stopped);
      // nothing that anybody waits for may be among what has called
      setImmediate(() => {
        setRunsCode(this.stopFlags, true);
        begin(end);
      });
    });
  }
}

// The end by force of the code that the kernel's thread runs, from the thread that holds the sockets.
import type inspector from 'node:inspector';
import { KERNEL_NAME } from '../typescript/names';
import { noteEnded } from './stop';

/** How often, and after which pauses, a moment is looked for at which code can be ended. */
const TERMINATION_ATTEMPTS = 200;
const TERMINATION_PAUSE_MS = 2;

/** How often, and after which pauses, it is asked whether code has come to where it is held for its end: each time it has run. */
const HELD_LOOKS = 10;
const HELD_PAUSE_MS = 4;

/** What the kernel's thread does before code is ended by force. */
const PREPARE_END = `${KERNEL_NAME}.prepareEnd()`;
const IS_HELD = `${KERNEL_NAME}.isHeld()`;

export class Force {
  /** @param inspector Reaches the kernel's thread while it is busy. */
  constructor(
    private readonly inspector: inspector.Session,
    private readonly stopFlags: Int32Array,
  ) {}

  /** Ends what the kernel's thread does, at a moment when Node itself bears it. */
  terminate(attempt = 1): void {
    this.askKernel(PREPARE_END, (isNow) => {
      if (isNow !== false || attempt === TERMINATION_ATTEMPTS) return this.terminateHeld();
      setTimeout(() => this.terminate(attempt + 1), TERMINATION_PAUSE_MS);
    });
  }

  /** Code that makes no promises is not held, and may be ended anywhere. */
  private terminateHeld(look = 1): void {
    this.askKernel(IS_HELD, (isHeld) => {
      if (isHeld !== false || look === HELD_LOOKS) {
        return this.inspector.post('Runtime.terminateExecution', () => noteEnded(this.stopFlags));
      }
      setTimeout(() => this.terminateHeld(look + 1), HELD_PAUSE_MS);
    });
  }

  /** Asks the kernel's thread in the midst of what it does. */
  private askKernel(expression: string, use: (value: unknown) => void): void {
    this.inspector.post('Runtime.evaluate', { expression, silent: true, returnByValue: true }, (_error, answered) =>
      use((answered as inspector.Runtime.EvaluateReturnType | undefined)?.result.value),
    );
  }
}

// A socket at the port that Jupyter has chosen.
import { setTimeout as pause } from 'node:timers/promises';
import type { Publisher, Reply, Router } from 'zeromq';

/** How often, and after which pauses, a port that another program uses for a moment is asked for. */
const BIND_ATTEMPTS = 20;
const BIND_PAUSE_MS = 100;

/** Jupyter looks for free ports and lets go of them before it starts the kernel: until then another program may take one.
 * Who still holds it after two seconds keeps it; the kernel then ends, and Jupyter starts one with other ports. */
export async function bind(socket: Router | Publisher | Reply, address: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await socket.bind(address);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || attempt === BIND_ATTEMPTS) {
        throw new Error(`${address}: ${(error as Error).message}`);
      }
      await pause(BIND_PAUSE_MS);
    }
  }
}

// The person at the page, as cells ask: `prompt()` holds the worker up until the answer is in the memory that it shares with the
// page; where nothing may be shared, nobody can be asked so.
import { Interrupted } from '../../kernel/cells/cell';
import type { Message } from '../../kernel/wire/message';
import { countNews, pendingStops, waitForNews } from '../../kernel/wire/stop';
import { BrowserError } from '../node/absent';
import type { Connection } from './connection';

/** How the page hands an answer over: its length in bytes, or −1 while there is none; then the bytes. */
export class Person {
  constructor(
    private readonly connection: Connection,
    private readonly answers: Int32Array | undefined,
    private readonly running: () => Message | undefined,
  ) {}

  /**
   * Asks, and holds this thread up until the answer is there.
   *
   * @throws Interrupted when the stop button is pressed meanwhile; BrowserError `E_BROWSER` where a worker cannot wait.
   */
  askNow(prompt: string): string {
    const { answers, connection } = this;
    const request = this.running();
    if (!request || !answers) {
      const why = answers ? 'only a cell that runs can ask' : 'this site was opened without cross-origin isolation';
      throw new BrowserError('E_BROWSER', `nobody can be asked: ${why}; give the value in the cell`);
    }
    Atomics.store(answers, 0, -1);
    connection.ask(request, prompt, false);
    for (;;) {
      const seen = countNews(connection.stopFlags);
      const length = Atomics.load(answers, 0);
      if (length >= 0) return new TextDecoder().decode(new Uint8Array(answers.buffer, 4, length).slice());
      if (pendingStops(connection.stopFlags) > 0) throw new Interrupted('the cell was stopped');
      waitForNews(connection.stopFlags, seen);
    }
  }
}

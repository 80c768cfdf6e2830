// Runs scripts in a worker of a browser: what a script declares at its top is a property of the global object, which stays for
// all that follow and may be declared anew. In Node V8's REPL mode does that.
import type { End, Executor as NodeExecutor, Handle } from '../../kernel/cells/executor';

interface BrowserHandle extends Handle {
  run?: (script: () => Promise<void>) => void;
}

export class Executor implements Pick<NodeExecutor, keyof NodeExecutor> {
  /** @param name The global by which scripts find `handle`. */
  constructor(
    private readonly handle: BrowserHandle,
    name: string,
  ) {
    Object.defineProperty(globalThis, name, { value: handle, configurable: true });
  }

  /** Runs a script to its end, its awaits included. Its part before the first await has run when this returns. */
  async run(script: string): Promise<End> {
    let running: Promise<void> | undefined;
    this.handle.run = (cell) => (running = cell());
    try {
      (0, eval)(script);
      await running;
      return { ended: 'well' };
    } catch (thrown) {
      return { ended: 'thrown', thrown };
    }
  }

  /** Calls something; nothing can end it by force here. */
  call(something: () => void): boolean {
    something();
    return true;
  }

  /** Nothing asks for them: nothing can end what runs here. */
  frames(): string[] {
    return [];
  }

  /** The values of variables, by name; without those that have none yet. */
  values(variables: string[]): Map<string, unknown> {
    const scope = globalThis as Record<string, unknown>;
    return new Map(variables.filter((name) => name in scope).map((name) => [name, scope[name]]));
  }
}

// Runs scripts in V8's REPL mode: what a script declares at its top stays for all that follow, may be declared anew, and is
// as fast as any variable. A script may await at its top.
import inspector from 'node:inspector';
import { promiseHooks } from 'node:v8';
import vm from 'node:vm';

/** How a script ended. */
export type End = { ended: 'well' } | { ended: 'thrown'; thrown: unknown; place?: Place } | { ended: 'terminated' };

/** Where V8 says that a script is wrong, for errors without a stack; from zero. */
export interface Place {
  line: number;
  column: number;
}

const GROUP = 'cells';

/** Says by what this code was called. Its `Error` is one of its own: whatever stands in `Error` of cells, and whoever prepares their
 * stacks, these are V8's own words, also where V8 writes them down itself, in the middle of a preparation. */
const FRAMES = `Error.stackTraceLimit = 12;
Error.prepareStackTrace = (_, sites) => sites.join('\\n');
() => new Error().stack.split('\\n')`;

/** What scripts find the kernel by, as far as it concerns their running. */
export interface Handle {
  /** A value on its way from V8's inspector, which only describes it, to us. */
  taken?: unknown;
  begin?: () => void;
}

export class Executor {
  private readonly session = new inspector.Session();
  private readonly handleId: string;
  /** What runs at the moment, the innermost first, each as V8 has it: `promiseInitHook (node:internal/async_hooks:324:3)`. */
  readonly frames = vm.runInNewContext(FRAMES) as () => string[];
  /** The promises of scripts that have not come to their end, and, ended by force behind an await, never will: Node 22 ends the
   * process when it collects a promise that V8's inspector waits for. */
  private readonly unended = new Set<unknown>();

  /** @param name The global by which scripts, and this, find `handle`. */
  constructor(
    private readonly handle: Handle,
    private readonly name: string,
  ) {
    Object.defineProperty(globalThis, name, { value: handle, configurable: true });
    this.session.connect();
    process.once('exit', () => this.session.disconnect());
    let id: string | undefined;
    this.session.post('Runtime.evaluate', { expression: name }, (_error, { result }) => (id = result.objectId));
    this.handleId = id!;
  }

  /** Runs a script to its end, its awaits included. Its part before the first await has run when this returns. */
  run(script: string): Promise<End> {
    return new Promise((resolve) => {
      this.handle.begin = () => this.evaluate(script, resolve);
      const listeners = process.rawListeners('SIGINT');
      try {
        // Node's way of ending what keeps it busy by a signal
        vm.runInThisContext(`${this.name}.begin()`, { breakOnSigint: true, filename: __filename });
      } catch {
        resolve({ ended: 'terminated' });
      }
      renewStopListeners(listeners);
    });
  }

  /** Calls something that may be ended by force, as a script may; whether it came to its end. */
  call(something: () => void): boolean {
    this.handle.begin = something;
    let ended = true;
    const expression = `${this.name}.begin()\n//# sourceURL=node:kernel`;
    this.session.post('Runtime.evaluate', { expression, silent: true }, (error) => {
      ended = error === null;
    });
    return ended;
  }

  /** The values of variables, by name; without those that have none yet. */
  values(variables: string[]): Map<string, unknown> {
    const found = new Map<string, unknown>();
    if (variables.length === 0) return found;
    const reads = variables.map((name) => `() => ${name}`).join(', ');
    this.session.post('Runtime.evaluate', { expression: `${this.name}.taken = [${reads}]; 0` });
    (this.take() as (() => unknown)[]).forEach((read, i) => {
      try {
        found.set(variables[i], read());
      } catch {
        // not declared, or by a cell that failed before it got there
      }
    });
    return found;
  }

  private evaluate(script: string, resolve: (end: End) => void): void {
    const held: { promise?: Promise<unknown> } = {};
    // the first promise that is made is that of the script
    const unhook = promiseHooks.onInit((promise: Promise<unknown>) => {
      unhook();
      this.unended.add((held.promise = promise));
    }) as () => void;
    const options = { expression: script, replMode: true, awaitPromise: true, objectGroup: GROUP };
    // the types of Node do not know of replMode
    this.session.post('Runtime.evaluate', options as inspector.Runtime.EvaluateParameterType, (error, result) => {
      // V8 has no other word for a script that it was told to end
      if (error) resolve({ ended: 'terminated' });
      else if (result.exceptionDetails) resolve(this.toEnd(result.exceptionDetails));
      else resolve({ ended: 'well' });
      this.unended.delete(held.promise);
      this.session.post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
    });
    unhook();
  }

  private toEnd({ exception, lineNumber, columnNumber }: inspector.Runtime.ExceptionDetails): End {
    const thrown = exception && this.valueOf(exception);
    return { ended: 'thrown', thrown, place: { line: lineNumber, column: columnNumber } };
  }

  private valueOf({ type, objectId, value, unserializableValue }: inspector.Runtime.RemoteObject): unknown {
    // what V8 has written out is here already: a long text would take as long again to be handed back
    if (type === 'undefined' || (!objectId && !unserializableValue)) return value;
    const given = objectId ? { objectId } : { unserializableValue };
    const functionDeclaration = 'function (value) { this.taken = value }';
    const call = { objectId: this.handleId, functionDeclaration, arguments: [given], silent: true };
    this.session.post('Runtime.callFunctionOn', call);
    return this.take();
  }

  private take(): unknown {
    const { taken } = this.handle;
    this.handle.taken = undefined;
    return taken;
  }
}

/**
 * Node takes all listeners of SIGINT away while it watches for the signal itself. A listener that the cell puts up meanwhile
 * leaves the signal with its deadly default; put up anew, all are heard. Not without need: what has come and is not yet heard
 * would be forgotten.
 */
function renewStopListeners(before: unknown[]): void {
  const listeners = process.rawListeners('SIGINT') as NodeJS.SignalsListener[];
  if (listeners.length === before.length && listeners.every((listener, i) => listener === before[i])) return;
  process.removeAllListeners('SIGINT');
  for (const listener of listeners) process.on('SIGINT', listener);
}

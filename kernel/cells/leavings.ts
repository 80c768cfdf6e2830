// What a cell has started and would go on for ever when the cell is stopped: intervals, servers and threads end with it. A timer
// that runs once may be what tidies up, and is left; but a stopped cell that has ended starts no other, from whatever calls it.
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import timers from 'node:timers';
import promised from 'node:timers/promises';
import { promisify } from 'node:util';
import workers from 'node:worker_threads';
import type { Cell } from './cell';
import { dropImmediate, startImmediate } from './immediates';

type Callback = (this: unknown, ...values: unknown[]) => void;
type Starter = (callback: Callback, ...rest: unknown[]) => object;

/** Something that a cell has started. */
interface Leaving {
  what: string;
  end: () => void;
}

/** Node's own. */
const { setTimeout: startOnce, clearInterval: clear } = timers;

const TIMERS = ['setTimeout', 'setInterval', 'setImmediate'] as const;

export class Leavings {
  private readonly ofCell = new WeakMap<Cell, Map<object, Leaving>>();
  /** Of each thing, the list that it is in. */
  private readonly holders = new WeakMap<object, Map<object, Leaving>>();
  private readonly stopped = new WeakSet<Cell>();
  /** The cell whose timer is calling. */
  private calling?: Cell;

  /** @param sure The cell that what runs belongs to, where that is sure. */
  constructor(
    private readonly current: () => Cell | undefined,
    private readonly sure: () => Cell | undefined = current,
  ) {}

  /** Takes the place of Node's functions, where a person finds them: Node's own timers are none of a cell's. */
  install(): void {
    this.watchPromised();
    for (const name of TIMERS) this.watchTimer(name);
    this.watchCleared();
    this.watchServers();
    this.watchThreads();
    syncBuiltinESMExports();
  }

  /** Ends what a stopped cell has left, and says so. */
  end(cell: Cell): void {
    this.stopped.add(cell);
    // an end by force skips what follows a call
    this.calling = undefined;
    const left = [...(this.ofCell.get(cell)?.values() ?? [])];
    this.ofCell.delete(cell);
    for (const { end } of left) end();
    const names = left.map(({ what }) => what);
    const counted = [...new Set(names)].map((name) => `${name} (${names.filter((other) => other === name).length})`);
    if (counted.length > 0) cell.print('stderr', `ended with the cell: ${counted.join(', ')}\n`);
  }

  private note(thing: object, what: string, end: () => void): void {
    const cell = this.current();
    if (!cell) return;
    const things = this.ofCell.get(cell) ?? new Map<object, Leaving>();
    this.ofCell.set(cell, things.set(thing, { what, end }));
    this.holders.set(thing, things);
  }

  /** It has ended by itself. */
  private forget(thing: object): void {
    this.holders.get(thing)?.delete(thing);
  }

  private watchTimer(name: (typeof TIMERS)[number]): void {
    const start = (name === 'setImmediate' ? immediateOf : globalThis[name]) as unknown as Starter;
    const watched: Starter = (callback, ...rest) => {
      if (this.isOfStopped()) return startOnce(() => undefined, 0);
      const cell = this.current();
      if (!cell || typeof callback !== 'function') return start(callback, ...rest);
      const timer = start(this.calledBy(cell, callback), ...rest);
      if (name === 'setInterval') this.note(timer, 'intervals', () => clear(timer as NodeJS.Timeout));
      return timer;
    };
    // `await promisify(setTimeout)(5)`
    if (name !== 'setInterval') Object.defineProperty(watched, promisify.custom, { get: () => promised[name] });
    Object.defineProperty(watched, 'name', { value: name });
    Object.assign(globalThis, { [name]: watched });
  }

  /** `await setTimeout(5)` of node:timers/promises. */
  private watchPromised(): void {
    for (const name of ['setTimeout', 'setImmediate'] as const) {
      const start = promised[name] as (...args: unknown[]) => Promise<unknown>;
      const watched = (...args: unknown[]) => (this.isOfStopped() ? new Promise(() => undefined) : start(...args));
      Object.defineProperty(watched, 'name', { value: name });
      Object.assign(promised, { [name]: watched });
    }
  }

  /** Whether what runs is of a cell that was stopped and has ended. */
  private isOfStopped(): boolean {
    const cell = this.calling ?? this.sure();
    return cell !== undefined && this.stopped.has(cell);
  }

  private calledBy(cell: Cell, callback: Callback): Callback {
    const call = (owner: unknown, values: unknown[]) => {
      const before = this.calling;
      this.calling = cell;
      try {
        callback.apply(owner, values);
      } finally {
        this.calling = before;
      }
    };
    return function (this: unknown, ...values) {
      call(this, values);
    };
  }

  private watchCleared(): void {
    const watched = (timer?: NodeJS.Timeout) => {
      if (typeof timer === 'object') this.forget(timer);
      clear(timer);
    };
    globalThis.clearInterval = watched as typeof clear;
    globalThis.clearImmediate = dropImmediate;
  }

  private watchServers(): void {
    const prototype = net.Server.prototype as unknown as { listen(...args: unknown[]): unknown };
    const { listen } = prototype;
    const note = (server: net.Server) => {
      this.note(server, 'servers', () => {
        server.close();
        // of HTTP: connections that are kept open would keep it open, too
        (server as { closeAllConnections?: () => void }).closeAllConnections?.();
      });
      server.once('close', () => this.forget(server));
    };
    prototype.listen = function (this: net.Server, ...args) {
      note(this);
      return listen.apply(this, args);
    };
  }

  private watchThreads(): void {
    const note = (worker: workers.Worker) => {
      this.note(worker, 'threads', () => void worker.terminate());
      worker.once('exit', () => this.forget(worker));
    };
    workers.Worker = class Worker extends workers.Worker {
      constructor(...args: ConstructorParameters<typeof workers.Worker>) {
        super(...args);
        if (!isOfKernel(args[0])) note(this);
      }
    };
  }
}

function immediateOf(callback: Callback, ...values: unknown[]): NodeJS.Immediate {
  // what is no function is refused in Node's own words
  return typeof callback === 'function' ? startImmediate(() => callback(...values)) : timers.setImmediate(callback);
}

/** The thread by which the kernel compiles imported files; it begins with the first of them, in a cell. */
function isOfKernel(file: string | URL): boolean {
  return /[\\/]node_modules[\\/](esbuild|tsx)[\\/]/.test(String(file));
}

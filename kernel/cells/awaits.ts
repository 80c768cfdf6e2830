// The awaits of cells: each can be ended when its cell is stopped, and leaves its line in the traceback of an error.
import { Aftermath } from './aftermath';
import { startImmediate } from './immediates';
import { type Cell, Interrupted } from './cell';
import { type Failure, toFailure } from '../failure/failure';
import { noteAwait } from '../failure/trail';

/** An await of a cell that waits for a promise. */
interface Pending {
  place: string;
  reject: (reason: unknown) => void;
  isOver: boolean;
}

const DONE: IteratorResult<unknown> = { done: true, value: undefined };

/** From this many awaits in one turn of the event loop on, a cell is ended between two awaits, not within one. */
const HOT = 200;

/** What a cell is about to await. */
declare let __kernel_awaited: unknown;

export class Awaits {
  /** The awaits of each running cell. */
  private readonly pending = new WeakMap<Cell, Set<Pending>>();
  private readonly aftermaths = new WeakMap<Cell, Aftermath>();
  private hasEnded = false;
  /** How many things a stopped cell waited for that have not come to their end. */
  private readonly left = new WeakMap<Cell, number>();

  /** What cells have awaited and was rejected. */
  private readonly rejected = new WeakSet<object>();
  /** How many awaits there were since the event loop last turned. */
  private recent = 0;

  constructor(private readonly currentCell: () => Cell | undefined) {}

  /** `await` in a cell, of what its script has left in {@link __kernel_awaited}. */
  readonly wait = (place: string): unknown => {
    const value = __kernel_awaited;
    __kernel_awaited = undefined;
    try {
      // by far the most: in a loop of awaits nothing may stand between it and V8
      return this.isHurried ? value : this.waitFor(value, place);
    } catch {
      // the end of the stack: V8 itself needs none of it to await
      return value;
    }
  };

  /** To be called before a cell runs: V8 forgets code that is not used, and could not compile it at the end of the stack. */
  prepare(): void {
    const { recent, hasEnded } = this;
    this.recent = Infinity;
    this.hasEnded = false;
    this.wait('');
    this.recent = recent;
    this.hasEnded = hasEnded;
  }

  private waitFor(value: unknown, place: string): unknown {
    if (this.isHurried) return value;
    const cell = this.currentCell();
    const aftermath = cell && this.aftermaths.get(cell);
    if (aftermath && (aftermath.isOwed || !aftermath.admits(place))) return refuse(aftermath, value, place);
    if (!cell || !isThenable(value)) return value;
    return this.isHot() ? value : this.promise(cell, value, place);
  }

  /** `for await (… of items)` in a cell. */
  readonly each = (items: AsyncIterable<unknown> | Iterable<unknown>, place: string): AsyncIterable<unknown> => ({
    [Symbol.asyncIterator]: () => {
      const isAsync = (items as Partial<AsyncIterable<unknown>> | undefined)?.[Symbol.asyncIterator] !== undefined;
      return isAsync
        ? this.stepsOf((items as AsyncIterable<unknown>)[Symbol.asyncIterator](), place)
        : this.valuesOf((items as Iterable<unknown>)[Symbol.iterator](), place);
    },
  });

  /** Whether a cell has heard of a rejection of which Node says that nobody has: at the end of the stack Node is not told. */
  hasHeardOf(promise: object): boolean {
    return this.rejected.has(promise);
  }

  /** Ends every await of a cell; those that tidy up afterwards go on, until this is called again. */
  end(cell: Cell): void {
    this.hasEnded = true;
    this.recent = 0;
    const aftermath = this.aftermaths.get(cell) ?? new Aftermath();
    if (this.aftermaths.has(cell)) aftermath.close();
    this.aftermaths.set(cell, aftermath);
    const pending = this.pendingOf(cell);
    this.left.set(cell, (this.left.get(cell) ?? 0) + pending.size);
    for (const wait of pending) {
      wait.isOver = true;
      aftermath.note(wait.place);
      wait.reject(stoppedAt(wait.place));
    }
    pending.clear();
  }

  /** Whether a stopped cell waits for something by which it tidies up. */
  isTidying(cell: Cell): boolean {
    const aftermath = this.aftermaths.get(cell);
    if (!aftermath || aftermath.isOver) return false;
    // what came again may wait for a loop that goes on no more
    return [...this.pendingOf(cell)].some(({ place }) => !aftermath.hasEnded(place));
  }

  /** Why a stopped cell ended, and whether something of it goes on. */
  failure(cell: Cell, thrown: unknown): Failure {
    const { traceback } = toFailure(thrown);
    const goesOn = (this.left.get(cell) ?? 0) > 0 || !Interrupted.is(thrown);
    const evalue = goesOn
      ? 'the cell was stopped; what it waited for goes on in the background'
      : 'the cell was stopped';
    return { ename: 'Interrupted', evalue, traceback: [`Interrupted: ${evalue}`, ...traceback.slice(1)] };
  }

  /** Whether awaits are left as they are for now. */
  private get isHurried(): boolean {
    return this.recent > HOT && !this.hasEnded;
  }

  /** Many awaits in one turn wait for nothing that takes its time: they are left as fast as they are. */
  private isHot(): boolean {
    if (this.recent++ === 0) startImmediate(() => (this.recent = 0));
    return this.recent > HOT;
  }

  private promise(cell: Cell, value: PromiseLike<unknown>, place: string): PromiseLike<unknown> {
    const pending = this.pendingOf(cell);
    const { promise, resolve, reject } = open();
    if (!resolve || !reject) {
      this.rejected.add(promise);
      return value;
    }
    const wait = { place, reject, isOver: false };
    value.then(
      (result) => {
        if (wait.isOver) return this.noteEnd(cell);
        pending.delete(wait);
        resolve(result);
      },
      (error) => {
        // where the stack ends behind this, nothing awaits the promise
        this.rejected.add(value).add(promise);
        if (wait.isOver) return this.noteEnd(cell);
        pending.delete(wait);
        noteAwait(error, place);
        reject(error);
      },
    );
    pending.add(wait);
    return promise;
  }

  /** What an asynchronous iterator gives, as it gives it. */
  private stepsOf(source: AsyncIterator<unknown>, place: string): AsyncIterator<unknown> {
    return {
      next: () => {
        const step = this.waitFor(source.next(), place) as Promise<IteratorResult<unknown>>;
        if (!this.isHurried && isThenable(step))
          step.then(undefined, (error) => Interrupted.is(error) && void source.return?.());
        return step;
      },
      return: () => this.waitFor(source.return?.() ?? DONE, `${place}:return`) as Promise<IteratorResult<unknown>>,
    };
  }

  /** The values of a plain iterator, each waited for. */
  private valuesOf(source: Iterator<unknown>, place: string): AsyncIterator<unknown> {
    return {
      next: () => {
        const { done, value } = source.next();
        const waited = done ? value : this.waitFor(value, place);
        // the loop itself waits for what this gives: a step need not be a promise
        if (!isThenable(waited)) return { done, value: waited } as unknown as Promise<IteratorResult<unknown>>;
        return this.stepOf(waited, source);
      },
      return: () => {
        source.return?.();
        return Promise.resolve(DONE);
      },
    };
  }

  private async stepOf(value: PromiseLike<unknown>, source: Iterator<unknown>): Promise<IteratorResult<unknown>> {
    try {
      return { done: false, value: await value };
    } catch (error) {
      source.return?.();
      throw error;
    }
  }

  /** Something that a stopped cell waited for has come to its end. */
  private noteEnd(cell: Cell): void {
    const left = (this.left.get(cell) ?? 1) - 1;
    this.left.set(cell, left);
    if (cell.ended && left === 0) cell.print('stderr', `what went on of cell [${cell.count}] has ended\n`);
  }

  private pendingOf(cell: Cell): Set<Pending> {
    let pending = this.pending.get(cell);
    if (!pending) this.pending.set(cell, (pending = new Set()));
    return pending;
  }
}

/** A promise and what settles it; at the end of the stack it is without, and rejected. */
function open(): { promise: Promise<unknown>; resolve?: (value: unknown) => void; reject?: (reason: unknown) => void } {
  let resolve, reject;
  const promise = new Promise((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** What a stopped cell is not to wait for any more: the first time it ends with an error, else never. */
function refuse(aftermath: Aftermath, value: unknown, place: string): Promise<never> {
  if (isThenable(value)) value.then(undefined, () => undefined);
  if (!aftermath.isOwed) return new Promise(() => undefined);
  aftermath.note(place);
  return new Promise((_, reject) => startImmediate(() => reject(stoppedAt(place))));
}

function stoppedAt(place: string): Interrupted {
  const stopped = new Interrupted('the cell was stopped');
  noteAwait(stopped, place);
  return stopped;
}

// The awaits of cells: each can be ended when its cell is stopped, and leaves its line in the traceback of an error.
import { KERNEL_NAME } from '../mends/stops';
import type { Cell } from './cell';
import { Interrupted } from './cell';
import type { Failure } from '../failure/failure';
import { toFailure } from '../failure/failure';
import { noteAwait } from '../failure/trail';

export class Awaits {
  /** What ends the awaits of each running cell. */
  private readonly pending = new WeakMap<Cell, Set<() => void>>();
  private readonly endedCells = new WeakSet<Cell>();
  /** How many things a stopped cell waited for that have not come to their end. */
  private readonly left = new WeakMap<Cell, number>();

  constructor(
    private readonly currentCell: () => Cell | undefined,
    private readonly check: () => void,
  ) {}

  /** Puts this where compiled cells look for it. */
  install(): void {
    const value = { wait: this.wait.bind(this), each: this.each.bind(this), check: this.check };
    Object.defineProperty(globalThis, KERNEL_NAME, { value, configurable: true });
  }

  /** `await value` in a cell. */
  wait(value: unknown, place: string): unknown {
    const cell = this.currentCell();
    if (!isThenable(value)) return cell && this.endedCells.has(cell) ? refuse() : value;
    if (cell && this.endedCells.has(cell)) {
      value.then(undefined, () => undefined);
      return refuse();
    }
    return new Promise((resolve, reject) => {
      let isOver = false;
      const pending = cell && this.pendingOf(cell);
      const end = () => {
        isOver = true;
        this.left.set(cell!, (this.left.get(cell!) ?? 0) + 1);
        const stopped = new Interrupted('the cell was stopped');
        noteAwait(stopped, place);
        reject(stopped);
      };
      const settle = (use: () => void) => {
        if (isOver) return this.noteEnd(cell!);
        pending?.delete(end);
        use();
      };
      pending?.add(end);
      value.then(
        (result) => settle(() => resolve(result)),
        (error) => settle(() => (noteAwait(error, place), reject(error as Error))),
      );
    });
  }

  /** `for await (… of items)` in a cell. */
  async *each(items: AsyncIterable<unknown> | Iterable<unknown>, place: string): AsyncGenerator<unknown> {
    const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
    try {
      for (;;) {
        const step = (await this.wait(source.next(), place)) as IteratorResult<unknown>;
        if (step.done) return;
        yield await this.wait(step.value, place);
      }
    } finally {
      void source.return?.(undefined);
    }
  }

  /** Ends every await of a cell, those to come included. */
  end(cell: Cell): void {
    this.endedCells.add(cell);
    const pending = this.pendingOf(cell);
    for (const end of pending) end();
    pending.clear();
  }

  /** Why a stopped cell ended, and whether something of it goes on. */
  failure(cell: Cell, thrown: unknown): Failure {
    const { traceback } = toFailure(thrown);
    const goesOn = this.isLeft(cell) || !(thrown instanceof Interrupted || 'code' in (thrown as object));
    const evalue = goesOn
      ? 'the cell was stopped; what it waited for goes on in the background'
      : 'the cell was stopped';
    return { ename: 'Interrupted', evalue, traceback: [`Interrupted: ${evalue}`, ...traceback.slice(1)] };
  }

  private isLeft(cell: Cell): boolean {
    return (this.left.get(cell) ?? 0) > 0;
  }

  /** Something that a stopped cell waited for has come to its end. */
  private noteEnd(cell: Cell): void {
    const left = (this.left.get(cell) ?? 1) - 1;
    this.left.set(cell, left);
    if (cell.ended && left === 0) cell.print('stderr', `what went on of cell [${cell.count}] has ended\n`);
  }

  private pendingOf(cell: Cell): Set<() => void> {
    const pending = this.pending.get(cell) ?? new Set();
    this.pending.set(cell, pending);
    return pending;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** A stopped cell that goes on gets no further; the event loop runs in between. */
function refuse(): Promise<never> {
  return new Promise((_, reject) => setImmediate(() => reject(new Interrupted('the cell was stopped'))));
}

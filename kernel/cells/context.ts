// Which cell the code that runs belongs to. What a cell left running, a timer or a promise, is still its own: what it prints
// is shown under it. Node can follow that through every promise, at the price of three times the cost of an await. So it
// follows only where it has to: while something that an earlier cell left is still going on.
import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers';
import { type Cell, Interrupted } from './cell';
import { dropLostImmediates } from './immediates';
import { countResources } from './settle';

export class CellContext {
  private readonly followed = new AsyncLocalStorage<Cell>();
  /** Whose everything is that is not followed. */
  private owner?: Cell;
  /** How much is going on when no cell has left anything. */
  private idle = Infinity;

  /** Whether what belongs to an earlier cell may pass for that of a later one. */
  private isBlurred = false;

  get current(): Cell | undefined {
    return this.followed.getStore() ?? this.owner;
  }

  /** {@link current}, where it is sure. */
  get sure(): Cell | undefined {
    return this.isBlurred ? undefined : this.current;
  }

  /** Runs the beginning of a cell; what follows from it belongs to the cell, too. */
  run<T>(cell: Cell, begin: () => T): T {
    const going = countResources();
    this.idle = Math.min(this.idle, going);
    if (going > this.idle) return this.followed.run(cell, begin);
    this.followed.disable();
    this.owner = cell;
    this.isBlurred = false;
    return begin();
  }
  /** Runs more that belongs to a cell which has begun: the showing of its value. */
  goOn<T>(cell: Cell, next: () => T): T {
    return this.owner === cell ? next() : this.followed.run(cell, next);
  }
  /**
   * To be called before code is ended by force; false where it must not be ended at this moment. Node would end the process where
   * it finds, after such an end, that what it follows was not left as it was entered: so nothing is followed for the moment, and an
   * error that nobody catches makes Node forget what was entered.
   *
   * @param frames What runs at the moment, as V8 has it.
   */
  unfollow(frames: string[]): boolean {
    if (isFollowing(frames)) return false;
    const { owner, current } = this;
    this.isBlurred ||= owner !== undefined && owner !== current;
    this.owner = current;
    this.followed.disable();
    dropLostImmediates();
    setImmediate(() => {
      throw new Interrupted('the cell was stopped');
    });
    return true;
  }
}

/** Whether Node was interrupted while it follows: it would put off what it is told, and its own end would never come. */
function isFollowing(frames: string[]): boolean {
  // what only calls what a cell has left, an immediate say, has done its part
  return frames.some(
    (frame) => /\bnode:(internal\/)?async_hooks\b/.test(frame) && !/\bcallbackTrampoline\b/.test(frame),
  );
}

// The stop button, and what the cell that is to stop learns of it.
import { setTimeout } from 'node:timers';
import { noteStop, pendingStops, setCooperative } from '../wire/stop';
import type { Awaits } from './awaits';
import { type Cell, Interrupted } from './cell';
import type { Stoppable } from './stoppable';

/** How often a stopped cell is looked at; after how many looks it is said what it does; how often when it has ended itself. */
const LOOK_MS = 100;
const PATIENCE = 10;
const SHORT_MS = 10;

export class Stops {
  /** The cell that runs, or ran last. */
  private last?: Cell;

  constructor(
    private readonly flags: Int32Array,
    private readonly awaits: Awaits,
    private readonly stoppable: Stoppable,
    private readonly current: () => Cell | undefined,
  ) {}

  /** A cell begins. */
  begin(cell: Cell): void {
    this.last = cell;
    setCooperative(this.flags, false);
  }

  /** To be called before a person can see that a cell runs: stops from now on are meant for it. */
  forget(): void {
    noteStop(this.flags);
  }

  /** The stop button: loops that look at `interrupted()` end in good order, the rest ends at once. */
  stop(): void {
    noteStop(this.flags);
    const cell = this.last;
    if (!cell || cell.ended) return;
    const again = cell.stop.signal.aborted;
    cell.stop.abort(new Interrupted('the cell was stopped'));
    if (cell.isCooperative && !again) {
      cell.print('stderr', 'stopping after this step (stop again to end it at once)\n');
      return;
    }
    this.awaits.end(cell);
    this.waitForEnd(cell);
  }

  /** The stop button, as a message: it may have been heard already. */
  hear(): void {
    if (pendingStops(this.flags) > 0) this.stop();
  }

  /** Whether the cell that asks was told to stop, by now or while it kept the event loop busy. */
  get isStopped(): boolean {
    const cell = this.makeCooperative();
    if (cell && !cell.ended) this.hear();
    return cell?.stop.signal.aborted ?? false;
  }

  get signal(): AbortSignal {
    return (this.makeCooperative()?.stop ?? new AbortController()).signal;
  }

  /** What a stopped cell has begun may tidy up longer than the cell itself. */
  async tidied(cell: Cell): Promise<void> {
    while (this.awaits.isTidying(cell)) await new Promise((resolve) => setTimeout(resolve, SHORT_MS));
  }

  /** A cell that catches what stops it is waited for as long as it tidies up. */
  private waitForEnd(cell: Cell, times = 1): void {
    setTimeout(() => {
      if (cell.ended) return;
      if (!this.awaits.isTidying(cell)) this.stoppable.abandon();
      else if (times === PATIENCE) cell.print('stderr', 'the cell tidies up (stop again to end it at once)\n');
      this.waitForEnd(cell, times + 1);
    }, LOOK_MS);
  }

  private makeCooperative(): Cell | undefined {
    const cell = this.current();
    if (!cell || cell.isCooperative) return cell;
    cell.isCooperative = true;
    if (!cell.ended) setCooperative(this.flags, true);
    return cell;
  }
}

// What a stopped cell may still do: tidy up for a while, awaits in `finally` included, but not go on with its loops.

/** How long a stopped cell may tidy up. */
const GRACE_MS = 5000;
/** How often an await that the stop has ended may come again outside a loop: what tidies up may call the same functions. */
const MAX_AGAIN = 10;

/** What the place of an await in a loop of its function ends with. */
export const IN_LOOP = ':loop';

export class Aftermath {
  private readonly until = performance.now() + GRACE_MS;
  /** How often the awaits that the stop has ended came again, by their places. */
  private readonly again = new Map<string, number>();
  private isClosed = false;

  /** Whether tidying up is to end by now. */
  get isOver(): boolean {
    return this.isClosed || performance.now() > this.until;
  }

  /** Whether the stop has ended no await: it is still to end one. */
  get isOwed(): boolean {
    return this.again.size === 0;
  }

  /** Notes that the stop has ended an await. */
  note(place: string): void {
    this.again.set(place, 0);
  }

  /** Whether the stop has ended an await at this place. */
  hasEnded(place: string): boolean {
    return this.again.has(place);
  }

  /** Whether an await may go on. One that the stop has ended and that comes again in a loop has caught it. */
  admits(place: string): boolean {
    if (this.isOver) return false;
    const count = this.again.get(place);
    if (count === undefined) return true;
    this.again.set(place, count + 1);
    return !place.endsWith(IN_LOOP) && count < MAX_AGAIN;
  }

  /** Nothing goes on from now on. */
  close(): void {
    this.isClosed = true;
  }
}

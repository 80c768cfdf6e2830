// One run of a cell: its outputs, its stop signal, and what went wrong.
import { randomUUID } from 'node:crypto';
import type { Extra } from '../wire/connection';
import type { Bundle } from '../show/forms';
import { toBundle } from '../show/bundle';
import { plainJson } from '../show/json';
import { type Failure, toFailure } from '../failure/failure';
import { readableStacks } from '../failure/stacks';

export type Publish = (type: string, content: Record<string, unknown>, extra?: Extra) => void;

/** What a stopped cell throws. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly #ofKernel = true;

  /** Unlike `instanceof` it asks nothing of what was thrown: a proxy may throw where it is looked at. */
  static is(thrown: unknown): thrown is Interrupted {
    return typeof thrown === 'object' && thrown !== null && #ofKernel in thrown;
  }
}

/** An output that is shown already; as a cell's last expression it shows nothing more. */
export class DisplayHandle {
  constructor(
    readonly id: string,
    readonly update: (value: unknown) => void,
  ) {}
}

export class Cell {
  /** Set when the cell was told to end: loops of ours look at it between two steps. */
  readonly stop = new AbortController();
  /** Errors that nothing in the cell caught. */
  readonly background: Failure[] = [];
  ended = false;
  /** Whether something in it looks at the stop signal. */
  isCooperative = false;
  /** The forms of the last expression's value. */
  result?: Bundle;
  private readonly shows: Promise<void>[] = [];
  private isShown = false;

  constructor(
    readonly serial: number,
    readonly count: number,
    /** Sends an output of this cell. */
    readonly publish: Publish,
  ) {}

  /** What the cell, or the kernel about it, prints. */
  print(name: 'stdout' | 'stderr', text: string): void {
    if (text !== '') this.publish('stream', { name, text: readableStacks(text) });
  }

  /** Shows a value; under an id that is shown already, in its place. */
  show(value: unknown, id: string = randomUUID(), update = false, metadata: Record<string, unknown> = {}): string {
    this.showBundle(toBundle(value), id, update, metadata);
    return id;
  }

  showBundle(bundle: Bundle | Promise<Bundle>, id: string, update: boolean, metadata: Record<string, unknown>): void {
    const type = update ? 'update_display_data' : 'display_data';
    const plain = plainJson({ metadata, transient: { display_id: id } }) as Record<string, unknown>;
    const send = (data: Bundle) => this.publish(type, { data, ...plain });
    if (!(bundle instanceof Promise)) return send(bundle);
    const shown = bundle.then(send);
    this.shows.push(shown);
    // while the cell waits for it, its failure is that of the cell
    if (!this.isShown) shown.catch(() => undefined);
  }

  /** Shows the value of the last expression. */
  async showResult(value: unknown): Promise<void> {
    if (value === undefined || value instanceof DisplayHandle) return;
    const data = await toBundle(value);
    this.result = data;
    this.publish('execute_result', { execution_count: this.count, data, metadata: {} });
  }

  /** When every value that takes its time to be shown is shown. */
  async shown(): Promise<void> {
    this.isShown = true;
    await Promise.all(this.shows.splice(0));
  }

  /** An error that nothing caught, from a promise or a timer: shown at once, also when the cell has ended. */
  reportBackground(thrown: unknown): Failure {
    const failure = toFailure(thrown);
    failure.traceback[0] += ' (nothing in the cell awaited or caught it)';
    this.background.push(failure);
    this.publish('error', failure);
    return failure;
  }
}

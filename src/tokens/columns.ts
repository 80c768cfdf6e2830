// Rows that come piece by piece, gathered into one set of typed arrays without keeping the event loop busy.
import { setImmediate as nextTurn } from 'node:timers/promises';

type Column = Int32Array | Uint8Array | Int8Array;
type ColumnType = new (length: number) => Column;

/** Rows in typed arrays whose `rowStart` says where each begins. */
export interface Rows {
  count: number;
  rowStart: Int32Array;
}

/** Bytes copied before the event loop gets a turn: a few milliseconds. */
const TURN_BYTES = 8 << 20;
/** Room beyond what the pieces so far let expect. Memory that is never touched costs nothing. */
const SPARE = 1.1;

/**
 * Puts pieces together, row after row. Arrays are made as long as the first pieces let expect, so that rows are copied
 * once and memory holds them once.
 *
 * @param shareDone the share of all work, from 0 to 1, that is done with a piece
 * @returns views on buffers that may be longer; undefined when there are no pieces
 */
export async function gatherRows<T extends Rows>(
  pieces: AsyncIterable<T>,
  shareDone: (piece: T) => number,
): Promise<T | undefined> {
  const columns = new Map<string, GrowingColumn>();
  let count = 0;
  let tokens = 0;
  for await (const piece of pieces) {
    const { count: rows, rowStart, ...rest } = piece;
    // the first piece brings the 0 that all others leave out
    const starts = rowStart.subarray(count === 0 ? 0 : 1).map((start) => tokens + start);
    for (const [name, values] of Object.entries({ rowStart: starts, ...rest } as Record<string, Column>)) {
      if (!columns.has(name)) columns.set(name, new GrowingColumn(values.constructor as ColumnType));
      await columns.get(name)!.append(values, shareDone(piece));
    }
    count += rows;
    tokens += rowStart[rows];
  }
  if (columns.size === 0) return undefined;
  const whole = Object.fromEntries([...columns].map(([name, column]) => [name, column.values()]));
  return { count, ...whole } as unknown as T;
}

/** An array that grows at its end. */
class GrowingColumn {
  private column: Column;
  private used = 0;

  constructor(private readonly ColumnType: ColumnType) {
    this.column = new ColumnType(0);
  }

  async append(values: Column, shareDone: number): Promise<void> {
    const needed = this.used + values.length;
    if (needed > this.column.length) await this.grow(Math.ceil((needed / shareDone) * SPARE));
    this.column.set(values, this.used);
    this.used = needed;
  }

  values(): Column {
    return this.column.subarray(0, this.used);
  }

  private async grow(capacity: number): Promise<void> {
    const larger = new this.ColumnType(capacity);
    const step = TURN_BYTES / larger.BYTES_PER_ELEMENT;
    for (let at = 0; at < this.used; at += step) {
      larger.set(this.column.subarray(at, Math.min(at + step, this.used)), at);
      if (at + step < this.used) await nextTurn();
    }
    this.column = larger;
  }
}

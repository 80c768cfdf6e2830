// Joins typed arrays that were filled piece by piece, without keeping the event loop busy.
import { setImmediate as nextTurn } from 'node:timers/promises';

type Column = Int32Array | Uint8Array | Int8Array;
type ColumnNames<T> = { [K in keyof T]: T[K] extends Column ? K : never }[keyof T];

/** Bytes copied before the event loop gets a turn: a few milliseconds. */
const TURN_BYTES = 8 << 20;

/** Rows in typed arrays whose `rowStart` says where each begins. */
export interface Rows {
  count: number;
  rowStart: Int32Array;
}

/**
 * Joins pieces row after row. A piece's columns are let go as soon as they are copied, so that the peak is little more
 * than the result.
 */
export async function joinRows<T extends Rows>(pieces: T[]): Promise<T> {
  if (pieces.length === 1) return pieces[0];
  const rowStart = joinRowStarts(pieces);
  const joined: Record<string, unknown> = { count: rowStart.length - 1, rowStart };
  for (const name of columnNames(pieces[0])) joined[name as string] = await joinColumn(pieces, name);
  return joined as unknown as T;
}

function columnNames<T extends Rows>(piece: T): ColumnNames<T>[] {
  return Object.keys(piece).filter((name) => !['count', 'rowStart'].includes(name)) as unknown as ColumnNames<T>[];
}

function joinRowStarts(pieces: Rows[]): Int32Array {
  const rowStart = new Int32Array(pieces.reduce((sum, piece) => sum + piece.count, 1));
  let row = 0;
  for (const piece of pieces) {
    const base = rowStart[row];
    for (let i = 1; i <= piece.count; i++) rowStart[row + i] = base + piece.rowStart[i];
    row += piece.count;
  }
  return rowStart;
}

async function joinColumn<T extends Rows>(pieces: T[], name: ColumnNames<T>): Promise<Column> {
  const columns = pieces.map((piece) => piece[name] as Column);
  const ColumnType = columns[0].constructor as Int32ArrayConstructor;
  const joined = new ColumnType(columns.reduce((sum, column) => sum + column.length, 0));
  let at = 0;
  let copied = 0;
  for (let i = 0; i < columns.length; i++) {
    joined.set(columns[i], at);
    at += columns[i].length;
    copied += columns[i].byteLength;
    (pieces[i] as Record<typeof name, unknown>)[name] = undefined;
    columns[i] = new ColumnType(0);
    if (copied > TURN_BYTES) {
      copied = 0;
      await nextTurn();
    }
  }
  return joined;
}

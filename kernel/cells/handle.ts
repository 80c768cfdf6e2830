// What the scripts of cells find of the kernel, and what they do with their variables by it.
import type { Imports } from '../imports/imports';
import type { Awaits } from './awaits';
import type { CellContext } from './context';
import type { Handle } from './executor';

export interface CellHandle extends Handle {
  /** The value of the last expression. */
  value?: unknown;
  wait: Awaits['wait'];
  each: Awaits['each'];
  load: Imports['load'];
  import: Imports['import'];
  meta: Imports['meta'];
  unfollow: CellContext['unfollow'];
  constant: typeof constant;
  box: typeof box;
  keep: Kept['keep'];
}

/** A constant as what is assigned to: V8 knows cells' variables only as such that may change. The error has V8's words. */
export function constant(value: unknown): { value: unknown } {
  return {
    get value() {
      return value;
    },
    set value(_) {
      throw new TypeError('Assignment to constant variable.');
    },
  };
}

/** Where a loop puts the value of a variable from time to time; V8 is to expect further numbers of any kind in that of a number. */
export function box(value: unknown): [unknown] {
  return typeof value === 'number' ? [0.5] : [undefined];
}

/** The variables that a loop keeps while it runs. */
export class Kept {
  private put?: () => void;

  /** A loop begins whose variables are in boxes from time to time; without arguments it has come to its end. */
  readonly keep = (put?: (...values: unknown[]) => void, ...boxes: [unknown][]): void => {
    this.put = put && (() => put(...boxes.map(([value]) => value)));
  };

  /** After a loop that did not come to its end. */
  putBack(): void {
    this.put?.();
    this.put = undefined;
  }
}

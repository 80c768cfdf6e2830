// What the scripts of cells find of the kernel, and what they do with their variables by it.
import type { noteThrow } from '../failure/trail';
import type { Imports } from '../imports/imports';
import type { Awaits } from './awaits';
import type { Handle } from './executor';

export interface CellHandle extends Handle {
  /** The value of the last expression. */
  value?: unknown;
  each: Awaits['each'];
  thrown: typeof noteThrow;
  load: Imports['load'];
  import: Imports['import'];
  meta: Imports['meta'];
  /** Before code is ended by force; false where it must not be ended at this moment. */
  prepareEnd: () => boolean;
  /** Whether it is held for that. */
  isHeld: () => boolean;
  constant: typeof constant;
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

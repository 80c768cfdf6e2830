// Which places of cells something thrown came by: V8 loses the frames that wait behind a promise, and knows none of what is no error.
import { types } from 'node:util';

interface Step {
  serial: number;
  line: number;
  column: number;
}

/** Places as the compiler writes them, `serial:line:column`. */
const trails = new WeakMap<object, string[]>();
/** The value thrown last that is no object: nothing else tells such a value from another. */
let plain: unknown;
const plainPlaces: string[] = [];

/** Notes that `thrown` came out of an await. */
export function noteAwait(thrown: unknown, place: string): void {
  const trail = find(thrown);
  if (trail && (isObject(thrown) || isNext(trail, place))) trail.push(place);
  else begin(thrown, place);
}

/** Whether a plain value may have come from the places so far: the same may be thrown again and again. */
function isNext(trail: string[], place: string): boolean {
  const serialOf = (one: string) => one.slice(0, one.indexOf(':'));
  return !trail.includes(place) && serialOf(trail[0]) === serialOf(place);
}

/** `throw value` in a cell. */
export function noteThrow(value: unknown, place: string): unknown {
  // what is thrown again was thrown where it was thrown first
  if (!isObject(value) || !(trails.has(value) || types.isNativeError(value))) begin(value, place);
  return value;
}

export function trailOf(thrown: unknown): Step[] {
  return (find(thrown) ?? []).map((place) => {
    const [serial, line, column] = place.split(':').map(Number);
    return { serial, line, column };
  });
}

function find(thrown: unknown): string[] | undefined {
  if (isObject(thrown)) return trails.get(thrown);
  return plainPlaces.length > 0 && Object.is(plain, thrown) ? plainPlaces : undefined;
}

function begin(thrown: unknown, place: string): void {
  if (isObject(thrown)) return void trails.set(thrown, [place]);
  plain = thrown;
  plainPlaces[0] = place;
  plainPlaces.length = 1;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

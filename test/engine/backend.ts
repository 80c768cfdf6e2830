// The backend that a test file computes with; the fast operations are tested where the native library is there.
import { chooseBackend } from '../../src/engine/backend';

/** Starts native TensorFlow, or says which backend took its place: the plain operations are then tested alone. */
export async function startBackend(): Promise<string> {
  const { name } = await chooseBackend();
  return name;
}

/** The largest difference of two lists, relative to the length of the second. */
export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0;
  let size = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i] - expected[i]) ** 2;
    size += expected[i] ** 2;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / size);
}

export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = actual.length === expected.length ? 0 : Infinity;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(actual[i] - expected[i]));
  return largest;
}

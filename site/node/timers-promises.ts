// node:timers/promises in a browser.
import { setImmediate as soon } from './timers';

export const setImmediate = (): Promise<void> => new Promise((resolve) => soon(() => resolve()));

export function setTimeout<T>(milliseconds = 0, value?: T, { signal }: { signal?: AbortSignal } = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = globalThis.setTimeout(() => resolve(value as T), milliseconds);
    signal?.addEventListener('abort', () => {
      globalThis.clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}

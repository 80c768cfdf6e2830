// node:async_hooks in a browser, which cannot follow code through its promises: what runs belongs to the last cell.

export class AsyncLocalStorage<T> {
  private store?: T;

  getStore(): T | undefined {
    return this.store;
  }

  run<R>(store: T, call: () => R): R {
    const before = this.store;
    this.store = store;
    try {
      return call();
    } finally {
      this.store = before;
    }
  }

  disable(): void {
    this.store = undefined;
  }
}

export const AsyncResource = { bind: <F>(call: F): F => call };
export default { AsyncLocalStorage, AsyncResource };

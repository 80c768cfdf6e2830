// node:timers in a browser: a turn of the event loop without the four milliseconds that a browser adds to timers.

const waiting = new Map<number, () => void>();
const { port1, port2 } = new MessageChannel();
let last = 0;

port1.onmessage = ({ data }: MessageEvent<number>) => {
  const call = waiting.get(data);
  waiting.delete(data);
  call?.();
};

export function setImmediate(callback: (...values: unknown[]) => void, ...values: unknown[]): number {
  const id = ++last;
  waiting.set(id, () => callback(...values));
  port2.postMessage(id);
  return id;
}

export function clearImmediate(id: number): void {
  waiting.delete(id);
}

const start = globalThis.setTimeout.bind(globalThis);

/** Node's timers are objects that can be told not to keep a process alive. */
class Timer {
  constructor(private readonly id: number) {}
  ref = (): this => this;
  unref = (): this => this;
  hasRef = (): boolean => false;
  [Symbol.toPrimitive] = (): number => this.id;
}

export function setTimeout(callback: () => void, milliseconds?: number): Timer {
  return new Timer(start(callback, milliseconds) as unknown as number);
}

export const clearTimeout = (timer: unknown): void => globalThis.clearTimeout(Number(timer));
export const clearInterval = (timer: unknown): void => globalThis.clearInterval(Number(timer));
export const setInterval = globalThis.setInterval.bind(globalThis);
export default { setImmediate, clearImmediate, setTimeout, clearTimeout, setInterval, clearInterval };

// Whether the page and its workers may share memory: a page that is isolated from other origins, in a browser that lets it. WebKit for
// GTK calls itself isolated and has no such memory all the same.

export const mayShareMemory = (): boolean =>
  globalThis.crossOriginIsolated &&
  typeof (globalThis as { SharedArrayBuffer?: unknown }).SharedArrayBuffer === 'function';

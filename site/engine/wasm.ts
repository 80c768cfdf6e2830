// What our WebAssembly needs of the browser that the site is open in.
export { startWebWorker as startThread } from '../../src/engine/wasm/threads';

/** As many as the browser says that there are; without isolation from other origins one computes all the same. */
export const availableThreads = (): number => navigator.hardwareConcurrency;

/** Browsers need no flag for it. */
export const permitRelaxedSimd = (): void => undefined;

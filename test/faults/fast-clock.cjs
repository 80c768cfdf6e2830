// Preloaded into a process and its threads: an hour passes in a second. All clocks and timers of JavaScript run so much faster.
const SPEED = 3600;
const start = Date.now();
const now = Date.now.bind(Date);
const passed = performance.now.bind(performance);
Date.now = () => Math.round(start + SPEED * (now() - start));
performance.now = () => SPEED * passed();
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length > 0 ? args : [RealDate.now()]));
  }
};
for (const name of ['setTimeout', 'setInterval']) {
  const real = globalThis[name];
  const fast = (work, delay = 1, ...args) => real(work, delay / SPEED, ...args);
  // what promises wait for
  for (const symbol of Object.getOwnPropertySymbols(real)) {
    fast[symbol] = (delay, ...args) => real[symbol](delay / SPEED, ...args);
  }
  globalThis[name] = fast;
}

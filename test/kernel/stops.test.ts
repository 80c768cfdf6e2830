// The stop button in sequences that nobody thought of: what is going on, what keeps the kernel busy, and how often it is
// stopped, drawn at random. The kernel and its variables must be there after each. SPANLAB_STOPS says how many, SPANLAB_SEED
// which.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { Client } from './client';

const STOPS = Number(process.env.SPANLAB_STOPS ?? 6);
const SEED = Number(process.env.SPANLAB_SEED ?? Date.now() % 1e6);

/** What a cell leaves going on. */
const GOING = [
  '0',
  'setTimeout(() => {}, 1e6); 0',
  'setInterval(() => {}, 3); 0',
  'void new Promise(() => {}); 0',
  'void (async () => { for (;;) await new Promise((resolve) => setTimeout(resolve, 2)) })(); 0',
  "require('node:fs').watch('.'); 0",
  "require('node:net').createServer((socket) => socket.pipe(socket)).listen(0); 0",
  `void (async () => { for (;;) await require('node:fs').promises.stat('.') })(); 0`,
  "new (require('node:worker_threads').Worker)('setInterval(() => require(`node:worker_threads`).parentPort.postMessage(1), 3)', { eval: true }).on('message', () => {}); 0",
  "new (require('node:async_hooks').AsyncLocalStorage)().enterWith(7); 0",
];

const BEGUN = 'console.log("begun")';

/** What keeps the kernel busy: loops in every kind of callback that Node has, in cells and in imported code. */
const BUSY = [
  `${BEGUN}; for (;;) { await null }`,
  `${BEGUN}; for (;;) { await Promise.resolve({}) }`,
  `${BEGUN}; while (true) {}`,
  `await null; ${BEGUN}; while (true) {}`,
  `setTimeout(() => { ${BEGUN}; for (;;) {} }, 3); await new Promise(() => {})`,
  `setTimeout(async () => { ${BEGUN}; for (;;) await null }, 3); await new Promise(() => {})`,
  `setImmediate(() => { ${BEGUN}; for (;;) {} }); await new Promise(() => {})`,
  `process.nextTick(() => { ${BEGUN}; for (;;) {} }); await new Promise(() => {})`,
  `queueMicrotask(() => { ${BEGUN}; for (;;) {} }); await new Promise(() => {})`,
  `require('node:fs').stat('.', () => { ${BEGUN}; for (;;) {} }); await new Promise(() => {})`,
  `{ const { port1, port2 } = new MessageChannel(); port1.onmessage = () => { ${BEGUN}; for (;;) {} }; port2.postMessage(1) }
   await new Promise(() => {})`,
  `{ const server = require('node:net').createServer((socket) => socket.on('data', () => { ${BEGUN}; for (;;) {} }))
     server.listen(0, () => require('node:net').connect(server.address().port).write('x')) }
   await new Promise(() => {})`,
  `new (require('node:async_hooks').AsyncResource)('x').runInAsyncScope(() => { ${BEGUN}; for (;;) {} })`,
  `import { spin } from './spin'; ${BEGUN}; spin()`,
  `import { spinAwaiting } from './spin'; ${BEGUN}; await spinAwaiting()`,
  `${BEGUN}; for (;;) Buffer.from('a').toString('hex')`,
  `display({ toJupyter() { ${BEGUN}; for (;;) {} } })`,
  `try { ${BEGUN}; for (;;) { await null } } catch { for (;;) { await null } }`,
];

const SPIN = `export function spin(): void { for (;;) {} }
export async function spinAwaiting(): Promise<void> { for (;;) await null; }`;

let kernel: Client;
let folder: string;

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernel-stops-'));
  fs.writeFileSync(path.join(folder, 'spin.ts'), SPIN);
  kernel = await Client.start({ folder });
});
after(async () => {
  await kernel.stop();
  fs.rmSync(folder, { recursive: true });
});

/** Mulberry32. */
function generator(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const press = () => kernel.ask('interrupt_request', {}, 'control');

/** What a socket hears that has just been accepted Node tells nobody the cell of: it may be shown under another. */
const isBegin = ({ type, content }: Client['heard'][number]) =>
  type === 'error' || String(content.text).includes('begun');

/** Waits for something as long as the kernel is there, and not for ever. */
async function alive<T>(something: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let died: (code: number | null, signal: string | null) => void = () => undefined;
  const death = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('nothing for 20 s')), 20_000);
    died = (code, signal) => reject(new Error(`the kernel ended: ${code ?? signal}`));
    kernel.process.once('exit', died);
  });
  try {
    return await Promise.race([something, death]);
  } finally {
    clearTimeout(timer);
    kernel.process.off('exit', died);
  }
}

test(
  `${STOPS} stops of random cells cost neither the kernel nor its variables (seed ${SEED})`,
  { timeout: 30_000 + 5000 * STOPS },
  async () => {
    const random = generator(SEED);
    const pick = <T>(items: T[]): T => items[Math.floor(random() * items.length)];
    await kernel.run('let kept = 7');
    for (let i = 0; i < STOPS; i++) {
      const [going, busy, twice, pauseMs] = [pick(GOING), pick(BUSY), random() < 0.3, Math.floor(random() * 40)];
      const what = `stop ${i}: ${going} | ${busy} | ${twice ? 'twice' : 'once'}`;
      try {
        await alive(kernel.run(going));
        const before = kernel.heard.length;
        const cell = kernel.execute(busy);
        await alive(kernel.until((heard) => heard.slice(before).some(isBegin)));
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        await alive(press());
        if (twice) await alive(press());
        const { reply } = await alive(cell.done);
        assert.equal(reply.ename, 'Interrupted');
        assert.equal((await alive(kernel.run('kept'))).result, '7');
      } catch (error) {
        throw new Error(`${what}: ${(error as Error).message}`);
      }
    }
  },
);

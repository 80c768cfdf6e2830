// The stop button.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { Random } from '../../src/engine/random';
import { type Run, Client } from './client';

let kernel: Client;
before(async () => (kernel = await Client.start()));
after(() => kernel.stop());
const options = { timeout: 20_000 };

// a signal just where the first part of a cell ends, before its first await, can get lost between Node's two ways to hear it
const PAUSE = 'await new Promise((resolve) => setTimeout(resolve, 10))';

/** Runs a cell, presses stop when it says `begun`, and waits for its end. */
async function stopped(code: string, press = byMessage): Promise<Run> {
  const cell = kernel.execute(code);
  await cell.seen((messages) => messages.some(({ content }) => String(content.text).includes('begun')));
  await press();
  return cell.done;
}

const byMessage = async () => assert.equal((await kernel.ask('interrupt_request', {}, 'control')).status, 'ok');
const bySignal = async () => assert.ok(kernel.process.kill('SIGINT'));

/** The kernel is there, and so are its variables. */
async function isWell(): Promise<void> {
  const { result, reply } = await kernel.run('kept');
  assert.equal(result, '7', JSON.stringify(reply));
}

test('the kernel keeps a variable through all that follows', options, async () => {
  assert.equal((await kernel.run('let kept = 7; kept')).result, '7');
});

for (const [name, press] of Object.entries({ 'a message': byMessage, 'a signal': bySignal })) {
  test(`a loop without a pause ends by ${name}`, options, async () => {
    const { reply } = await stopped('console.log("begun"); while (true) {}', press);
    assert.equal(reply.ename, 'Interrupted');
    await isWell();
  });

  test(`an await that never ends is ended by ${name}`, options, async () => {
    const { reply, errors } = await stopped(`${PAUSE}; console.log("begun")\nawait new Promise(() => {})`, press);
    assert.equal(reply.ename, 'Interrupted');
    assert.match(errors[0].traceback.join('\n'), /line 2:1\n +await new Promise/);
    await isWell();
  });
}

test('a loop without a pause ends after an await, too', options, async () => {
  const { reply } = await stopped(`${PAUSE}; console.log("begun"); ${PAUSE}; while (true) {}`);
  assert.equal(reply.ename, 'Interrupted');
  await isWell();
});

test('a loop ends also behind a stopped cell that was left while it was watched', options, async () => {
  // what the first cell leaves is watched for 250 ms; a stopped cell is looked at every 100
  await stopped('setTimeout(() => 0, 1000); await null; console.log("begun"); while (true) {}');
  const pause = 'await new Promise((resolve) => setTimeout(resolve, 400))';
  const { reply } = await stopped(`console.log("begun"); ${pause}; while (true) {}`, async () => {
    await new Promise((resolve) => setTimeout(resolve, 600));
    await byMessage();
  });
  assert.equal(reply.ename, 'Interrupted');
  await isWell();
});

test('a stopped cell does not go on in the background', options, async () => {
  await kernel.run('let steps = 0');
  await stopped(`console.log("begun"); while (true) { steps++; ${PAUSE} }`);
  const first = (await kernel.run('steps')).result;
  assert.equal((await kernel.run(`${PAUSE}; ${PAUSE}; steps`)).result, first);
});

test('what a stopped cell tidies up in finally is tidied up', options, async () => {
  await kernel.run('let tidy = false');
  await stopped('try { console.log("begun"); await new Promise(() => {}) } finally { tidy = true }');
  assert.equal((await kernel.run('tidy')).result, 'true');
});

test('a loop that looks at interrupted() ends in good order', options, async () => {
  const waiting = `let n = 0; while (!interrupted()) { if (n++ === 2) console.log("begun"); ${PAUSE} }; "saved"`;
  const busy = 'let m = 0; while (!interrupted()) { if (m++ === 2) console.log("begun") }; "saved"';
  for (const code of [waiting, busy]) {
    const { result, errors, stderr } = await stopped(code);
    assert.deepEqual(errors, []);
    assert.equal(result, 'saved');
    assert.match(stderr, /stopping after this step/);
  }
});

test('a function of src that takes a signal is given it', options, async () => {
  const code = `async function train({ signal }: { signal: AbortSignal }) {
      for (let step = 0; ; step++) { if (signal.aborted) return 'after ' + (step > 0); if (step === 1) console.log('begun'); ${PAUSE} }
    }
    await train({ signal: interruptSignal })`;
  assert.equal((await stopped(code)).result, 'after true');
});

test('the signal of a stopped cell is not that of the next', options, async () => {
  assert.equal((await kernel.run('[interrupted(), interruptSignal.aborted]')).result, '[ false, false ]');
});

test('a second stop ends what does not end by the first', options, async () => {
  const cell = kernel.execute(`interrupted(); console.log("begun"); while (true) ${PAUSE}`);
  await cell.seen((messages) => messages.some(({ content }) => content.text === 'begun\n'));
  await byMessage();
  await cell.seen((messages) => messages.some(({ content }) => String(content.text).startsWith('stopping after')));
  await byMessage();
  assert.equal((await cell.done).reply.ename, 'Interrupted');
  await isWell();
});

test('a loop that is stopped leaves what it had reached', { timeout: 120_000 }, async () => {
  await kernel.run('let n = 0, half = 0, list = [0], word = ""; const truth = { n: 0 }; const fixed = [1, 2]');
  const begun = 'console.log("begun"); ';
  const spin = 'const spin = (to: number): number => { let x = 0; while (x < to) x++; return x }; ';
  // how many rounds may be lost at most: of those that call nothing one of 2,048 is noted
  const loops: [code: string, lost: number][] = [
    ['while (true) { n++; truth.n = n }', 2048],
    ['for (;;) { n++; half = n / 2; list = [n]; word = `${n}`; truth.n = n }', 2048],
    ['while (true) { for (let i = 0; i < 1e4; i++) { n += fixed[0]; half = n / 2; truth.n = n } }', 2048],
    ['while (true) { for (let i = 0; i < 100; i++) { n += fixed[0]; half = n / 2; truth.n = n } }', 100],
    [`${spin}for (;;) { n += 1; half = n / 2; list = [n]; word = String(n); truth.n = n; spin(1e7) }`, 1],
    ['for (n of (function* () { for (let k = truth.n; ; k++) yield k })()) { half = n / 2; truth.n = n }', 2048],
    ['for (const k of (function* () { for (;;) yield 1 })()) { if (n < 0) continue; n += k; truth.n = n }', 2048],
    // a pause is over before the loop is said to begin
    [`${PAUSE}; ${begun}do { n++; truth.n = n } while (true)`, 2048],
    ['for (var v = 0; ; v++) { n += 1; truth.n = n }', 2048],
  ];
  for (const press of [byMessage, bySignal]) {
    for (const [loop, lost] of loops) {
      // a signal is not heard behind an await
      if (press === bySignal && loop.startsWith(PAUSE)) continue;
      const before = Number((await kernel.run('n = truth.n')).result);
      const code = loop.includes(begun) ? loop : begun + loop;
      assert.equal((await stopped(code, press)).reply.ename, 'Interrupted', loop);
      const { result } = await kernel.run('[truth.n, truth.n - n]');
      const [, reached, behind] = /\[ (\d+), (\d+) \]/.exec(result!)!;
      assert.ok(Number(reached) > before && Number(behind) <= lost, `${loop}: ${result}`);
    }
  }
  // what has ended is left alone
  await stopped('for (let i = 0; i < 5; i++) n = i; console.log("begun"); n = 77; [1].forEach(() => { for (;;) {} })');
  assert.equal((await kernel.run('n')).result, '77');
});

test('a cell that goes on says so, and says when it has ended', options, async () => {
  const cell = kernel.execute(`const work = new Promise<void>((resolve) => setTimeout(resolve, 700))
    console.log('begun'); await work`);
  await cell.seen((messages) => messages.some(({ content }) => content.text === 'begun\n'));
  await byMessage();
  assert.match(String((await cell.done).reply.evalue), /goes on in the background/);
  const note = ({ content, parent }: Client['heard'][number]) =>
    parent === cell.id && String(content.text).includes('has ended');
  assert.ok(!kernel.heard.some(note));
  await kernel.until((heard) => heard.some(note));
});

test('a cell that will not be stopped is left, and gets nowhere', options, async () => {
  const code = `console.log("begun"); while (true) { try { ${PAUSE} } catch { /* goes on */ } }`;
  const { reply } = await stopped(code);
  assert.equal(reply.ename, 'Interrupted');
  await isWell();
});

test('a stopped cell that catches the stop gets no further, whatever it goes on by', { timeout: 120_000 }, async () => {
  const step = 'await new Promise((resolve) => setTimeout(resolve, 5))';
  const loops = [
    `while (true) { try { ${step} } catch { rounds++ } }`,
    `while (true) { try { ${step}; rounds++ } catch { ${step} } }`,
    `async function* gives() { for (;;) { ${step}; yield 1 } }
     while (true) { try { for await (const one of gives()) rounds += one } catch { rounds++ } }`,
    `async function* catches() { for (;;) { try { ${step}; yield 1 } catch { rounds++ } } }
     for await (const one of catches()) rounds += one`,
    `async function again(): Promise<void> { try { ${step} } catch { rounds++ }; await again() }; await again()`,
    `const chain = (): Promise<void> => new Promise<void>((go) => setTimeout(go, 5)).then(() => { rounds++ }).then(chain, chain)
     await chain()`,
    `import { setTimeout as sleep } from 'node:timers/promises'
     const sleeps = (): Promise<void> => sleep(5).then(() => { rounds++; return sleeps() }); await sleeps()`,
    `import { EventEmitter } from 'node:events'; const emitter = new EventEmitter()
     emitter.on('go', async () => { try { ${step} } catch { rounds++ }; emitter.emit('go') })
     emitter.emit('go'); await new Promise(() => {})`,
    `async function retries() { for (;;) { try { await (async () => { ${step} })() } catch { rounds++ } } }
     await Promise.all([retries(), retries()])`,
    `while (true) { try { for (let i = 0; i < 300; i++) await null; await new Promise(setImmediate) } catch { rounds++ } }`,
  ];
  for (const loop of loops) {
    await kernel.run('let rounds = 0');
    assert.equal((await stopped(`${PAUSE}; console.log("begun"); ${loop}`)).reply.ename, 'Interrupted', loop);
    const first = Number((await kernel.run('rounds')).result);
    assert.equal((await kernel.run(`${PAUSE}; ${PAUSE}; ${PAUSE}; rounds`)).result, String(first), loop);
  }
});

test('what a stopped cell tidies up may await, until it is stopped again', { timeout: 60_000 }, async () => {
  const never = 'await new Promise(() => {})';
  const cells = [
    `try { console.log("begun"); ${never} } finally { ${PAUSE}; console.log("tidy") }`,
    `try { console.log("begun"); ${never} } finally { for (let i = 0; i < 20; i++) ${PAUSE}; console.log("tidy") }`,
    `const waits = async (what: Promise<unknown>) => { await what }
     try { console.log("begun"); await waits(new Promise(() => {})) }
     finally { await waits(new Promise((resolve) => setTimeout(resolve, 10))); console.log("tidy") }`,
    `async function behind() { try { ${never} } finally { ${PAUSE}; ${PAUSE}; console.log("tidy") } }
     behind(); console.log("begun"); ${never}`,
    `import fs from 'node:fs'; const file = await fs.promises.open('/dev/null', 'w')
     try { console.log("begun"); ${never} } finally { await file.write('x'); await file.close(); console.log("tidy") }`,
  ];
  for (const code of cells) {
    const { reply, stdout } = await stopped(code);
    assert.equal(reply.ename, 'Interrupted');
    assert.match(stdout, /^tidy$/m, code);
  }
  const long = kernel.execute(`try { console.log("begun"); ${never} } finally { console.log("tidying"); ${never} }`);
  for (const word of ['begun', 'tidying']) {
    await long.seen((messages) => messages.some(({ content }) => String(content.text).includes(word)));
    await byMessage();
  }
  assert.equal((await long.done).reply.ename, 'Interrupted');
  await isWell();
});

test(
  'a loop that begins behind the value of its cell, or when no cell runs, is ended',
  { timeout: 120_000 },
  async () => {
    const loop = 'console.log("begun"); while (true) {}';
    const cells = [
      ...[0, 5, 10, 50, 300, 600].map((delay) => `setTimeout(() => { ${loop} }, ${delay}); 5`),
      `setImmediate(() => { ${loop} }); setImmediate(() => 0); 5`,
      `process.nextTick(() => { ${loop} }); 5`,
      `Promise.resolve().then(() => { ${loop} }); 5`,
      `new Promise((go) => setTimeout(go, 10)).then(() => { ${loop} }); 5`,
      `require('node:fs').readFile('/dev/null', () => { ${loop} }); 5`,
      'console.log("begun"); const spins = (): unknown => Promise.resolve().then(spins); setTimeout(spins, 10); 5',
      `throw Object.defineProperty(new Error(), 'cause', { get() { ${loop} } })`,
    ];
    for (const code of cells) {
      const from = kernel.heard.length;
      const cell = kernel.execute(code);
      await kernel.until((heard) => heard.slice(from).some(({ content }) => String(content.text).includes('begun')));
      await new Promise((resolve) => setTimeout(resolve, 50));
      await byMessage();
      await cell.done;
      await isWell();
    }
    // nothing of the event loop is left spinning
    const spent = 'const before = process.cpuUsage().user; await new Promise((go) => setTimeout(go, 300))';
    const { result } = await kernel.run(`${spent}; (process.cpuUsage().user - before) / 1000`);
    assert.ok(Number(result) < 150, `${result} of 300 ms`);
  },
);

test('a loop that catches what it awaits ends, wherever the stop finds it', { timeout: 120_000 }, async () => {
  const fails = 'async function fails() { throw new Error("each time") }';
  const loops = [
    'while (true) { try { await Promise.reject(1) } catch {} }',
    `${fails}; while (true) { try { await fails() } catch {} }`,
    'while (true) { try { await ({ then(_: unknown, no: any) { no(1) } } as any) } catch {} }',
    'while (true) { try { for await (const one of [Promise.reject(1)]) one } catch {} }',
    `async function* catches(): AsyncGenerator<number> { for (;;) { try { await Promise.reject(1) } catch { yield 1 } } }
     for await (const one of catches()) one`,
    `const next = () => { try { throw 1 } catch {}; Promise.reject(1).catch(() => 0); queueMicrotask(next) }
     next(); await new Promise(() => {})`,
    'for (;;) await Promise.allSettled([Promise.reject(1), Promise.reject(2)])',
    'while (true) { Promise.reject(1).catch(() => 0) }',
  ];
  for (const loop of loops) {
    for (let i = 0; i < 8; i++) {
      const run = stopped(`console.log("begun"); ${loop}`);
      const hung = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 5000));
      const ended = await Promise.race([run, hung]);
      // such a kernel hears nothing any more
      if (!ended) kernel.process.kill('SIGKILL');
      assert.equal(ended?.reply.ename, 'Interrupted', `${loop}, stop ${i + 1}`);
    }
    await isWell();
  }
});

test('cells queued behind a stopped one do not run', options, async () => {
  const first = kernel.execute(`console.log("begun"); while (!interrupted()) ${PAUSE}`);
  const second = kernel.execute('kept = 8');
  await first.seen((messages) => messages.some(({ content }) => content.text === 'begun\n'));
  await byMessage();
  assert.equal((await second.done).reply.status, 'aborted');
  await isWell();
});

test('a listener for SIGINT put up in a cell does not cost the kernel', options, async () => {
  await kernel.run('let heard = 0; process.on("SIGINT", () => heard++)');
  await stopped(`${PAUSE}; console.log("begun"); while (true) ${PAUSE}`, bySignal);
  await isWell();
  assert.equal((await kernel.run('heard')).result, '1');
  await kernel.run('process.removeAllListeners("SIGINT"); 0');
});

test(
  'a stop while a cell is compiled, or its value shown, ends the cell and not the kernel',
  { timeout: 60_000 },
  async () => {
    for (const name of ['zlib', 'http']) {
      const cell = kernel.execute(`import '${name}'; while (true) {}`);
      await cell.seen((messages) => messages.some(({ type }) => type === 'execute_input'));
      await byMessage();
      assert.equal((await cell.done).reply.ename, 'Interrupted');
    }
    const busy = 'console.log("begun"); while (true) {}';
    for (const code of [`({ toJupyter() { ${busy} } })`, `display({ async toJupyter() { await null; ${busy} } }); 1`]) {
      assert.equal((await stopped(code)).reply.ename, 'Interrupted');
      await isWell();
    }
  },
);

test('intervals, servers, threads and chains of timers end with a stopped cell', { timeout: 60_000 }, async () => {
  const code = `import http from 'node:http'; import { Worker } from 'node:worker_threads'
    let ticks = 0; setInterval(() => ticks++, 10)
    const chain = () => { ticks++; setTimeout(chain, 10) }; chain()
    const turns = () => { ticks++; setImmediate(turns) }; turns()
    const cleared = setInterval(() => undefined, 10); clearInterval(cleared)
    const server = http.createServer().listen(0)
    let threads = 1; new Worker('setInterval(() => 0, 10)', { eval: true }).once('exit', () => threads--)
    console.log("begun"); await new Promise(() => {})`;
  assert.match((await stopped(code)).stderr, /^ended with the cell: intervals \(1\), servers \(1\), threads \(1\)$/m);
  await kernel.run(`while (threads > 0) ${PAUSE}`);
  const first = (await kernel.run('ticks')).result;
  assert.equal(
    (await kernel.run(`for (let i = 0; i < 5; i++) ${PAUSE}; [ticks, server.listening]`)).result,
    `[ ${first}, false ]`,
  );
  // those of other cells go on, and a timer that a stopped cell has set is still heard
  await kernel.run('let others = 0; const interval = setInterval(() => others++, 5)');
  await stopped('let tidied = 0; setTimeout(() => tidied++, 300); console.log("begun"); await new Promise(() => {})');
  const later = `const begun = others; while (tidied === 0 || others === begun) ${PAUSE}; clearInterval(interval); tidied`;
  assert.equal((await kernel.run(later)).result, '1');
});

test('the thread that compiles imported files is none of a cell', { timeout: 60_000 }, async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stop-'));
  const file = path.join(folder, 'one.ts');
  fs.writeFileSync(file, 'export const one: number = 1;\n');
  const code = `import { one } from ${JSON.stringify(file)}; console.log('begun', one); await new Promise(() => {})`;
  assert.doesNotMatch((await stopped(code)).stderr, /ended with the cell/);
  fs.rmSync(folder, { recursive: true });
});

test('a loop ends by force also while something of an earlier cell goes on', { timeout: 60_000 }, async () => {
  await kernel.run('const going = setInterval(() => undefined, 1000)');
  const loop = 'console.log("begun"); while (true) {}';
  for (const code of [
    `await null; ${loop}`,
    `setTimeout(async () => { await null; ${loop} }, 5); await new Promise(() => {})`,
    `async function goes() { await null; await null; ${loop} }; await Promise.all([goes(), goes()])`,
  ]) {
    assert.equal((await stopped(code)).reply.ename, 'Interrupted', code);
    await isWell();
  }
  const { result } = await kernel.run('const shown = console.log("here"); clearInterval(going); 1');
  assert.equal(result, '1');
});

test('what a stopped cell waited for may be collected', { timeout: 60_000 }, async () => {
  const never = 'new Promise(() => {})';
  for (const code of [
    `for (let i = 0; i < 5000; i++) (async () => await ${never})(); console.log('begun'); await ${never}`,
    // behind so many awaits in one turn a cell is ended between two, or by force
    `for (let i = 0; i < 300; i++) await null; console.log('begun'); await ${never}`,
    `for (let i = 0; i < 300; i++) await null; console.log('begun'); for (;;) await null`,
    `await null; console.log('begun'); for (;;);`,
  ]) {
    assert.equal((await stopped(code)).reply.ename, 'Interrupted', code);
    await kernel.run("require('v8').setFlagsFromString('--expose-gc'); require('vm').runInNewContext('gc')()");
    await isWell();
  }
});

test('a stop without a running cell does nothing', options, async () => {
  await byMessage();
  await isWell();
});

test(
  'whatever is pending and whatever runs, a stop leaves the kernel and its variables',
  { timeout: 60_000 },
  async (t) => {
    const seed = Date.now() % 1_000_000;
    t.diagnostic(`seed ${seed}`);
    const random = new Random(seed);
    // while these go on, Node follows which cell each promise belongs to
    const pending = [
      'setTimeout(() => 0, 1e6); 0',
      'process.stdin; require("node:http").createServer().listen(0); 0',
      'new Promise((resolve) => setTimeout(resolve, 1e6)).then(() => 0); 0',
    ];
    const loops = [
      'for (;;) { await null }',
      'for (;;) await Promise.resolve(1).then((one) => one)',
      'async function step() { return 1 }; for (;;) await step()',
      'for (;;) await new Promise(setImmediate)',
      'for (;;) [1, 2].map(String)',
      'for (;;) await Promise.all([1, step2()]); async function step2() { await null }',
    ];
    for (const code of pending) await kernel.run(code);
    for (let i = 0; i < 12; i++) {
      // what Node does at the moment is seen by no stack that a cell prepares
      if (i === 3) await kernel.run('Error.prepareStackTrace = () => "none"; 0');
      const cell = kernel.execute(`console.log("begun"); ${loops[random.integer(loops.length)]}`);
      await cell.seen((messages) => messages.some(({ content }) => content.text === 'begun\n'));
      await new Promise((resolve) => setTimeout(resolve, random.integer(200)));
      await byMessage();
      assert.equal((await cell.done).reply.ename, 'Interrupted');
      await isWell();
    }
  },
);

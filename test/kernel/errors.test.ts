// How errors are shown: where they come from, and those that nobody awaits.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Client } from './client';

let kernel: Client;
before(async () => (kernel = await Client.start()));
after(() => kernel.stop());
const options = { timeout: 20_000 };

/** The traceback of a cell that fails. */
async function traceback(code: string): Promise<string> {
  const { errors, reply } = await kernel.run(code);
  assert.equal(errors.length, 1, code);
  assert.equal(reply.status, 'error');
  return errors[0].traceback.join('\n');
}

/** That of the first of several errors. */
async function firstTraceback(code: string): Promise<string> {
  return (await kernel.run(code)).errors[0].traceback.join('\n');
}

test('a traceback shows the cell, its line and a caret', options, async () => {
  const text = await traceback('interface Unused { a: number }\n\nconst row: { a: number }[] = []\nrow[3].a');
  assert.match(text, /^TypeError: Cannot read properties of undefined/);
  assert.match(text, /at cell \[\d+\], line 4:8\n {8}row\[3\]\.a\n {15}\^/);
});

test('it goes through functions of earlier cells', options, async () => {
  const first = await kernel.run('function fail(why: string): never {\n  throw new Error(why)\n}');
  const text = await traceback('const before = 1\nfail("deep")');
  assert.match(
    text,
    new RegExp(`at fail \\(cell \\[${first.reply.execution_count}\\], line 2:9\\)\\n +throw new Error`),
  );
  assert.match(text, /at cell \[\d+\], line 2:\d+\n +fail\("deep"\)/);
});

test('it names file and line in src', options, async () => {
  const text = await traceback("import { readSquad } from './src/squad/read'\nawait readSquad('no-such-file.json')");
  assert.match(text, /\(src\/squad\/read\.ts:\d+:\d+\)/);
  assert.match(text, /line 2:\d+\n +await readSquad/);
  assert.match(text, /^FileError: E_FILE_MISSING: no-such-file\.json/);
});

test('the line of an await is kept where the engine loses it', options, async () => {
  const code = 'const later = new Promise((_, reject) => setTimeout(() => reject(new Error("late")), 5))\nawait later';
  assert.match(await traceback(code), /line 2:1\n +await later/);
});

test("the kernel's own frames are left out", options, async () => {
  const text = await traceback('await null; [1].forEach(() => { throw new Error("inside") })');
  assert.doesNotMatch(text, /tslab|kernel[\\/]|node:|executor/);
});

test('the text of a stack has the places of cells, whatever is done with it', options, async () => {
  const caught = 'let kept; try { [1].forEach(() => { throw new Error("kept\\nlong") }) } catch (e) { kept = e }\n';
  const { result, reply } = await kernel.run(`${caught}kept.stack`);
  const place = `cell [${reply.execution_count}], line 1`;
  assert.equal(result, `Error: kept\nlong\n    at ${place}:43\n    at ${place}:21`);
  assert.equal((await kernel.run('JSON.stringify(kept.stack)')).result, JSON.stringify(result));
  // a traceback has the lines of the cell by that text alone
  for (const again of ['throw kept', 'throw structuredClone(kept)']) {
    assert.match(await traceback(again), /line 1:43\n +let kept; .*\n +\^\n/);
  }
  const trace = 'const holder: { stack?: string } = {}; Error.captureStackTrace(holder); holder.stack';
  assert.match((await kernel.run(trace)).result!, /^Error\n    at cell \[\d+\], line 1:46$/);
  const inSource = `import { readSquad } from './src/squad/read'
let missing; try { await readSquad('no.json') } catch (e) { missing = e }; missing.stack`;
  const ofFile = /\n    at readSquad \(src\/squad\/read\.ts:\d+:\d+\)\n    at cell \[\d+\], line 2:\d+$/;
  assert.match((await kernel.run(inSource)).result!, ofFile);
  const inNode = "let refused; try { require('node:fs').readFileSync({}) } catch (e) { refused = e }; refused.stack";
  assert.match(
    (await kernel.run(inNode)).result!,
    /^TypeError \[ERR_INVALID_ARG_TYPE\]: .*\n    at cell \[\d+\], line 1:/,
  );
});

test('a prepareStackTrace of a cell is asked as in Node, and gives way again', options, async () => {
  const own = 'Error.prepareStackTrace = (error, sites) => `${error.message} of ${sites[0].getTypeName() ?? "none"}`; ';
  const its = 'const its = new Error("own").stack; ';
  assert.match((await kernel.run(`${own}${its}Error.prepareStackTrace = undefined; its`)).result!, /^own of \w+$/);
  const ours = /^Error: ours\n    at cell \[\d+\], line 1:\d+$/;
  const back = 'const former = Error.prepareStackTrace; ';
  const { result } = await kernel.run(`${back}${own}${its}Error.prepareStackTrace = former; new Error("ours").stack`);
  assert.match(result!, ours);
  const sites = 'Error.prepareStackTrace = (_, sites) => sites; const sites = new Error().stack as any; ';
  const kinds =
    'Error.prepareStackTrace = former; [sites.length === 1, typeof sites[0].getFileName(), new Error("ours").stack].join()';
  assert.match((await kernel.run(`${back}${sites}${kinds}`)).result!, /^true,string,Error: ours\n    at cell/);
});

test('a prepareStackTrace of a cell is given places in cells, and nothing of the kernel', options, async () => {
  const tell =
    'site.getFunctionName() + " " + site.getLineNumber() + ":" + site.getColumnNumber() + " " + site.getFileName()';
  const code = `Error.prepareStackTrace = (_, sites) => sites.map((site) => ${tell}).join(', '); function its() {
      return new Error().stack
    }
    const text = its(); Error.prepareStackTrace = undefined; text`;
  assert.match((await kernel.run(code)).result!, /^its 2:14 (cell-\d+\.ts), \w* ?4:18 \1$/);
});

test('fields that an error has of its own are shown, as Node shows them', options, async () => {
  const own = 'class Refused extends Error { name = "Refused"; status = 42; rows = [1, 2]; get lazy() { return 1 } }';
  assert.match(
    await traceback(`${own}; throw new Refused('no', { cause: new Error('why') })`),
    /^Refused: no\n[^]*\n    \{ status: 42, rows: \[ 1, 2 \] \}\ncaused by Error: why\n/,
  );
  assert.doesNotMatch(await traceback('throw Object.assign(new Error("coded"), { code: "E_ONE" })'), /\n    \{ code/);
});

test('causes are shown, and values that are no errors', options, async () => {
  assert.match(
    await traceback('throw new Error("outer", { cause: new TypeError("inner") })'),
    /caused by TypeError: inner/,
  );
  assert.match(await traceback('throw { code: 7 }'), /thrown: \{ code: 7 \}/);
  assert.match(await traceback('throw undefined'), /thrown: undefined/);
});

test('what is no error has the place where it is thrown, and those of its awaits', options, async () => {
  const cells: [code: string, ...places: string[]][] = [
    ['1\n throw new Map([[1, 2]])', '2:2'],
    ['let first = 1\nfunction throws(): never {\n  throw { a: 1 }\n}\nthrows()', '3:3'],
    ['await null\nconst later = async () => { throw 5 }\nawait later()', '2:29', '3:1'],
    ['try {\n  throw { b: 1 }\n} catch (e) { throw e }', '2:3'],
    ['1\nawait Promise.reject(7)', '2:1'],
    ['1\nfor (let i = 0; i < 5; i++) try { await Promise.reject(8) } catch {}\nawait Promise.reject(9)', '3:1'],
  ];
  for (const [code, ...places] of cells) {
    const found = [...(await traceback(code)).matchAll(/line (\d+:\d+)/g)].map(([, place]) => place);
    assert.deepEqual(found, places, code);
  }
});

test('a type error shows the line with a caret', options, async () => {
  const { errors } = await kernel.run('const fine = 1\nconst rate: number = "fast"');
  assert.equal(errors[0].ename, 'TypeScriptError');
  assert.equal(errors[0].evalue, "TS2322: Type 'string' is not assignable to type 'number'.");
  const [, text] = /line 2:7 - error TS2322: .*\n\n([^]*)/.exec(errors[0].traceback[0]) ?? [];
  assert.equal(text, 'const rate: number = "fast"\n      ~~~~\n');
});

test('every type error of a cell is shown, syntax errors too', options, async () => {
  assert.equal((await kernel.run('const a1: number = "a"; const b1: string = 2')).errors[0].traceback.length, 2);
  assert.match(await traceback('const = 3'), /TS1134/);
});

test('cells are as strict as tslab, not stricter', options, async () => {
  const loose = [
    'function f(x) { return x }; f(3)',
    'function g(maybe?: string) { return maybe.length }; g("abc")',
    'let said; try { JSON.parse("{") } catch (error) { said = error.message }; said ? 3 : 0',
    'let x = { a: null }; x?.a?.b ?? 3',
    'function* numbers() { const got = yield 3; return got }; numbers().next().value',
  ];
  for (const code of loose) assert.equal((await kernel.run(code)).result, '3', code);
  assert.match(await traceback('const rate2: number = { a: 1 }'), /TS2322/);
  assert.match(await traceback('"text".toFixed(2)'), /TS2551|TS2339/);
  assert.match(await traceback('nowhere + 1'), /TS2304: Cannot find name 'nowhere'[^]*run that one first/);
  assert.match(await traceback('f()'), /TS2554/);
});

test('display, interrupted and the other globals have types', options, async () => {
  assert.match(await traceback('display.html(3)'), /TS2345/);
  assert.match(await traceback('const stop: string = interrupted()'), /TS2322/);
  assert.match(await traceback('interruptSignal = 3'), /TS2588/);
  assert.match(await traceback('clearOutput("now")'), /TS2345/);
});

test('a promise that rejects without await fails its cell', options, async () => {
  const direct = 'Promise.reject(new Error("direct")); 5';
  const floating = `async function train() { await new Promise((resolve) => setTimeout(resolve, 20)); throw new Error('floating') }
    train()
    console.log('passed on')`;
  for (const code of [direct, floating])
    assert.match(await traceback(code), /direct|floating.*nothing in the cell awaited/);
});

test('an error of a timer fails its cell', options, async () => {
  assert.match(await traceback('setTimeout(() => { throw new Error("timer") }, 20); null'), /Error: timer/);
});

test(
  'an error is told under its cell also where a cell has taken all listeners of the process away',
  options,
  async () => {
    const ways = [
      "process.removeAllListeners('unhandledRejection'); process.removeAllListeners('uncaughtException')",
      'process.removeAllListeners()',
      "process.on('uncaughtException', () => { throw new Error('of the listener') })",
    ];
    for (const way of ways) {
      await kernel.run(`${way}; 0`);
      assert.match(await firstTraceback('Promise.reject(new Error("rejected")); 5'), /^Error: rejected \(nothing in/);
      assert.match(
        await firstTraceback('setTimeout(() => { throw new Error("timed") }, 5); 5'),
        /^Error: timed \(nothing/,
      );
    }
    const own = 'let own = 0; process.once("unhandledRejection", () => { own++ }); Promise.reject(1); 5';
    await firstTraceback(own);
    assert.equal((await kernel.run('process.removeAllListeners(); own')).result, '1');
  },
);

test('an error of a cell that had ended is shown under it and fails the next', options, async () => {
  const first = kernel.execute('setTimeout(() => { throw new Error("much later") }, 1500); null');
  const { reply } = await first.done;
  assert.equal(reply.status, 'ok');
  const next = await kernel.run('await new Promise((resolve) => setTimeout(resolve, 1600)); let whole = 4; whole');
  const late = kernel.heard.find(({ type, parent }) => type === 'error' && parent === first.id);
  assert.equal(late?.content.evalue, 'much later');
  assert.equal(next.result, '4');
  assert.equal(next.reply.ename, 'BackgroundError');
  assert.match(String(next.reply.evalue), new RegExp(`cell \\[${reply.execution_count}\\] failed after .*much later`));
  assert.equal((await kernel.run('whole')).reply.status, 'ok');
});

test('a rejection that is handled in time is none', options, async () => {
  const code = 'const risky = Promise.reject(new Error("expected")); try { await risky } catch { /* expected */ }; 1';
  assert.equal((await kernel.run(code)).reply.status, 'ok');
});

test('whatever is thrown is told, and the kernel goes on', { timeout: 60_000 }, async () => {
  const hostile = 'new Proxy({}, { get() { throw 1 }, has() { throw 2 }, getPrototypeOf() { throw 3 } })';
  const cells: [code: string, told: RegExp][] = [
    ['const own = new Error("own"); own.cause = own; throw own', /^Error: own\n[^]*\ncaused by what is shown above$/],
    [
      'const one = new Error("one"), two = new Error("two", { cause: one }); one.cause = two; throw one',
      /^Error: one\n[^]*\ncaused by Error: two\n[^]*\ncaused by what is shown above$/,
    ],
    ['const all = new AggregateError([]); all.errors.push(all); throw all', /^error 1 of 1: what is shown above$/m],
    [
      'let chain = new Error("first"); for (let i = 0; i < 1e4; i++) chain = new Error("next", { cause: chain }); throw chain',
      /^and further errors, which are not shown$/m,
    ],
    [
      'throw new (class extends Error { get message(): string { throw 1 } })()',
      /^Error: \(its message cannot be read\)/,
    ],
    ['throw new (class extends Error { get name(): string { throw 1 } })("named")', /^Error: named/],
    ['throw new (class extends Error { get stack(): string { throw 1 } })("bare")', /^Error: bare/],
    ['throw Object.defineProperty(new Error("reason"), "cause", { get() { throw 1 } })', /^Error: reason/],
    ['throw Object.assign(new Error(), { message: Symbol("m"), name: {}, stack: Object.create(null) })', /Symbol\(m\)/],
    ['throw Object.setPrototypeOf(new Error("orphan"), null)', /^Error: orphan/],
    [`throw ${hostile}`, /^thrown: /],
    [`throw new Error("outer", { cause: ${hostile} })`, /\ncaused by thrown: /],
    [
      'const revoked = Proxy.revocable(new Error(), {}); revoked.revoke(); throw revoked.proxy',
      /^thrown: <Revoked Proxy>/,
    ],
    ['throw { [Symbol.for("nodejs.util.inspect.custom")]() { throw 1 } }', /^thrown: \{/],
    ['throw new Error("long".repeat(1e6))', /^Error: (long)+… \(3900000 more characters\)/],
    [`setTimeout(() => { throw ${hostile} }, 5); 1`, /^thrown: .*nothing in the cell/],
    [`Promise.reject(${hostile}); 1`, /^thrown: .*nothing in the cell/],
    [`display({ toJupyter() { throw ${hostile} } })`, /^thrown: /],
    [`display({ async toJupyter() { throw ${hostile} } })`, /^thrown: /],
    [`({ get toJupyter() { throw ${hostile} } })`, /^thrown: /],
    ['const meta: any = {}; meta.meta = meta; display(1, { metadata: meta })', /^TypeError: Converting circular/],
    ['Error.prepareStackTrace = () => { throw 1 }; throw new Error("unprepared")', /^Error: unprepared/],
    ['setTimeout(() => { throw new Error("unprepared") }, 5); 1', /^Error: unprepared/],
    ['Error.prepareStackTrace = undefined; throw 1', /^thrown: 1/],
  ];
  for (const [code, told] of cells) assert.match(await traceback(code), told, code);
  for (const metadata of ['{ big: 1n }', '{ call: () => 1 }']) {
    assert.equal((await kernel.run(`display(1, { metadata: ${metadata} }); 2`)).result, '2');
  }
  const own = await kernel.run('const shown = new Error("shown"); shown.cause = shown; shown');
  assert.match(own.result!, /^Error: shown\n[^]*\ncaused by what is shown above$/);
});

test(
  'a long text that is thrown is told in short, and any other plain value as it is',
  { timeout: 60_000 },
  async () => {
    for (const code of ['throw "s".repeat(3e7)', 'throw new Error("s".repeat(3e7))']) {
      const told = await traceback(code);
      assert.match(told, /299\d{5} more characters/);
      assert.ok(told.length < 101_000, `${told.length} characters`);
    }
    for (const plain of ['-0', 'NaN', '7n', 'null', 'true', "''"]) {
      assert.equal((await traceback(`throw ${plain}`)).split('\n')[0], `thrown: ${plain}`);
    }
  },
);

test('a JavaScript cell with types is told what it wrote, and nothing else', { timeout: 60_000 }, async () => {
  const javascript = await Client.start({ isJavaScript: true });
  try {
    const { errors } = await javascript.run('interface X { a: number }');
    assert.equal(errors[0].traceback.length, 1, errors[0].traceback.join('\n'));
    assert.match(errors[0].traceback[0], /line 1:/);
  } finally {
    await javascript.stop();
  }
});

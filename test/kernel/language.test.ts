// Which language cells have: TypeScript of today, with what a notebook allows beyond a file.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Client } from './client';

let kernel: Client;
before(async () => (kernel = await Client.start()));
after(() => kernel.stop());
const options = { timeout: 60_000 };

/** Runs cells one after the other and gives the last one's result. */
async function last(...cells: string[]): Promise<string | undefined> {
  let result: string | undefined;
  for (const cell of cells) {
    const run = await kernel.run(cell);
    assert.deepEqual(run.errors, [], cell);
    result = run.result;
  }
  return result;
}

test('cells are TypeScript 6.0.3', options, async () => {
  const { language_info: info } = await kernel.ask('kernel_info_request');
  assert.equal((info as { version: string }).version, '6.0.3');
  // inferred type predicates came with 5.5
  assert.equal(await last('const odd: number[] = [1, undefined].filter((x) => x !== undefined); odd.length'), '1');
});

test('using, decorators, import attributes, the library of today', options, async () => {
  assert.equal(
    await last(
      'const gone: string[] = []; class Held { [Symbol.dispose]() { gone.push("gone") } }',
      '{ using held = new Held(); gone.push("in") }',
      'gone.join()',
    ),
    'in,gone',
  );
  const decorated = `const seen: string[] = []
    function note(value: unknown, context: ClassMethodDecoratorContext) { seen.push(String(context.name)) }
    class Noted { @note method() {} }
    seen.join()`;
  assert.equal(await last(decorated), 'method');
  assert.equal(await last("import own from './package.json' with { type: 'json' }; own.name"), 'spanlab');
  assert.equal(await last('[[3, 1].toSorted(), [1, 2].findLast((x) => x < 2)].join()'), '1,3,1');
});

test('what cannot be written into a declaration runs all the same', options, async () => {
  const kept = 'const Kept = class { private x = 1; get() { return this.x } }';
  assert.equal(await last(kept, 'new Kept().get()'), '1');
  assert.equal(
    await last('const make = () => { class L { private z = 1 } return L }', 'typeof new (make())()'),
    'object',
  );
});

test('export in a cell means nothing', options, async () => {
  assert.equal(await last('export const ex = 3', 'ex'), '3');
  assert.equal(
    await last(
      'export function ef() { return 4 }; export interface Ei { q: number }',
      'const ei: Ei = { q: ef() }; ei.q',
    ),
    '4',
  );
  await last("export * from 'fs'", 'export default 5');
});

test('namespaces, const enums, declare global, import =', options, async () => {
  assert.equal(await last('namespace Space { export const q = 4 }', '1', 'Space.q'), '4');
  assert.equal(await last('const enum Fixed { A = 5 }; Fixed.A', 'Fixed.A'), '5');
  await last(
    'declare global { interface Window { ours: number } }',
    'type Ours = Window["ours"]; const ours: Ours = 3',
  );
  assert.equal(await last("import files = require('fs')", 'typeof files.readFileSync'), 'function');
});

test('a variable with the name of a global is the cells’ alone', options, async () => {
  assert.equal(await last('const process = { env: 5 }; function fetch() { return 6 }', 'process.env + fetch()'), '11');
  assert.equal(
    await last('const { performance, document } = { performance: 3, document: 4 }', '({ performance, document })'),
    '{ performance: 3, document: 4 }',
  );
  // Node and packages go on with theirs
  assert.equal(
    await last("import { execFileSync } from 'node:child_process'; execFileSync('echo', ['7']).toString()"),
    '7\n',
  );
  assert.equal(await last('const __kernel = 1; await Promise.resolve(__kernel)'), '1');
});

test('functions and classes without a name are called as the cell calls them', options, async () => {
  const code = `const alert = () => 1; const Headers = class {}; let Request: any; Request = function () {}
    let Response: any; Response ??= (class {}); const { Blob = () => 1 } = {} as any
    function deco(value: any, context: any) { return value }
    @deco class File { @deco method() {} }
    let own: any; for (let i = 0; i < 3; i++) own = () => i
    [alert, Headers, Request, Response, Blob, File, own].map(({ name }) => name).join()`;
  assert.equal(await last(code.replace('\n    [alert', ';[alert')), 'alert,Headers,Request,Response,Blob,File,own');
});

test('var and functions in blocks may be declared anew', options, async () => {
  assert.equal(
    await last(
      'for (var i = 0; i < 3; i++) {}; { function inner() { return 1 } inner() }',
      'let i = 7; let inner = 2; i + inner',
    ),
    '9',
  );
});

test('sums in loops are right, whatever ends the loop', options, async () => {
  assert.equal(
    await last('let sum = 0, n = 0; for (let i = 0; i < 10; i++) { sum += i / 2; n++; if (i > 7) break }; [sum, n]'),
    '[ 18, 9 ]',
  );
  await kernel.run('let got = 0; for (;;) { got += 0.5; if (got > 2) throw new Error("enough") }');
  assert.equal(await last('got'), '2.5');
  assert.equal(
    await last(
      'let seen2 = 0; const look = () => seen2',
      'let most = 0; for (let i = 0; i < 3; i++) { seen2 += 1; most = look() }; most',
    ),
    '3',
  );
});

test('lists in loops are those of the moment, and errors call variables by their names', options, async () => {
  assert.equal(
    await last(
      'let items = [1, 2]; const swap = () => { items = [10, 20] }',
      'let got2 = 0; for (let i = 0; i < 2; i++) { got2 += items[i]; swap() }; got2',
    ),
    '21',
  );
  assert.equal(
    await last('let own = [1, 2]; let got3 = 0; for (let i = 0; i < 2; i++) { got3 += own[i]; own = [5, 6] }; got3'),
    '7',
  );
  const inner =
    'const fixed = [1, 2]; let got4 = ""; for (let i = 0; i < 2; i++) { got4 += fixed[i]; { const { fixed } = { fixed: i }; got4 += fixed } }; got4';
  assert.equal(await last(inner), '1021');
  const { errors } = await kernel.run('for (let i = 0; i < 2; i++) { fixed[i] += 1; (fixed as any).nope() }');
  assert.equal(errors[0].evalue, 'fixed.nope is not a function');
  assert.equal(
    (await kernel.run('const window: any = 1; window.nope()')).reply.evalue,
    'window.nope is not a function',
  );
});

test('what a loop assigns by a pattern or in its head is what is read', options, async () => {
  const swap = 'let a = [1, 2], b = [3, 4], c = 0; for (let i = 0; i < 3; i++) { c += a[0]; [a, b] = [b, a] }';
  assert.equal(await last(`${swap}; [a, b, c].join()`), '3,4,1,2,5');
  assert.equal(
    await last('let row = [0], all = 0; for (row of [[1], [2]]) all += row[0]; [all, row[0]].join()'),
    '3,2',
  );
  assert.equal(await last('let key = "", keys = ""; for (key in { p: 1, q: 2 }) keys += key; keys + key'), 'pqq');
  assert.equal(await last('let o = { n: 1 }; for (let i = 0; i < 3; i++) ({ n: o.n } = { n: o.n * 2 }); o.n'), '8');
});

test('loops of every kind do what they do in a file', options, async () => {
  const labelled = `let hits = 0, turns = 0
    outer: while (turns < 5) { turns++; for (const q of [1, 2, 3]) { if (q === turns) continue outer; hits += q } }
    do { hits -= 1; if (hits > 8) continue } while (hits > 5);
    [hits, turns].join()`;
  assert.equal(await last(labelled), '5,5');
  const vars = `for (var v = 0, w = 9; v < w; v++, w--) { var both = [v, w] }
    for (var [p, r] of [[1, 2], [3, 4]]) { var { process = p * r } = {} as any }
    [v, w, both, p, r, process].join()`;
  assert.equal(await last(vars), '5,4,4,5,3,4,12');
  assert.equal(
    await last('let fns: any[] = []; for (let i = 0; i < 3; i++) fns.push(() => i); fns.map((f) => f())'),
    '[ 0, 1, 2 ]',
  );
  assert.equal(await last('let document = 0; for (let i = 0; i < 4; i++) document += i; ({ document }).document'), '6');
  assert.equal(
    await last('let some: number; for (let i = 0; i < 2000; i++) some = [1][i]; some === undefined'),
    'true',
  );
});

test('a constant stays one, whatever its type is said to be', options, async () => {
  await kernel.run('const C = 1, D = { x: 1 }');
  const codes = [
    '(C as any) = 5',
    'for (let i = 0; i < 3; i++) (C as any)++',
    '(D as any) ||= 1; (C as any) += 1',
    'const grow = () => { [(C as any)] = [2] }; grow()',
    'for ((C as any) of [1, 2]) {}',
    'const document = 1; (document as any) = 2',
  ];
  for (const code of codes) {
    const { ename, evalue } = (await kernel.run(code)).errors[0];
    assert.equal(`${ename}: ${evalue}`, 'TypeError: Assignment to constant variable.', code);
  }
  assert.equal(await last('D.x = 2; [C, D.x].join()'), '1,2');
});

test('an object alone is an object, _ is the last value, null is shown', options, async () => {
  assert.equal(await last('{ a: 1 }'), '{ a: 1 }');
  assert.equal(await last('6 * 7', '_ + 1'), '43');
  assert.equal(await last('null'), 'null');
  assert.equal(await last("import _ from 'node:path'", '_.basename("a/b")'), 'b');
});

test('errors that are printed show places in cells, without frames of the kernel', options, async () => {
  await kernel.run('function boom() {\n  throw new Error("inner") }');
  const { stderr, stdout } = await kernel.run(
    'try { boom() } catch (error) { console.error(error); console.log(Object.assign(error, { code: 5 })) }',
  );
  for (const text of [stderr, stdout]) {
    assert.match(text, /at boom \(cell \[\d+\], line 2:9\)\n +at cell \[\d+\], line 1:7/);
    assert.doesNotMatch(text, /node:|kernel\/|cell-\d/);
  }
  assert.match(stdout, /code: 5/);
  assert.match((await kernel.run('console.trace("here")')).stderr, /Trace: here\n +at cell \[\d+\], line 1:9\n$/);
});

test('the errors within an AggregateError are shown', options, async () => {
  const { errors } = await kernel.run(
    'await Promise.any([Promise.reject(new Error("one")), Promise.reject(new TypeError("two"))])',
  );
  assert.match(errors[0].traceback.join('\n'), /error 1 of 2: Error: one[^]*error 2 of 2: TypeError: two/);
});

test('process.exit ends the cell, not the kernel', options, async () => {
  assert.equal((await kernel.run('process__cell = globalThis.process; 0')).reply.status, 'error');
  assert.equal((await kernel.run('globalThis.process.exit(0)')).reply.ename, 'ProcessExit');
  assert.equal(await last('8'), '8');
});

test('a stop reaches recursion, an imported loop and a native call after an await', options, async () => {
  const codes = [
    'await null; const deep = (n: number): number => (n < 2 ? n : deep(n - 1) + deep(n - 2)); console.log("begun"); deep(60)',
    'await null; console.log("begun"); /(a+)+b/.test("a".repeat(40))',
    'await null; console.log("begun"); [1].forEach(() => { while (true) {} })',
  ];
  for (const code of codes) {
    const cell = kernel.execute(code);
    await cell.seen((messages) => messages.some(({ content }) => String(content.text).includes('begun')));
    await kernel.ask('interrupt_request', {}, 'control');
    assert.equal((await cell.done).reply.ename, 'Interrupted', code);
  }
  assert.equal(await last('9'), '9');
});

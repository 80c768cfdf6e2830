// What later cells see of earlier ones.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Client } from './client';

let kernel: Client;
before(async () => (kernel = await Client.start()));
after(() => kernel.stop());
const options = { timeout: 20_000 };

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

test('a function sees the variable that a later cell changed', options, async () => {
  assert.equal(await last('let lr = 1; function show() { return lr }', 'lr = 2', 'show()'), '2');
  assert.equal(await last('lr += 5; show()'), '7');
  assert.equal(await last('function double() { lr *= 2 }', 'double(); lr'), '14');
});

test('a function sees what was declared anew', options, async () => {
  assert.equal(await last('let size = 4; const area = () => size * size', 'let size = 5', 'area()'), '25');
  assert.equal(await last('function step() { return 1 }; const twice = () => step() * 2', 'twice()'), '2');
  assert.equal(await last('function step() { return 10 }', 'twice()'), '20');
});

test('a name may change its type and its kind', options, async () => {
  assert.equal(await last('const name1 = 1', 'const name1 = "one"', 'name1.length'), '3');
  assert.equal(await last('class Thing { a = 1 }', 'function Thing() { return 2 }', 'Thing()'), '2');
  assert.equal(await last('const Thing = 3', 'Thing + 1'), '4');
});

test('a failed cell keeps what it had assigned, and nothing else', options, async () => {
  await last('let epochs = 1; let history = "old"');
  const failed = await kernel.run(
    'let epochs = 3; const best = { f1: 50 }; function why() { return epochs }; throw new Error("out of memory"); let history = 9; let neverRun = 1',
  );
  assert.equal(failed.errors[0].evalue, 'out of memory');
  assert.equal(await last('[epochs, best.f1, why(), history.length]'), '[ 3, 50, 3, 3 ]');
  assert.match((await kernel.run('neverRun')).errors[0].evalue, /Cannot find name 'neverRun'/);
});

test('a cell that fails after an await keeps its variables, types and imports', options, async () => {
  const code = `import path from 'node:path'
    interface Step { loss: number }
    const steps: Step[] = []
    for (const loss of [3, 2, 1]) { steps.push({ loss }); await null; if (loss === 2) throw new Error('nan') }`;
  assert.equal((await kernel.run(code)).errors[0].evalue, 'nan');
  assert.equal(await last('const more: Step = { loss: 0 }; path.basename("a/b") + steps.length + more.loss'), 'b20');
});

test('declared patterns reach every cell', options, async () => {
  const code = `const { a, b: [c, , ...d], e = 5, ['f']: f, ...rest } = { a: 1, b: [2, 0, 3, 4], f: 6, g: 7 } as {
    a: number; b: number[]; e?: number; f: number; g: number };`;
  assert.equal(await last(code, 'JSON.stringify([a, c, d, e, f, rest])'), '[1,2,[3,4],5,6,{"g":7}]');
  assert.equal(await last('let p = 1, q = 2; [p, q] = [q, p]; ({ a: p } = { a: 9 })', '[p, q]'), '[ 9, 1 ]');
  assert.equal(await last('({ p } = { p: 8 })', '({ p, q })'), '{ p: 8, q: 1 }');
});

test('names that hide a shared one mean their own', options, async () => {
  assert.equal(await last('let hidden = 1', 'function own(hidden: number) { return hidden }', 'own(2)'), '2');
  assert.equal(await last('{ let hidden = 3; hidden++ }', '({ hidden: 5 }).hidden + hidden'), '6');
  assert.equal(await last('[7, 8].map((hidden) => hidden)'), '[ 7, 8 ]');
});

test('functions, classes and calls are what the language says', options, async () => {
  assert.equal(await last('const arrow = () => 1; const Box = class {}; [arrow.name, Box.name]'), "[ 'arrow', 'Box' ]");
  assert.equal(
    await last('class Node1 { static root = new Node1(); self() { return Node1.root === this } }', 'Node1.root.self()'),
    'true',
  );
  assert.equal(
    await last('function self(this: unknown) { return this === undefined || this === globalThis }', 'self()'),
    'true',
  );
  assert.equal(await last('enum Mode { Train = 1, Test }', 'Mode[Mode.Test] + Mode.Train'), 'Test1');
  assert.equal(await last('const hoisted = early(); function early() { return 6 }', 'hoisted'), '6');
  assert.equal(await last('const fact = (n: number): number => (n < 2 ? 1 : n * fact(n - 1))', 'fact(5)'), '120');
});

test('a cell may await anywhere at its top', options, async () => {
  assert.equal(await last('const waited = await Promise.resolve(3)', 'waited'), '3');
  assert.equal(
    await last('const seen: number[] = []; for await (const x of [1, Promise.resolve(2)]) seen.push(x)', 'seen'),
    '[ 1, 2 ]',
  );
  assert.equal(
    await last(
      'async function* count() { yield 1; yield 2 }',
      'let sum = 0; for await (const x of count()) sum += x',
      'sum',
    ),
    '3',
  );
});

test('for await asks for steps, and closes what gives them, as in a file', options, async () => {
  const code = `const log: string[] = []
    async function* given() { try { yield 1; yield 2 } finally { await null; log.push('closed') } }
    for await (const x of given()) { log.push(String(x)); break }
    for await (const c of 'ab') log.push(c)
    function* plain() { try { yield Promise.resolve(3); yield Promise.reject(new Error('no')) } finally { log.push('shut') } }
    try { for await (const x of plain()) log.push(String(x)) } catch (error) { log.push((error as Error).message) }
    const own = { [Symbol.asyncIterator]: () => ({ n: 0, next() { return { done: this.n++ > 1, value: this.n } } }) } as any
    for await (const x of own) log.push(String(x))
    log.join()`;
  assert.equal(await last(code), '1,closed,a,b,3,shut,no,1,2');
});

test('a declaration at the end shows nothing', options, async () => {
  for (const code of ['let shown = 5', 'function f1() { return 1 }', 'class C1 {}', 'display(1)', 'undefined', ';']) {
    assert.equal((await kernel.run(code)).result, undefined, code);
  }
});

test('memory stays flat over 500 cells', { timeout: 90_000 }, async () => {
  await last(`import v8 from 'node:v8'; import vm from 'node:vm'
    v8.setFlagsFromString('--expose-gc')
    const collect = vm.runInNewContext('gc') as () => void`);
  const measure = async () => Number(await last('collect(); process.memoryUsage().heapUsed'));
  const cell = 'let counter = 0; for (let i = 0; i < 10; i++) counter += i; counter';
  for (let i = 0; i < 50; i++) await kernel.run(cell);
  const begin = await measure();
  for (let i = 0; i < 500; i++) await kernel.run(cell);
  const more = ((await measure()) - begin) / 1e6;
  assert.ok(more < 10, `${more.toFixed(1)} MB more after 500 cells`);
});

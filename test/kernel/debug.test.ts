// The debugger, by the messages that JupyterLab sends.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, afterEach, before } from 'node:test';
import { murmur2 } from '../../kernel/debug/murmur';
import type { Content } from '../../kernel/wire/message';
import { Client, ROOT } from './client';

let kernel: Client;
let seq = 0;
before(async () => (kernel = await Client.start()));
after(() => kernel.stop());
// a test that fails must not hold up the next
afterEach(() => kernel.ask('debug_request', { seq: 0, command: 'continue' }, 'control'));
const options = { timeout: 20_000 };

/** Sends a request of the Debug Adapter Protocol; answers with the body of a good answer. */
async function debug(command: string, args: Content = {}): Promise<Content> {
  const own = ++seq;
  const reply = await kernel.ask('debug_request', { type: 'request', seq: own, command, arguments: args }, 'control');
  assert.equal(reply.type, 'response');
  assert.equal(reply.request_seq, own);
  assert.equal(reply.success, true, `${command}: ${String(reply.message)}`);
  return reply.body as Content;
}

const events = (name: string) =>
  kernel.heard.filter(({ type, content }) => type === 'debug_event' && content.event === name);

/** Does something and waits until a cell is held up; why. */
async function held(begin: () => unknown): Promise<string> {
  const before = events('stopped').length;
  void begin();
  await kernel.until(() => events('stopped').length > before);
  return (events('stopped').at(-1)!.content.body as { reason: string }).reason;
}

interface Frame {
  id: number;
  name: string;
  line: number;
  source: { path: string };
}
const stack = async () => (await debug('stackTrace', { threadId: 1 })).stackFrames as Frame[];

interface Variable {
  name: string;
  value: string;
  variablesReference: number;
}
const children = async (reference: number) =>
  (await debug('variables', { variablesReference: reference })).variables as Variable[];

/** The variables that JupyterLab shows first: those of the first scope. */
async function variables(frameId: number): Promise<Variable[]> {
  const { scopes } = (await debug('scopes', { frameId })) as { scopes: { name: string; variablesReference: number }[] };
  return children(scopes[0].variablesReference);
}

const find = (list: Variable[], name: string) => list.find((variable) => variable.name === name)!;

/** Puts breakpoints on lines of a cell, as JupyterLab does; the name that the cell goes by. */
async function breakAt(code: string, ...lines: number[]): Promise<string> {
  const { sourcePath } = await debug('dumpCell', { code });
  const breakpoints = lines.map((line) => ({ line }));
  await debug('setBreakpoints', { source: { path: sourcePath }, breakpoints, sourceModified: false });
  return String(sourcePath);
}

async function start(): Promise<void> {
  await debug('initialize', { clientID: 'jupyterlab' });
  await debug('attach');
  await debug('configurationDone');
}

const CELL = `// sums squares
interface Pair { a: number; b: number }
function square(n: number): number {
  const result = n * n;
  return result;
}
const pair: Pair = { a: 3, b: 4 };
const list = [1, 2, new Map([['k', pair]])];
let sum = square(pair.a);
sum += square(pair.b);
sum`;

test('the hash is that of ipykernel', () => {
  // murmur2_x86 of ipykernel 7.4.0 with the seed 0xc70f6907
  const known = { '': 3990065800, a: 2167009006, 'x = 1': 3427300630, 'print("né 🎈")\n': 1072367103 };
  for (const [text, hash] of Object.entries(known)) assert.equal(murmur2(text, 0xc70f6907), hash, text);
});

test('kernel_info and debugInfo say that there is a debugger', options, async () => {
  assert.equal((await kernel.ask('kernel_info_request')).debugger, true);
  const info = await debug('debugInfo');
  assert.deepEqual(
    [info.isStarted, info.hashMethod, info.richRendering, info.copyToGlobals],
    [false, 'Murmur2', true, true],
  );
  const { sourcePath } = await debug('dumpCell', { code: CELL });
  const hash = murmur2(CELL, info.hashSeed as number);
  assert.equal(sourcePath, `${String(info.tmpFilePrefix)}${hash}${String(info.tmpFileSuffix)}`);
});

test('before it is started it says so', options, async () => {
  const content = { type: 'request', seq: 0, command: 'stackTrace', arguments: {} };
  const { success, message } = await kernel.ask('debug_request', content, 'control');
  assert.deepEqual([success, message], [false, 'the debugger is not started']);
});

test('a breakpoint in a cell holds it up; its stack and variables are there', options, async () => {
  await start();
  assert.equal((await debug('debugInfo')).isStarted, true);
  const file = await breakAt(CELL, 9);
  const cell = kernel.execute(CELL);
  assert.equal(await held(() => cell), 'breakpoint');
  const [frame, ...others] = await stack();
  assert.deepEqual([frame.line, frame.source.path, others.length], [9, file, 0]);
  const locals = await variables(frame.id);
  assert.equal(find(locals, 'pair').value, '{a: 3, b: 4}');
  assert.equal(find(await children(find(locals, 'pair').variablesReference), 'b').value, '4');
  const list = await children(find(locals, 'list').variablesReference);
  assert.deepEqual(
    list.slice(0, 2).map(({ value }) => value),
    ['1', '2'],
  );
  const entries = await children(find(await children(list[2].variablesReference), '[[Entries]]').variablesReference);
  assert.equal(entries.length, 1);
  assert.equal((await debug('debugInfo')).stoppedThreads!.toString(), '1');

  // into the function, one line on, and out of it again
  assert.equal(await held(() => debug('stepIn', { threadId: 1 })), 'step');
  assert.deepEqual(
    (await stack()).map(({ name, line }) => [name, line]),
    [
      ['square', 4],
      ['(cell)', 9],
    ],
  );
  await held(() => debug('next', { threadId: 1 }));
  const [inner, outer] = await stack();
  assert.equal(inner.line, 5);
  assert.deepEqual((await variables(inner.id)).map(({ name, value }) => [name, value]).slice(0, 2), [
    ['n', '3'],
    ['result', '9'],
  ]);
  assert.equal(find(await variables(outer.id), 'pair').value, '{a: 3, b: 4}');

  // an expression where the cell stands, and one that would change something
  assert.equal((await debug('evaluate', { expression: 'result + n', frameId: inner.id })).result, '12');
  const hover = {
    type: 'request',
    seq: 1,
    command: 'evaluate',
    arguments: { expression: 'sum = 1', frameId: inner.id, context: 'hover' },
  };
  assert.equal((await kernel.ask('debug_request', hover, 'control')).success, false);
  const rich = await debug('richInspectVariables', { variableName: 'pair', frameId: inner.id });
  assert.deepEqual(rich.data, { 'text/plain': '{ a: 3, b: 4 }' });
  await debug('copyToGlobals', { srcVariableName: 'result', dstVariableName: 'kept', srcFrameId: inner.id });

  // V8 holds up again at the next thing that the caller does
  await held(() => debug('stepOut', { threadId: 1 }));
  const [next] = await stack();
  assert.deepEqual([next.name, next.line], ['(cell)', 10]);
  await debug('continue', { threadId: 1 });
  const { result, errors } = await cell.done;
  assert.deepEqual([result, errors], ['25', []]);
  assert.ok(events('continued').length > 0);
});

test('between cells the variables of the notebook are there', options, async () => {
  const { variables: all } = (await debug('inspectVariables')) as { variables: Variable[] };
  assert.equal(find(all, 'sum').value, '25');
  assert.equal(find(await children(find(all, 'pair').variablesReference), 'a').value, '3');
  assert.deepEqual((await debug('richInspectVariables', { variableName: 'list' })).success, undefined);
  assert.equal((await debug('evaluate', { expression: 'kept' })).result, '9');
});

test('a function of an earlier cell holds up the cell that calls it', options, async () => {
  await breakAt(CELL, 4);
  const cell = kernel.execute('const later = square(7); later');
  await held(() => cell);
  const [frame, caller] = await stack();
  assert.deepEqual([frame.name, frame.line, caller.line], ['square', 4, 1]);
  assert.equal(find(await variables(frame.id), 'n').value, '7');
  await breakAt(CELL);
  await debug('continue', { threadId: 1 });
  assert.equal((await cell.done).result, '49');
});

test('a step goes over an await', options, async () => {
  const code = `const first = 1;
const second = await new Promise<number>((resolve) => setTimeout(() => resolve(2), 20));
const third = first + second;
third`;
  await breakAt(code, 2);
  const cell = kernel.execute(code);
  await held(() => cell);
  await held(() => debug('next', { threadId: 1 }));
  const [frame] = await stack();
  assert.equal(frame.line, 3);
  assert.equal(find(await variables(frame.id), 'second').value, '2');
  await debug('continue', { threadId: 1 });
  assert.equal((await cell.done).result, '3');
});

test('a breakpoint with a condition holds up when it is so', options, async () => {
  const code = 'let rounds = 0;\nfor (let i = 0; i < 5; i++) {\n  rounds += i;\n}\nrounds';
  const { sourcePath } = await debug('dumpCell', { code });
  await debug('setBreakpoints', { source: { path: sourcePath }, breakpoints: [{ line: 3, condition: 'i === 3' }] });
  const cell = kernel.execute(code);
  await held(() => cell);
  const [frame] = await stack();
  assert.equal(find(await variables(frame.id), 'i').value, '3');
  await debug('continue', { threadId: 1 });
  assert.equal((await cell.done).result, '10');
});

test('a breakpoint in src holds up, before the file is loaded and after', options, async () => {
  const file = path.join(ROOT, 'src', 'escape-html.ts');
  const line =
    fs
      .readFileSync(file, 'utf8')
      .split('\n')
      .findIndex((text) => text.includes('return text.replace')) + 1;
  const other = path.join(ROOT, 'src', 'engine', 'layer.ts');
  await debug('setBreakpoints', { source: { path: file }, breakpoints: [{ line }] });
  for (const code of [
    "import { escapeHtml } from './src/escape-html'; const escaped = escapeHtml('<'); escaped",
    "escapeHtml('<')",
  ]) {
    const cell = kernel.execute(code);
    await held(() => cell);
    const [frame] = await stack();
    assert.deepEqual([frame.source.path, frame.line, frame.name], [file, line, 'escapeHtml']);
    const { content } = await debug('source', { source: { path: file } });
    assert.equal(content, fs.readFileSync(file, 'utf8'));
    assert.ok((await variables(frame.id)).some(({ name, value }) => name === 'text' && value === '"<"'));
    await debug('continue', { threadId: 1 });
    assert.equal((await cell.done).result, '&lt;');
  }
  const { modules } = (await debug('modules')) as { modules: { path: string }[] };
  assert.ok(modules.some((module) => module.path === file) && !modules.some((module) => module.path === other));
  await debug('setBreakpoints', { source: { path: file }, breakpoints: [] });
});

const PLAIN = 'exports.twice = function twice(x) {\n  const y = x * 2;\n  return y;\n};\n';
const MODULE = 'export function twice(x) {\n  const y = x * 2;\n  return y;\n}\n';
const TYPED = 'export function twice(x: number): number {\n  const y: number = x * 2;\n  return y;\n}\n';
for (const [name, text] of Object.entries({
  'plain.ts': TYPED,
  'meta.ts': `${TYPED}export const url: string = import.meta.url;\n`,
  'waits.ts': `${TYPED}export const waited: number = await Promise.resolve(1);\n`,
  'module.mjs': MODULE,
  'common.cjs': PLAIN,
  'common.js': PLAIN,
})) {
  test(
    `a breakpoint in ${name} holds up the run that first loads it, and the next when it has changed`,
    options,
    async () => {
      const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'kernel-debug-'));
      const file = path.join(folder, name);
      fs.writeFileSync(file, text);
      const code = `import { twice as ${name.replace('.', '_')} } from '${file}'; ${name.replace('.', '_')}(4)`;
      for (const line of [2, 4]) {
        const { breakpoints } = await debug('setBreakpoints', { source: { path: file }, breakpoints: [{ line }] });
        assert.equal((breakpoints as { verified: boolean }[])[0].verified, true);
        const cell = kernel.execute(code);
        await held(() => cell);
        const [frame] = await stack();
        assert.deepEqual([frame.source.path, frame.line, frame.name], [file, line, 'twice']);
        await debug('continue', { threadId: 1 });
        assert.equal((await cell.done).result, '8');
        fs.writeFileSync(file, `// one line more\n// and another\n${text}`);
      }
      await debug('setBreakpoints', { source: { path: file }, breakpoints: [] });
      fs.rmSync(folder, { recursive: true });
    },
  );
}

test('exceptions hold up when that is asked for', options, async () => {
  const code = 'function fails(why: string) {\n  throw new RangeError(why);\n}\nfails("too far")';
  await debug('setExceptionBreakpoints', { filters: ['all'] });
  const cell = kernel.execute(code);
  assert.equal(await held(() => cell), 'exception');
  const [frame, caller] = await stack();
  assert.deepEqual([frame.name, frame.line, caller.line], ['fails', 2, 4]);
  assert.match(String((events('stopped').at(-1)!.content.body as Content).text), /^RangeError: too far/);
  await debug('continue', { threadId: 1 });
  assert.equal((await cell.done).reply.ename, 'RangeError');
  await debug('setExceptionBreakpoints', { filters: [] });
  assert.equal((await kernel.run(code)).reply.ename, 'RangeError');
});

test('exceptions that nothing catches hold up when only that is asked for', options, async () => {
  const CAUGHT = [
    'try { fails("sync") } catch {}',
    'try { [1].map(() => fails("callback")) } catch {}',
    'async function failsLater() {\n  await null;\n  throw new Error("later");\n}\ntry { await failsLater() } catch {}',
    'try { await Promise.all([failsLater()]) } catch {}',
    'async function handles() { try { await failsLater() } catch {} }\nawait handles()',
  ];
  const UNCAUGHT: [code: string, line: number][] = [
    ['const before = 1;\nthrow new Error("top")', 2],
    ['fails("sync")', 2],
    ['await failsLater()', 3],
    ['try {\n  await failsLater()\n} finally { before + 1 }', 3],
    ['try { throw 1 } catch {\n  throw new Error("again")\n}', 2],
    [
      'setTimeout(() => {\n  throw new Error("timer")\n}, 5);\nawait new Promise((resolve) => setTimeout(resolve, 50))',
      2,
    ],
  ];
  await kernel.run('function fails(why: string) {\n  throw new RangeError(why);\n}');
  await debug('setExceptionBreakpoints', { filters: ['uncaught'] });
  const stops = events('stopped').length;
  for (const code of CAUGHT) assert.equal((await kernel.run(code)).reply.status, 'ok', code);
  assert.equal(events('stopped').length, stops);
  for (const [code, line] of UNCAUGHT) {
    const cell = kernel.execute(code);
    assert.equal(await held(() => cell), 'exception', code);
    assert.equal((await stack())[0].line, line, code);
    await debug('continue', { threadId: 1 });
    assert.equal((await cell.done).reply.status, 'error', code);
  }
  await debug('setExceptionBreakpoints', { filters: [] });
});

test('a cell goes on with the breakpoints that were asked for before', options, async () => {
  const code = 'let times = 0;\nfor (let i = 0; i < 3; i++) {\n  times++;\n}\ntimes';
  const sourcePath = await breakAt(code, 3, 5);
  const cell = kernel.execute(code);
  await held(() => cell);
  // JupyterLab waits for no answer in between
  const [set] = [debug('setBreakpoints', { source: { path: sourcePath }, breakpoints: [] }), debug('continue')];
  await set;
  assert.equal((await cell.done).result, '3');
});

test('a cell that is held up can be stopped, and the next is held up again', options, async () => {
  const code = 'let turns = 0;\nwhile (true) {\n  turns++;\n}';
  await breakAt(code, 3);
  for (const time of [1, 2]) {
    const cell = kernel.execute(code);
    await held(() => cell);
    await kernel.ask('interrupt_request', {}, 'control');
    assert.equal((await cell.done).reply.ename, 'Interrupted', `${time}`);
    // how far the loop gets between going on and its end is anybody's guess; its variable is kept
    assert.match((await kernel.run('turns')).result ?? '', /^\d+$/);
  }
});

test('when the debugger is closed nothing holds up any more', options, async () => {
  await debug('disconnect', { restart: false, terminateDebuggee: true });
  assert.equal((await kernel.run(CELL)).result, '25');
  assert.deepEqual((await debug('debugInfo')).breakpoints, []);
  await start();
  await breakAt(CELL, 10);
  const cell = kernel.execute(CELL);
  await held(() => cell);
  await debug('disconnect', { restart: false, terminateDebuggee: true });
  assert.equal((await cell.done).result, '25');
});

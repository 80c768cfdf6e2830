// The messages of Jupyter's protocol, beyond what jupyter_kernel_test looks at.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import test, { after, before } from 'node:test';
import { Client, freePorts } from './client';

let kernel: Client;
before(async () => (kernel = await Client.start()));
after(() => kernel.stop());
const options = { timeout: 60_000 };

test('kernel_info says what the kernel is, on both channels', options, async () => {
  for (const channel of ['shell', 'control'] as const) {
    const info = await kernel.ask('kernel_info_request', {}, channel);
    assert.equal(info.status, 'ok');
    assert.equal(info.protocol_version, '5.5');
    assert.equal((info.language_info as { name: string }).name, 'typescript');
  }
});

test('a cell begins with busy and execute_input and ends with idle', options, async () => {
  const { messages, reply } = await kernel.run('1 + 1');
  assert.deepEqual(
    messages.map(({ type }) => type),
    ['status', 'execute_input', 'execute_result', 'status'],
  );
  assert.equal(messages[1].content.execution_count, reply.execution_count);
  assert.equal(messages[2].content.execution_count, reply.execution_count);
});

test('the last expression is an execute_result and not printed', options, async () => {
  const { result, stdout } = await kernel.run('({ a: 1 })');
  assert.equal(result, '{ a: 1 }');
  assert.equal(stdout, '');
});

test('a failing cell sends one error, and the same in its reply', options, async () => {
  const { errors, reply } = await kernel.run('throw new RangeError("too far")');
  assert.equal(errors.length, 1);
  assert.equal(errors[0].ename, 'RangeError');
  assert.equal(errors[0].evalue, 'too far');
  assert.equal(reply.status, 'error');
  assert.equal(reply.ename, 'RangeError');
});

test('prints and displays come in their order', options, async () => {
  const { messages } = await kernel.run('console.log(1); display(2); console.error(3); console.log(4); 5');
  const shown = messages.map(({ type, content }) => `${type}${type === 'stream' ? ` ${content.name}` : ''}`);
  const expected = ['stream stdout', 'display_data', 'stream stderr', 'stream stdout', 'execute_result'];
  assert.deepEqual(shown.slice(2, -1), expected);
});

test('prints of a busy loop arrive before it ends, gathered, and none is lost', options, async () => {
  const { stdout, messages } = await kernel.run('for (let i = 0; i < 100_000; i++) console.log(i)');
  assert.equal(stdout, Array.from({ length: 100_000 }, (_, i) => `${i}\n`).join(''));
  const streams = messages.filter(({ type }) => type === 'stream');
  assert.ok(streams.length > 10 && streams.length < 2000, `${streams.length} messages`);
});

test('what a finished cell prints later is shown under it', options, async () => {
  const first = kernel.execute('setTimeout(() => console.log("late words"), 400); null');
  await first.done;
  await kernel.run('await new Promise((resolve) => setTimeout(resolve, 500))');
  const late = kernel.heard.find(({ content }) => content.text === 'late words\n');
  assert.equal(late?.parent, first.id);
});

test('display_data carries whole bundles and metadata, and is updated by its id', options, async () => {
  const code = `const shown = display.mime({ 'text/html': '<i>a</i>', 'text/plain': 'a' }, { isolated: true });
    shown.update('b')`;
  const { messages } = await kernel.run(code);
  const [data, update] = messages.filter(({ type }) => type.endsWith('display_data')).map(({ content }) => content);
  assert.deepEqual(data.data, { 'text/html': '<i>a</i>', 'text/plain': 'a' });
  assert.deepEqual(data.metadata, { isolated: true });
  assert.deepEqual(update.data, { 'text/plain': 'b' });
  assert.deepEqual(update.transient, data.transient);
});

test("tslab's own display works", options, async () => {
  const code = `import { display as show, newDisplay } from 'tslab'
    show.html('<b>1</b>'); const place = newDisplay(); place.text('2'); place.text('3')`;
  const { messages, reply } = await kernel.run(code);
  assert.equal(reply.status, 'ok');
  const displays = messages.filter(({ type }) => type.endsWith('display_data'));
  const shown = displays.map(({ type, content }) => [type, content.data]);
  assert.deepEqual(shown, [
    ['display_data', { 'text/html': '<b>1</b>' }],
    ['display_data', { 'text/plain': '2' }],
    ['update_display_data', { 'text/plain': '3' }],
  ]);
});

test('clearOutput waits for the next output when told to', options, async () => {
  const { messages } = await kernel.run('clearOutput(true)');
  assert.deepEqual(messages.find(({ type }) => type === 'clear_output')?.content, { wait: true });
});

test('a silent cell shows nothing and does not count', options, async () => {
  const counted = await kernel.run('1');
  const { messages, reply } = await kernel.run('console.log("unheard"); let quiet = 4; quiet', { silent: true });
  assert.deepEqual(
    messages.map(({ type }) => type),
    ['status', 'status'],
  );
  assert.equal(reply.execution_count, counted.reply.execution_count);
  assert.equal((await kernel.run('quiet')).result, '4');
});

test('cells queued behind a failure do not run when the front end asked for that', options, async () => {
  const runs = [kernel.execute('throw new Error("first")'), kernel.execute('let second = 2'), kernel.execute('1')];
  const [first, ...others] = await Promise.all(runs.map(({ done }) => done));
  assert.equal(first.reply.status, 'error');
  assert.deepEqual(
    others.map(({ reply }) => reply.status),
    ['aborted', 'aborted'],
  );
  assert.equal((await kernel.run('typeof second')).reply.status, 'error');
});

test('they run when it did not, and a cell sent after the failure runs at once', options, async () => {
  const failing = kernel.execute('throw new Error("first")', { stop_on_error: false });
  const next = kernel.execute('let third = 3; third');
  await failing.done;
  assert.equal((await next.done).result, '3');
  await kernel.run('throw new Error("again")');
  assert.equal((await kernel.run('4')).result, '4');
});

test('user expressions are answered beside the cell', options, async () => {
  const { reply } = await kernel.run('let base = 5', { user_expressions: { twice: 'base * 2', wrong: 'nothing' } });
  const { twice, wrong } = reply.user_expressions as Record<string, { status: string; data?: unknown }>;
  assert.deepEqual(twice.data, { 'text/plain': '10' });
  assert.equal(wrong.status, 'error');
});

test('questions are answered while a cell runs, which stays busy', options, async () => {
  const cell = kernel.execute('while (!interrupted()) await new Promise((resolve) => setTimeout(resolve, 5))');
  await cell.seen((messages) => messages.some(({ type }) => type === 'execute_input'));
  const reply = await kernel.ask('complete_request', { code: 'Math.sq', cursor_pos: 7 });
  assert.deepEqual(reply.matches, ['sqrt']);
  await cell.seen((messages) => messages.filter(({ content }) => content.execution_state === 'busy').length === 2);
  await kernel.ask('interrupt_request', {}, 'control');
  assert.equal((await cell.done).reply.status, 'ok');
});

test('completion and help count code points and know the names of cells', options, async () => {
  await kernel.run('/** Rate of learning. */\nlet learningRate = 0.1');
  const code = '"😀"; learn';
  const { matches, cursor_start, cursor_end } = await kernel.ask('complete_request', { code, cursor_pos: 10 });
  assert.deepEqual([matches, cursor_start, cursor_end], [['learningRate'], 5, 10]);
  const help = await kernel.ask('inspect_request', { code: 'Math.sqrt(', cursor_pos: 10, detail_level: 0 });
  const text = (help.data as Record<string, string>)['text/plain'];
  assert.match(text, /sqrt\(x: number\): number/);
  assert.match(text, /square root/);
});

test('help shows the documentation of src, examples included', options, async () => {
  const code = "import { readSquad } from './src/squad/read'; readSquad";
  const help = await kernel.ask('inspect_request', { code, cursor_pos: code.length - 3, detail_level: 0 });
  const text = (help.data as Record<string, string>)['text/markdown'];
  assert.match(text, /^```typescript\n/);
  assert.match(text, /Example:/);
  assert.doesNotMatch(text, /\* @/);
});

test('comm_info and history are answered', options, async () => {
  assert.deepEqual(await kernel.ask('comm_info_request'), { status: 'ok', comms: {} });
  await kernel.run('6 * 7');
  const request = { output: true, raw: true, hist_access_type: 'tail', n: 1 };
  const { history } = await kernel.ask('history_request', request);
  assert.deepEqual((history as unknown[][])[0][2], ['6 * 7', '42']);
});

test('a request that nobody knows is answered, on both channels', options, async () => {
  for (const channel of ['shell', 'control'] as const) {
    const { status, evalue } = await kernel.ask('teapot_request', {}, channel);
    assert.deepEqual({ status, evalue }, { status: 'error', evalue: 'this kernel does not answer teapot_request' });
  }
});

test('the use of memory and processors is told while a cell runs', options, async () => {
  const cell = kernel.execute('const until = Date.now() + 300; while (Date.now() < until);');
  const usage = await kernel.ask('usage_request', {}, 'control');
  assert.equal(usage.pid, kernel.process.pid);
  assert.ok((usage.kernel_memory as number) > 50e6 && (usage.kernel_cpu as number) > 0);
  await cell.done;
});

test('characters that are cut between two pieces of output stay whole', options, async () => {
  const code = `const bytes = Buffer.from('né 🎈'); for (const byte of bytes) process.stdout.write(Uint8Array.of(byte)); 0`;
  assert.equal((await kernel.run(code)).stdout, 'né 🎈');
});

test('shutdown ends the process, and is told to all', options, async () => {
  const other = await Client.start();
  const exit = new Promise((resolve) => other.process.once('exit', resolve));
  const busy = other.execute('while (true) {}');
  await busy.seen((messages) => messages.some(({ type }) => type === 'execute_input'));
  assert.deepEqual(await other.ask('shutdown_request', { restart: true }, 'control'), { status: 'ok', restart: true });
  await exit;
  await other.until((heard) => heard.some(({ type }) => type === 'shutdown_reply'));
  other.close();
});

test('a port that another program uses for a moment is waited for', options, async () => {
  const ports = await freePorts(5);
  const occupant = net.createServer((socket) => socket.destroy()).listen(ports[3], '127.0.0.1');
  await once(occupant, 'listening');
  const start = Client.start({ ports });
  setTimeout(() => occupant.close(), 1000);
  const late = await start;
  assert.equal((await late.run('1 + 1')).result, '2');
  await late.stop();
});

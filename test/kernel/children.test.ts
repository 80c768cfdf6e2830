// Child processes of cells: where what they print is shown, and that a stop reaches them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import test, { after, before } from 'node:test';
import { Client } from './client';

let kernel: Client;
before(async () => {
  kernel = await Client.start();
  await kernel.run(
    "import { execSync, execFileSync, spawn, spawnSync } from 'node:child_process'; import fs from 'node:fs'; import { once } from 'node:events'",
  );
});
after(() => kernel.stop());
const options = { timeout: 30_000 };

test('what a child prints on the terminal of its parent is shown under the cell', options, async () => {
  const code = `const child = spawn('sh', ['-c', 'echo né; echo oops >&2'], { stdio: 'inherit' })
    await once(child, 'close'); child.stdout`;
  const { stdout, stderr, messages } = await kernel.run(code);
  assert.deepEqual([stdout, stderr], ['né\n', 'oops\n'], JSON.stringify(messages));
});

test('also of a child that is waited for', options, async () => {
  const code = `execSync('echo one', { stdio: 'inherit' })
    execFileSync('echo', ['two'], { stdio: ['ignore', 'inherit', 'pipe'] })
    const { status, stdout } = spawnSync('sh', ['-c', 'echo three; exit 3'], { stdio: 'inherit' }); [status, stdout]`;
  const run = await kernel.run(code);
  assert.equal(run.stdout, 'one\ntwo\nthree\n', JSON.stringify(run.errors));
  assert.equal(run.result, '[ 3, null ]');
});

test('what it says on the second stream is shown, too, also when it fails', options, async () => {
  const code = `execSync('echo one; echo two >&2', { stdio: 'inherit' })
    execFileSync('sh', ['-c', 'echo three >&2'], { stdio: [0, 1, 2] })
    try { execSync('echo four >&2; exit 4', { stdio: 'inherit' }) } catch (error) { console.log(error.status, error.stderr) }`;
  const run = await kernel.run(`${code}; spawnSync('sh', ['-c', 'echo five >&2'], { stdio: 'inherit' }).stderr`);
  assert.deepEqual([run.stdout, run.stderr], ['one\n4 null\n', 'two\nthree\nfour\nfive\n'], JSON.stringify(run.errors));
  const { result, stderr } = await kernel.run(
    "execSync('echo six >&2', { stdio: ['ignore', 'pipe', 'inherit'] }).length",
  );
  assert.deepEqual([result, stderr], ['0', 'six\n']);
});

test("what is not for the terminal is the parent's to read, as ever", options, async () => {
  const code = `const quiet = spawn('echo', ['four']); let read = ''; quiet.stdout.on('data', (chunk) => { read += chunk })
    await once(quiet, 'close'); [read, execSync('echo five').toString()]`;
  const { result, stdout } = await kernel.run(code);
  assert.deepEqual([result, stdout], ["[ 'four\\n', 'five\\n' ]", '']);
});

test('what is written to the descriptors of the terminal is shown, too', options, async () => {
  const run = await kernel.run(
    "fs.writeSync(1, 'one '); fs.writeSync(2, 'two'); fs.writeSync(1, Buffer.from('xthreex'), 1, 5); 0",
  );
  assert.deepEqual([run.stdout, run.stderr], ['one three', 'two']);
});

/** Whether a process is there. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

for (const [name, code] of Object.entries({
  'a child that a cell awaits':
    "const long = spawn('sh', ['-c', 'SAY; sleep 100; true'], { stdio: 'inherit' }); await once(long, 'close')",
  'a child that a cell is held up by': "execSync('SAY; sleep 100; true')",
})) {
  test(`${name} ends when the cell is stopped, with what it has started`, options, async () => {
    const file = `/tmp/kernel-children-${process.pid}`;
    const cell = kernel.execute(code.replace('SAY', () => `echo $$ > ${file}`));
    let pid = 0;
    while (!pid) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      pid = Number(fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : 0);
    }
    fs.rmSync(file);
    await kernel.ask('interrupt_request', {}, 'control');
    assert.equal((await cell.done).reply.ename, 'Interrupted');
    const end = Date.now() + 5000;
    while (lives(pid) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(!lives(pid), `process ${pid} goes on`);
    assert.equal((await kernel.run('1')).result, '1');
  });
}

test('what does not hear of Ctrl-C, as a job in the background, is asked by another signal', options, async () => {
  const file = `/tmp/kernel-children-${process.pid}`;
  const script = `trap '' INT; trap 'echo asked > ${file}; exit' TERM; echo begun; while :; do sleep 0.05; done`;
  const cell = kernel.execute(
    `await once(spawn('sh', ['-c', ${JSON.stringify(script)}], { stdio: 'inherit' }), 'close')`,
  );
  await cell.seen((messages) => messages.some(({ content }) => String(content.text).includes('begun')));
  await kernel.ask('interrupt_request', {}, 'control');
  await cell.done;
  const end = Date.now() + 5000;
  while (!fs.existsSync(file) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(fs.existsSync(file));
  fs.rmSync(file);
});

// Cells that ask the person at the front end.
import assert from 'node:assert/strict';
import test, { after, before, beforeEach } from 'node:test';
import { Client } from './client';

let kernel: Client;
/** What the person was asked. */
let asked: string[] = [];
let question = '';
before(async () => (kernel = await Client.start()));
after(() => kernel.stop());
const options = { timeout: 20_000 };
const here = { allow_stdin: true };

/** The person gives these answers, one after the other, and then none. */
function answers(...given: string[]): void {
  asked = [];
  kernel.person = (prompt, id) => {
    asked.push(prompt);
    question = id;
    return given.shift();
  };
}
beforeEach(() => answers());

test('prompt holds the cell up until the answer is there', options, async () => {
  answers('Ada');
  assert.equal((await kernel.run('const who = prompt("name? "); `hello ${who}`', here)).result, 'hello Ada');
  assert.deepEqual(asked, ['name? ']);
});

test('an empty answer to prompt is its default', options, async () => {
  answers('', '');
  assert.equal((await kernel.run('[prompt("name?", "Ada"), prompt("name?")]', here)).result, "[ 'Ada', '' ]");
  assert.deepEqual(asked, ['name? [Ada] ', 'name?']);
});

test('confirm takes y and yes, and nothing else', options, async () => {
  answers('y', 'Yes', 'n', '');
  const code = '[1, 2, 3, 4].map((n) => confirm(`sure ${n}?`))';
  assert.equal((await kernel.run(code, here)).result, '[ true, true, false, false ]');
  assert.equal(asked[0], 'sure 1? [y/N] ');
});

test('alert waits for the person', options, async () => {
  answers('');
  assert.equal((await kernel.run('alert("look"); 1', here)).result, '1');
  assert.deepEqual(asked, ['look [Enter] ']);
});

test('readline asks its questions, in either form, and nothing in between', options, async () => {
  answers('Ada', '36', 'left over');
  const code = `import { createInterface } from 'node:readline/promises'
    import * as callbacks from 'node:readline'
    const rl = createInterface({ input: process.stdin, output: process.stdout })
    const name = await rl.question('name? ')
    await new Promise((resolve) => setTimeout(resolve, 100))
    rl.close()
    const old = callbacks.createInterface({ input: process.stdin })
    const age = await new Promise<string>((resolve) => old.question('age? ', resolve))
    old.close()
    name + ', ' + age`;
  const run = await kernel.run(code, here);
  assert.equal(run.result, 'Ada, 36', JSON.stringify(run.errors));
  assert.deepEqual(asked, ['name? ', 'age? ']);
});

test('readline that one cell opens is asked by the next', options, async () => {
  answers('Grace');
  await kernel.run("const later = createInterface({ input: process.stdin }); ''", here);
  await kernel.run('await new Promise((resolve) => setTimeout(resolve, 100))', here);
  assert.deepEqual(asked, []);
  assert.equal(
    (await kernel.run("const grace = await later.question('who? '); later.close(); grace", here)).result,
    'Grace',
  );
});

test('lines are read as they come', options, async () => {
  answers('one', 'two', 'end', 'too much');
  const code = `const lines: string[] = []
    for await (const line of createInterface({ input: process.stdin })) {
      if (line === 'end') break
      lines.push(line)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await new Promise((resolve) => setTimeout(resolve, 200)) // nobody reads any more
    lines`;
  assert.equal((await kernel.run(code, here)).result, "[ 'one', 'two' ]");
  assert.equal(asked.length, 3);
});

test('whoever reads process.stdin without readline is asked, and for no more than he takes', options, async () => {
  answers('one', 'two', 'end', 'too much');
  const loop = `const chunks: string[] = []
    for await (const chunk of process.stdin) {
      if (String(chunk) === 'end\\n') break
      chunks.push(String(chunk))
      await new Promise((resolve) => setTimeout(resolve, 60))
    }
    await new Promise((resolve) => setTimeout(resolve, 60))
    chunks`;
  assert.equal((await kernel.run(loop, here)).result, "[ 'one\\n', 'two\\n' ]");
  assert.equal(asked.length, 3);
  answers('first', 'second', 'third', 'too much');
  const once = "String(await new Promise((resolve) => process.stdin.once('data', resolve)))";
  assert.equal((await kernel.run(once, here)).result, 'first\n');
  const readable = `await new Promise<string>((resolve) => process.stdin.once('readable', () => resolve(String(process.stdin.read()))))`;
  assert.equal((await kernel.run(readable, here)).result, 'second\n');
  const piped = `import { PassThrough } from 'node:stream'; const through = new PassThrough(); process.stdin.pipe(through)
    const [got] = await require('node:events').once(through, 'data'); process.stdin.unpipe(); String(got)`;
  assert.equal((await kernel.run(piped, here)).result, 'third\n');
  assert.equal(asked.length, 3);
});

test(
  'a cell that leaves somebody reading waits for his line; later cells are asked for their own',
  options,
  async () => {
    answers('mine');
    assert.equal(
      (await kernel.run("process.stdin.once('data', (chunk) => console.log('got', String(chunk))); ''", here)).stdout,
      'got mine\n\n',
    );
    answers('Ada', '36');
    const nested = `import * as old from 'node:readline'; const asking = old.createInterface({ input: process.stdin })
    asking.question('name? ', (name) => asking.question('age? ', (age) => { console.log(name, age); asking.close() }))`;
    assert.equal((await kernel.run(nested, here)).stdout, 'Ada 36\n');
    answers();
    const left = kernel.execute(
      "process.stdin.on('data', () => console.log('taken')); process.stdin.once('end', () => 0)",
      here,
    );
    while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await kernel.ask('interrupt_request', {}, 'control');
    assert.equal((await left.done).reply.ename, 'Interrupted');
    answers('for the question');
    const next = await kernel.run("await createInterface({ input: process.stdin }).question('next? ')", here);
    assert.deepEqual([next.result, next.stdout, asked], ['for the question', '', ['next? ']]);
  },
);

test('whoever reads or waits for the end where nobody answers hears so', options, async () => {
  for (const code of [
    "await new Promise((resolve) => process.stdin.once('data', resolve))",
    "await new Promise((resolve) => process.stdin.once('end', resolve))",
    "await new Promise((resolve) => process.stdin.resume().once('end', resolve))",
    "process.stdin.on('data', () => 0); ''",
    'for await (const chunk of process.stdin) chunk',
    "await require('node:events').once(process.stdin, 'end')",
    "(await import('node:stream/consumers')).text(process.stdin)",
  ]) {
    const { reply } = await kernel.run(code, { allow_stdin: false });
    assert.equal(reply.ename, 'NoInput', `${code} ${JSON.stringify(reply)}`);
  }
});

test('where the front end asks nobody, an error says what to do', options, async () => {
  const question =
    "const r = createInterface({ input: process.stdin }); try { await r.question('name? ') } finally { r.close() }";
  for (const code of ['prompt("name?")', 'confirm("sure?")', question]) {
    const { reply } = await kernel.run(code, { allow_stdin: false });
    assert.equal(reply.ename, 'NoInput', code);
    assert.match(String(reply.evalue), /E_NO_INPUT: nobody can be asked here.*allow_stdin is false/);
  }
  const loop = 'for await (const line of createInterface({ input: process.stdin })) line';
  assert.equal((await kernel.run(loop, { allow_stdin: false })).reply.ename, 'NoInput');
  answers('again');
  assert.equal((await kernel.run('prompt("now?")', here)).result, 'again');
});

test("a cell that waits for an answer can be stopped, and the late answer is nobody's", options, async () => {
  const line = "await createInterface({ input: process.stdin }).question('q? ')";
  for (const code of ['prompt("name?")', line]) {
    answers();
    const cell = kernel.execute(code, here);
    while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await kernel.ask('interrupt_request', {}, 'control');
    assert.equal((await cell.done).reply.ename, 'Interrupted', code);
    const late = question;
    const next = kernel.execute('prompt("next?")', here);
    while (question === late) await new Promise((resolve) => setTimeout(resolve, 5));
    kernel.reply('too late', late);
    kernel.reply('in time', question);
    assert.equal((await next.done).result, 'in time');
  }
});

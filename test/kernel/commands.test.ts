// What people who come from IPython write.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { adviseCommand } from '../../kernel/commands';
import { Client } from './client';

let kernel: Client;
before(async () => (kernel = await Client.start()));
after(() => kernel.stop());
const options = { timeout: 30_000 };

/** What a cell with a command of IPython is told to write. */
function advised(code: string): string {
  const advice = adviseCommand(code);
  assert.match(advice!, /is a command of IPython\. Here write/);
  return advice!.split('\n\n')[1].trim();
}

for (const code of ['!echo "it\'s here"', '%pwd', '%%html\n<b>7</b>\n<i>`8`</i>', '%timeit 1 + 1', '%env HOME']) {
  test(`what is advised for ${JSON.stringify(code)} runs`, options, async () => {
    const failed = await kernel.run(code);
    assert.equal(failed.errors[0].ename, 'NotTypeScript');
    assert.equal(failed.reply.evalue, failed.errors[0].evalue);
    const { errors } = await kernel.run(advised(code));
    assert.deepEqual(errors, []);
  });
}

test('what it prints is what the command prints', options, async () => {
  assert.equal((await kernel.run(advised('!echo it'))).stdout, 'it\n\n');
});

test('a question is told where help is', () => {
  for (const code of ['?display', 'display?', 'display.html??']) assert.match(adviseCommand(code)!, /press Shift-Tab/);
});

test('TypeScript that looks like a command is none', options, async () => {
  assert.equal((await kernel.run('const ls = false\n!ls')).result, 'true');
  assert.equal(adviseCommand('const a = b\n  ? 1\n  : 2'), undefined);
  const { errors } = await kernel.run("const wrong: number = 'text'");
  assert.equal(errors[0].ename, 'TypeScriptError');
});

// The same servers where people meet them: python3 -m http.server before the command, and a server that closes before a notebook.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { Random } from '../../src/engine/random';
import { spanlab } from '../cli/run';
import { Client } from '../kernel/client';
import { BadServer, BEHAVIOURS } from './bad-server';
import { contentOf } from './downloads';

const temporary = () => fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-places-'));

test('the command fetches from python3 -m http.server', async () => {
  const [served, out] = [temporary(), temporary()];
  const content = contentOf(100_000, new Random(1));
  fs.writeFileSync(path.join(served, 'f'), content);
  const args = ['-u', '-m', 'http.server', '0', '--bind', '127.0.0.1'];
  const python = spawn('python3', args, { cwd: served, stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const [, port] = await new Promise<RegExpExecArray>((resolve) =>
      python.stdout.on('data', (text: Buffer) => {
        const found = /port (\d+)/.exec(text.toString());
        if (found) resolve(found);
      }),
    );
    const { code, stderr } = await spanlab(['download', `http://127.0.0.1:${port}/f`, '--out', out]);
    assert.equal(code, 0, stderr);
    assert.ok(fs.readFileSync(path.join(out, 'f')).equals(content));
  } finally {
    python.kill();
  }
});

test(
  'a notebook lives on after servers that close, cut and lie, and after its machine slept',
  { timeout: 300_000 },
  async () => {
    const server = await new BadServer().start();
    const random = new Random(2);
    const content = contentOf(300_000, random);
    const kernel = await Client.start();
    try {
      await kernel.run(`import { fetchFile } from './src/download/file'; let fetched = 0`);
      const names = ['Connection: close', 'HTTP/1.0, as python3 -m http.server', 'no length, ended by closing', 'cut twice', 'gzip, cut twice']; // prettier-ignore
      for (const [i, name] of names.entries()) {
        server.act(BEHAVIOURS[name], { content, random });
        const target = path.join(temporary(), 'f');
        const call = `await fetchFile('${server.url}/f', ${JSON.stringify(target)}, { backoff: 1 }); ++fetched`;
        const cell = await kernel.run(call);
        assert.deepEqual([cell.errors, cell.result], [[], String(i + 1)], name);
        assert.ok(fs.readFileSync(target).equals(content), name);
      }
      server.act(BEHAVIOURS['no HTTP'], { content, random });
      const refused = await kernel.run(`await fetchFile('${server.url}/f', '${temporary()}/f', { backoff: 1 })`);
      assert.equal(refused.errors.length, 1);
      assert.match(refused.errors[0].evalue, /tries/);
      kernel.process.kill('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      kernel.process.kill('SIGCONT');
      assert.equal((await kernel.run('fetched')).result, String(names.length));
    } finally {
      await kernel.stop();
      server.close();
    }
  },
);

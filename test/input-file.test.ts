// What people name instead of a file: folders, devices, sockets, pipes with and without a program at their other end.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { importData } from '../src/squad/import';
import { writeAtomically } from '../src/staged-file';
import { readText } from '../src/text-file';
import { readOptionsFile } from '../src/training/options';
import { smallModel } from './cli/small-model';

const skip = process.platform === 'win32' && 'Windows has no such files';
const ROOT = path.resolve(__dirname, '..');
const DEV = path.join(ROOT, 'data', 'workshop', 'dev.json');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
const place = (name: string) => path.join(folder, name);
const server = net.createServer();

before(async () => {
  if (skip) return;
  execFileSync('sh', ['-c', 'mkfifo "$0"', place('pipe')]);
  await new Promise<void>((resolve) => server.listen(place('socket'), resolve));
});
after(() => server.close());

const NO_FILES: [what: string, file: string, said: RegExp][] = [
  ['a device without end', '/dev/zero', /this is a device, which has no end/],
  ['a pipe without a program', place('pipe'), /nothing comes out of this pipe/],
  ['a socket', place('socket'), /this is no regular file/],
  ['a folder', folder, /this is a folder/],
];

for (const [what, file, said] of NO_FILES) {
  test(`${what} is no file to read, which is said at once`, { skip, timeout: 20_000 }, () => {
    for (const read of [importData, readText, readOptionsFile]) {
      assert.throws(
        () => read(file),
        (error: Error & { code: string }) => {
          assert.equal(error.code, 'E_FILE');
          assert.match(error.message, said);
          return error.message.startsWith(`${file}: `);
        },
      );
    }
  });
}

test('no file takes the place of a folder, a pipe, a socket or a standard stream', { skip }, () => {
  for (const name of ['pipe', 'socket', '.']) {
    const before = fs.statSync(place(name));
    assert.throws(() => writeAtomically(place(name), 'text'), { code: 'E_FILE' });
    assert.equal(fs.statSync(place(name)).ino, before.ino);
  }
  assert.throws(() => writeAtomically('/dev/stdout', 'text'), { code: 'E_FILE' });
  assert.deepEqual(fs.readdirSync(folder).sort(), ['pipe', 'socket']);
});

test(
  'what another program writes is read: <(…), standard input, a named pipe',
  { skip, timeout: 300_000 },
  async () => {
    const spanlab = `${process.execPath} ${path.join(ROOT, 'src', 'cli', 'bin.cjs')}`;
    const run = (script: string) => {
      const done = spawnSync('bash', ['-c', script], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
      assert.equal(done.status, 0, done.stderr);
      return done.stdout;
    };
    const expected = importData(DEV).records.length;
    for (const script of [
      `${spanlab} data check <(sleep 0.3; cat ${DEV}) --json`,
      `cat ${DEV} | ${spanlab} data check - --json`,
      `cat ${DEV} | ${spanlab} data check /dev/stdin --json`,
      `${spanlab} data check /dev/stdin --json < ${DEV}`,
      `(cat ${DEV} > ${place('pipe')} &) ; ${spanlab} data check ${place('pipe')} --json`,
    ]) {
      assert.equal((JSON.parse(run(script)) as { questions: number }).questions, expected, script);
    }
    const model = await smallModel();
    const options = '--steps 1 --batch 2 --max-length 64';
    run(`${spanlab} train --model ${model} --train <(cat ${DEV}) --out ${place('run')} ${options}`);
    const hash = run(`sha256sum < ${DEV}`).slice(0, 64);
    const { data } = JSON.parse(fs.readFileSync(path.join(place('run'), 'run.json'), 'utf8')) as {
      data: { train: string };
    };
    assert.equal(data.train, hash);
  },
);

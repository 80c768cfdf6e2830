// One process at a time in a folder: who holds it is said, and what a killed process leaves counts for nothing.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { beforeEach } from 'node:test';
import { awaitFolder, lockFolder } from '../src/folder-lock';

let folder: string;
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-lock-'))));
const file = () => path.join(folder, '.spanlab.lock');
const left = () => fs.readdirSync(folder);
const owner = () => JSON.parse(fs.readFileSync(file(), 'utf8'));
const rewrite = (change: object) => fs.writeFileSync(file(), JSON.stringify({ ...owner(), ...change }));

/** A process that takes the folder, says so, and goes on until it is killed. */
async function holder(): Promise<{ pid: number; kill: () => Promise<void> }> {
  const script = `
    const { lockFolder } = require(${JSON.stringify(path.resolve(__dirname, '../src/folder-lock'))});
    lockFolder(${JSON.stringify(folder)}, 'training');
    process.stdout.write('held');
    setInterval(() => 0, 1000);`;
  const child = spawn(process.execPath, ['--import', require.resolve('tsx'), '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return { pid: child.pid!, kill: async () => (child.kill('SIGKILL'), gone) };
}

test('a second one is refused and told who holds it; released, the folder is free and clean', () => {
  const lock = lockFolder(path.join(folder, 'new'), 'training');
  folder = path.join(folder, 'new');
  assert.ok(lock.isHeld());
  const message = new RegExp(`new: in use \\(training, process ${process.pid} on .*, since 20.*this very process`);
  assert.throws(() => lockFolder(folder, 'sweep'), { code: 'E_FOLDER_BUSY', message });
  lock.release();
  assert.deepEqual([left(), lock.isHeld()], [[], false]);
  lockFolder(folder, 'again').release();
});

test('another process is named, and once it was killed its lock counts for nothing', async () => {
  const other = await holder();
  assert.throws(() => lockFolder(folder, 'x'), {
    code: 'E_FOLDER_BUSY',
    message: new RegExp(`training, process ${other.pid} on`),
  });
  let told = '';
  const waiting = awaitFolder(folder, 'x', { onWait: (problem) => (told = problem) });
  await other.kill();
  const lock = await waiting;
  assert.match(told, /in use/);
  lock.release();
  assert.deepEqual(left(), []);
});

test('a lock that came with a copy of its folder says what to do', async () => {
  const other = await holder();
  const copy = `${folder}-copy`;
  fs.cpSync(folder, copy, { recursive: true });
  const message = new RegExp(`process ${other.pid} on .*if the folder is a copy .* delete .*-copy/\\.spanlab\\.lock`);
  assert.throws(() => lockFolder(copy, 'x'), { code: 'E_FOLDER_BUSY', message });
  assert.throws(() => lockFolder(folder, 'x'), { message: /wait until it is done/ });
  await other.kill();
  lockFolder(copy, 'x').release();
});

test(
  'a process that got the number of a dead one does not hold its lock',
  { skip: process.platform !== 'linux' && 'no start times' },
  () => {
    lockFolder(folder, 'training');
    rewrite({ pid: process.ppid, started: '1' });
    lockFolder(folder, 'x').release();
    lockFolder(folder, 'training');
    rewrite({ pid: process.ppid, boot: 'another' }); // the machine was started anew
    lockFolder(folder, 'x').release();
  },
);

test('on a shared disk it is honest: another machine or container cannot be seen from here', () => {
  for (const change of [
    { host: 'other' },
    { machine: 'other', boot: 'other' },
    { namespace: 'pid:[1]', pid: 999_999 },
  ]) {
    const lock = lockFolder(folder, 'training');
    rewrite(change);
    const message = /whether it still runs cannot be seen from here; if it does not, delete .*\.spanlab\.lock/;
    assert.throws(() => lockFolder(folder, 'x'), { code: 'E_FOLDER_BUSY', message });
    fs.rmSync(file());
    assert.equal(lock.isHeld(), false);
    lock.release();
  }
});

test('what is no lock is one only while it is young', () => {
  fs.writeFileSync(file(), '');
  assert.throws(() => lockFolder(folder, 'x'), { code: 'E_FOLDER_BUSY' });
  fs.utimesSync(file(), 1, 1);
  lockFolder(folder, 'x').release();
});

test('releasing what another has taken over leaves the other its lock', () => {
  const lock = lockFolder(folder, 'training');
  rewrite({ id: 'of another' });
  assert.equal(lock.isHeld(), false);
  lock.release();
  assert.equal(owner().id, 'of another');
  assert.deepEqual(left(), ['.spanlab.lock']);
});

test('of many that come at once, one gets it', async () => {
  // all find the lock of a dead process
  lockFolder(folder, 'dead');
  rewrite({ pid: 999_999 });
  const script = `
    const { lockFolder } = require(${JSON.stringify(path.resolve(__dirname, '../src/folder-lock'))});
    while (Date.now() < Number(process.argv[1]));
    try { lockFolder(${JSON.stringify(folder)}, 'x'); process.stdout.write('1'); } catch (error) { process.stdout.write(error.code === 'E_FOLDER_BUSY' ? '0' : String(error)); }
    setTimeout(() => 0, 3000);`;
  const at = String(Date.now() + 4000);
  const outcomes = await Promise.all(
    Array.from({ length: 6 }, () => {
      const child = spawn(process.execPath, ['--import', require.resolve('tsx'), '-e', script, at], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      return new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
    }),
  );
  assert.deepEqual(outcomes.sort(), ['0', '0', '0', '0', '0', '1']);
});

// Processes that are killed, processes that come together, and disks that are full: the bytes are right in the end.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before, beforeEach } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fetchFile } from '../../src/download/file';
import { withLock } from '../../src/download/lock';
import { Random } from '../../src/engine/random';
import { serve, TestServer } from './server';

const content = randomBytes(400_000);
const sha256 = createHash('sha256').update(content).digest('hex');
let server: TestServer;
let folder: string;

before(async () => void (server = await new TestServer().start()));
after(() => server.close());
beforeEach(() => void (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'))));

const url = () => `${server.url}/file`;
function fetchInChild(target: string): ChildProcess {
  const program = path.join(__dirname, 'fetch-in-child.ts');
  return spawn(process.execPath, ['--import', 'tsx', program, url(), target], { stdio: 'ignore' });
}

/** Kills a download as soon as so many bytes are on the disk. */
async function killAt(bytes: number, target: string): Promise<number> {
  const child = fetchInChild(target);
  const ended = once(child, 'exit');
  const size = () => (fs.existsSync(`${target}.part`) ? fs.statSync(`${target}.part`).size : 0);
  while (child.exitCode === null && size() < bytes) await sleep(2);
  child.kill('SIGKILL');
  await ended;
  return size();
}

test('killed at ten random places, a download ends with the same bytes', { timeout: 120_000 }, async (context) => {
  const seed = Date.now() % 1_000_000;
  context.diagnostic(`seed ${seed}`);
  const random = new Random(seed);
  // on a busy machine a process could take the last part in one go, and be done before it is killed
  server.script(serve(content, { slow: { bytes: 4_000, pause: 5, upTo: 0.9 * content.length } }));
  // five downloads, each killed on its way, and once more on the rest of its way
  const downloads = Array.from({ length: 5 }, async (_, i) => {
    const target = path.join(folder, String(i), 'file');
    const first = await killAt(1 + random.integer(content.length / 2), target);
    const second = await killAt(first + 1 + random.integer(content.length / 4), target);
    assert.ok(first > 0 && second > first && second < content.length, `${first}, ${second}`);
    return target;
  });
  const targets = await Promise.all(downloads);
  server.script(serve(content));
  await Promise.all(targets.map((target) => fetchFile(url(), target, { sha256 })));
  for (const target of targets) {
    assert.deepEqual(fs.readFileSync(target), content);
    assert.deepEqual(fs.readdirSync(path.dirname(target)), ['file']);
  }
  assert.equal(server.requests.length, 5);
  assert.ok(server.ranges.every((range) => /^bytes=[1-9]/.test(range!)));
});

test('two processes and two calls that want the same file fetch it once', { timeout: 60_000 }, async () => {
  const target = path.join(folder, 'file');
  server.script(serve(content, { slow: { bytes: 20_000, pause: 20 } }));
  const children = [fetchInChild(target), fetchInChild(target)];
  const codes = children.map(async (child) => ((await once(child, 'exit')) as [number])[0]);
  while (server.requests.length === 0) await sleep(5); // one of them is at it
  await Promise.all([fetchFile(url(), target), fetchFile(url(), target)]);
  assert.deepEqual(await Promise.all(codes), [0, 0]);
  assert.equal(server.requests.length, 1);
  assert.deepEqual(fs.readFileSync(target), content);
  assert.deepEqual(fs.readdirSync(folder), ['file']);
});

test('an interruption at the moment when the lock is taken is heard', async () => {
  server.script(serve(content, { slow: { bytes: 1, pause: 60_000 } }));
  const interrupt = new AbortController();
  const fetching = fetchFile(url(), path.join(folder, 'file'), { signal: interrupt.signal });
  interrupt.abort(new Error('stopped')); // the lock is a folder, and its making is under way
  await assert.rejects(fetching, { message: 'stopped' });
});

test('a wait for another process can be interrupted; a lock left behind is taken', async () => {
  const lock = path.join(folder, 'file.lock');
  fs.mkdirSync(lock);
  const work = () => Promise.resolve('worked');
  await assert.rejects(withLock(lock, AbortSignal.timeout(50), work), { name: /TimeoutError|AbortError/ });
  const sixSecondsAgo = new Date(Date.now() - 6_000);
  fs.utimesSync(lock, sixSecondsAgo, sixSecondsAgo);
  assert.equal(await withLock(lock, undefined, work), 'worked');
  assert.deepEqual(fs.readdirSync(folder), []);
});

test('a process that stood still and lost its lock stops, and says so', { timeout: 30_000 }, async () => {
  const lock = path.join(folder, 'file.lock');
  const lost = withLock(lock, undefined, async (signal) => {
    fs.rmdirSync(lock); // as another process does that finds it stale
    await once(signal, 'abort');
    signal.throwIfAborted();
  });
  await assert.rejects(lost, { code: 'E_DOWNLOAD_LOCK', message: /run the same command again/ });
});

test('a full disk leaves what came, and the next try goes on with it', async (context) => {
  const target = path.join(folder, 'file');
  type Write = (fd: number, data: Buffer, at: number, length: number, position: null, done: Done) => void;
  type Done = (error: Error | null, written?: number, data?: unknown) => void;
  const write = fs.write as unknown as Write;
  let room = 150_000;
  // the file system has room for so many bytes; beyond, a write comes to a part and the next fails
  const writeSome: Write = (fd, data, at, length, position, done) => {
    if (room === 0) {
      const error = Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'write' });
      return process.nextTick(done, error);
    }
    const some = Math.min(room, length);
    room -= some;
    write(fd, data, at, some, position, done);
  };
  const full = [
    context.mock.method(fs, 'write', writeSome as never),
    // what has gathered meanwhile is written at once
    context.mock.method(fs, 'writev', ((fd: number, parts: Buffer[], position: null, done: Done) => {
      const all = Buffer.concat(parts);
      writeSome(fd, all, 0, all.length, position, (error, written) => done(error, written, parts));
    }) as never),
  ];
  server.script(serve(content));
  await assert.rejects(fetchFile(url(), target, { sha256 }), { code: 'E_DISK_FULL', message: /run the same command/ });
  for (const { mock } of full) mock.restore();
  assert.equal(fs.statSync(`${target}.part`).size, 150_000);
  await fetchFile(url(), target, { sha256 });
  assert.deepEqual(server.ranges, [undefined, 'bytes=150000-']);
  assert.deepEqual(fs.readFileSync(target), content);
});

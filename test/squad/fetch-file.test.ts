// Downloads against a server on this machine: resumed, verified, retried, and named when they cannot succeed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import test, { after, before, beforeEach, describe } from 'node:test';
import { Random } from '../../src/engine/random';
import { downloadSquad } from '../../src/squad/download';
import { fetchFile } from '../../src/squad/fetch-file';

const content = randomBytes(300_000);
const sha256 = createHash('sha256').update(content).digest('hex');
type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;
let answer: Answer;
let server: http.Server;
let base: string;
let target: string;
const ranges: (string | undefined)[] = [];

/** Serves the content, honouring ranges; `limit` cuts the connection after so many bytes. */
function serve(response: http.ServerResponse, range?: string, options: { tag?: string; limit?: number } = {}): void {
  const { tag = '"v1"', limit = Infinity } = options;
  const from = range ? Number(/bytes=(\d+)-/.exec(range)![1]) : 0;
  const body = content.subarray(from);
  const headers: http.OutgoingHttpHeaders = { etag: tag, 'content-length': body.length };
  if (range) headers['content-range'] = `bytes ${from}-${content.length - 1}/${content.length}`;
  response.writeHead(range ? 206 : 200, headers);
  if (limit < body.length) response.write(body.subarray(0, limit), () => setTimeout(() => response.destroy(), 20));
  else response.end(body);
}

before(async () => {
  server = http.createServer((request, response) => {
    ranges.push(request.headers.range);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
});
after(() => server.close());
beforeEach(() => {
  ranges.length = 0;
  target = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'folder', 'file');
});

const quick = { backoff: 1 };
const assertWhole = () => {
  assert.deepEqual(fs.readFileSync(target), content);
  assert.deepEqual(fs.readdirSync(path.dirname(target)), ['file']);
};

describe('a download that ends well', () => {
  test('shows its progress, verifies, and asks no second time', async () => {
    answer = (_, response) => serve(response);
    const seen: number[][] = [];
    await fetchFile(base, target, { sha256, onProgress: (...progress) => seen.push(progress) });
    assertWhole();
    assert.deepEqual(seen.at(-1), [content.length, content.length]);
    await fetchFile(base, target);
    assert.equal(ranges.length, 1);
  });

  test('goes on where the connection was cut', async () => {
    answer = (request, response) => serve(response, request.headers.range, { limit: 120_000 });
    await fetchFile(base, target, { ...quick, sha256 });
    assertWhole();
    assert.ok(ranges[1]?.startsWith('bytes=') && ranges[1] !== 'bytes=0-');
  });

  test('starts over where the server knows no ranges', async () => {
    let first = true;
    answer = (_, response) => {
      serve(response, undefined, { limit: first ? 50_000 : Infinity });
      first = false;
    };
    await fetchFile(base, target, { ...quick, sha256 });
    assertWhole();
  });

  test('starts over when the file has changed meanwhile', async () => {
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(`${target}.part`, 'bytes of an older file');
    fs.writeFileSync(`${target}.etag`, '"v0"');
    answer = (request, response) =>
      serve(response, request.headers['if-range'] === '"v1"' ? request.headers.range : undefined);
    await fetchFile(base, target, { ...quick, sha256 });
    assertWhole();
  });

  test('starts over when the part is longer than the file', async () => {
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(`${target}.part`, Buffer.alloc(content.length + 5));
    fs.writeFileSync(`${target}.etag`, '"v1"');
    answer = (request, response) => (request.headers.range ? response.writeHead(416).end() : serve(response));
    await fetchFile(base, target, { ...quick, sha256 });
    assertWhole();
  });

  test('waits as long as a busy server asks for', async () => {
    const times: number[] = [];
    answer = (_, response) => {
      times.push(performance.now());
      if (times.length === 1) response.writeHead(429, { 'retry-after': '1' }).end();
      else serve(response);
    };
    await fetchFile(base, target, { backoff: 1 });
    assert.ok(times[1] - times[0] > 900);
  });
});

describe('a download that cannot succeed', () => {
  for (const [status, message] of [
    [401, /HF_TOKEN/],
    [403, /access is denied/],
    [404, /no such file/],
  ] as const) {
    test(`${status} is named at once`, async () => {
      answer = (_, response) => response.writeHead(status).end();
      await assert.rejects(fetchFile(base, target, quick), { code: 'E_DOWNLOAD', message });
      assert.equal(ranges.length, 1);
    });
  }

  test('a server that stays broken is given up after four tries', async () => {
    answer = (_, response) => response.writeHead(503).end();
    await assert.rejects(fetchFile(base, target, quick), { code: 'E_DOWNLOAD', message: /answered 503 \(4 tries\)/ });
    assert.equal(ranges.length, 4);
  });

  test('other bytes than promised are deleted', async () => {
    answer = (_, response) => response.end('something else');
    await assert.rejects(fetchFile(base, target, { ...quick, sha256 }), { code: 'E_DOWNLOAD_HASH' });
    assert.deepEqual(fs.readdirSync(path.dirname(target)), []);
  });

  test('an unknown host, and an interrupted wait', async () => {
    await assert.rejects(fetchFile('http://nowhere.invalid/x', target, quick), { code: 'E_DOWNLOAD' });
    answer = () => undefined; // never answers
    const signal = AbortSignal.timeout(50);
    await assert.rejects(fetchFile(base, target, { signal }), { name: /AbortError|TimeoutError/ });
  });
});

test('killed at ten random places and started again, it ends with the same bytes', { timeout: 60_000 }, async () => {
  // slowly, so that the kill comes in the middle
  answer = (request, response) => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? 'bytes=0-')![1]);
    response.writeHead(from > 0 ? 206 : 200, { etag: '"v1"', 'content-length': content.length - from });
    let at = from;
    const timer = setInterval(() => {
      response.write(content.subarray(at, (at += 4_000)));
      if (at >= content.length) response.end();
      if (at >= content.length || response.destroyed) clearInterval(timer);
    }, 5);
  };
  const program = `require('tsx/cjs'); require('./src/squad/fetch-file.ts').fetchFile(...process.argv.slice(1))`;
  const random = new Random(Date.now());
  let kills = 0;
  while (kills < 10 && !fs.existsSync(target)) {
    const child = spawn(process.execPath, ['-e', program, base, target], { env: { ...process.env, NODE_OPTIONS: '' } });
    await new Promise<void>((resolve) => {
      const delay = 350 + random.integer(300);
      const timer = setTimeout(() => child.kill('SIGKILL'), delay);
      child.on('exit', () => (clearTimeout(timer), resolve()));
    });
    kills++;
  }
  answer = (request, response) => serve(response, request.headers.range);
  await fetchFile(base, target, { sha256 });
  assertWhole();
});

test('SQuAD’s two files come from a mirror; a wrong checksum is refused', async () => {
  answer = (request, response) => response.end(request.url!.includes('v1.1') ? `{"file": "${request.url}"}` : 'x');
  const folder = path.dirname(target);
  const mirror = base.replace(/file$/, 'mirror');
  const files = await downloadSquad(folder, { version: 'v1.1', mirror });
  assert.match(fs.readFileSync(files.train, 'utf8'), /\/mirror\/train-v1\.1\.json/);
  assert.ok(files.dev.endsWith('dev-v1.1.json'));
  await assert.rejects(downloadSquad(folder, { mirror, ...quick }), { code: 'E_DOWNLOAD_HASH', message: /68dcfbb9/ });
});

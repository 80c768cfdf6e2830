// One file over HTTP from a server on this machine: resumed, verified, retried, and named when it cannot succeed.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import test, { after, before, beforeEach, describe, mock } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fetchFile } from '../../src/download/file';
import { serve, status, TestServer } from './server';

const content = randomBytes(300_000);
const sha256 = createHash('sha256').update(content).digest('hex');
const quick = { backoff: 1 };
let server: TestServer;
let target: string;

before(async () => void (server = await new TestServer().start()));
after(() => server.close());
beforeEach(() => {
  target = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'folder', 'file');
});

const get = (options = {}) => fetchFile(`${server.url}/file`, target, { ...quick, sha256, ...options });
const leftovers = () => fs.readdirSync(path.dirname(target)).sort();
function assertWhole(): void {
  assert.deepEqual(fs.readFileSync(target), content);
  assert.deepEqual(leftovers(), ['file']);
}
/** What an earlier run left. */
function leave(bytes: Buffer, tag: string): void {
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.writeFileSync(`${target}.part`, bytes);
  fs.writeFileSync(`${target}.etag`, tag);
}

describe('a download that ends well', () => {
  test('shows its progress, verifies, and asks no second time', async () => {
    server.script(serve(content));
    const seen: [number, number][] = [];
    await get({ onProgress: (done: number, total: number) => seen.push([done, total]) });
    assertWhole();
    assert.deepEqual(seen.at(-1), [content.length, content.length]);
    assert.ok(seen.every(([done], i) => i === 0 || done > seen[i - 1][0]));
    assert.equal(await get(), false);
    assert.equal(server.requests.length, 1);
    assert.equal(server.requests[0].headers['accept-encoding'], 'identity');
  });

  test('goes on where the connection was cut, as often as it brings something', async () => {
    server.script(serve(content, { cut: 30_000 }));
    await get();
    assertWhole();
    assert.ok(server.requests.length > 5, `${server.requests.length} requests`);
    assert.ok(server.requests.slice(1).every(({ headers }) => headers['if-range'] === '"v1"'));
    const starts = server.ranges.slice(1).map((range) => Number(/\d+/.exec(range!)![0]));
    assert.ok(starts.every((start, i) => start > (starts[i - 1] ?? 0)));
  });

  test('from a server that gives less of a range than was asked for, and ranges unasked', async () => {
    const capped = (request: IncomingMessage, response: ServerResponse) => {
      const from = Number(/\d+/.exec(request.headers.range ?? '0')![0]);
      const to = Math.min(from + 70_000, content.length);
      const range = `bytes ${from}-${to - 1}/${content.length}`;
      response.writeHead(206, { 'content-range': range, etag: '"v1"' }).end(content.subarray(from, to));
    };
    server.script(capped);
    await get({ sha256: undefined }); // nothing but the lengths tells that it is not whole
    assertWhole();
    assert.deepEqual(server.ranges, [undefined, ...[1, 2, 3, 4].map((part) => `bytes=${70_000 * part}-`)]);
  });

  test('a name and password in the address go along as a header, and are not told', async () => {
    server.script(serve(content));
    const url = `${server.url.replace('http://', 'http://ada:p%40ss@')}/file`;
    await fetchFile(url, target, quick);
    assert.equal(server.requests[0].headers.authorization, `Basic ${Buffer.from('ada:p@ss').toString('base64')}`);
    assertWhole();
  });

  test('goes on with what an earlier run left', async () => {
    leave(content.subarray(0, 123_456), '"v1"');
    server.script(serve(content));
    await get();
    assertWhole();
    assert.deepEqual(server.ranges, ['bytes=123456-']);
  });

  test('takes a part that was whole when its process was killed', async () => {
    leave(content, '"v1"');
    server.script(serve(content));
    await get();
    assertWhole();
    assert.equal(server.requests.length, 1);
  });

  test('an empty file, and one whose length nobody says', async () => {
    server.script(serve(Buffer.alloc(0)));
    await get({ sha256: undefined });
    assert.equal(fs.statSync(target).size, 0);
    fs.rmSync(target);
    server.script((_, response) => void (response.write(content.subarray(0, 7)), response.end(content.subarray(7))));
    await get();
    assertWhole();
  });

  test('a server that compresses though it was told not to', async () => {
    const body = gzipSync(content);
    const headers = { 'content-encoding': 'gzip', 'content-length': body.length, etag: '"v1"' };
    server.script((_, response) => void response.writeHead(200, headers).end(body));
    await get();
    assertWhole();
  });
});

describe('a download that starts over', () => {
  test('where the server knows no ranges', async () => {
    server.script(serve(content, { noRanges: true, cut: 50_000 }), serve(content, { noRanges: true }));
    await get();
    assertWhole();
    assert.deepEqual(server.ranges, [undefined, 'bytes=50000-']);
  });

  test('and a disk that is slow: what the broken try still writes does not reach the file of the next', async () => {
    const write = fs.write.bind(fs) as (...args: unknown[]) => void;
    const slow = (...args: unknown[]) => void setTimeout(() => write(...args), 50);
    const mocks = [mock.method(fs, 'write', slow as never), mock.method(fs, 'writev', undefined as never)];
    // without a length nothing but the order of the writes keeps it right
    const cut = (_: unknown, response: ServerResponse) =>
      void response.write(content.subarray(0, 10_000), () => setTimeout(() => response.destroy(), 10));
    const whole = (_: unknown, response: ServerResponse) => (response.write(content), void response.end());
    server.script(cut, whole);
    try {
      await get({ sha256: undefined });
    } finally {
      mocks.forEach((each) => each.mock.restore());
    }
    assertWhole();
  });

  test('when the file has changed since: the server sees it by If-Range', async () => {
    leave(Buffer.from('bytes of an older file'), '"v0"');
    server.script(serve(content));
    await get();
    assertWhole();
    assert.equal(server.requests.length, 1);
  });

  test('when the file has changed since and the server does not heed If-Range', async () => {
    leave(Buffer.from('bytes of an older file'), '"v0"');
    const careless = serve(content);
    server.script((request, response) => {
      delete request.headers['if-range'];
      careless(request, response);
    });
    await get({ sha256: undefined });
    assertWhole();
    assert.deepEqual(server.ranges, ['bytes=22-', undefined]);
  });

  test('when the part is longer than the file (416)', async () => {
    leave(Buffer.alloc(content.length + 5), '"v1"');
    server.script(serve(content));
    await get();
    assertWhole();
    assert.deepEqual(server.ranges, [`bytes=${content.length + 5}-`, undefined]);
  });

  test('when another range comes than was asked for', async () => {
    leave(content.subarray(0, 100), '"v1"');
    const other = { 'content-range': `bytes 50-${content.length - 1}/${content.length}`, etag: '"v1"' };
    server.script((_, response) => void response.writeHead(206, other).end(content.subarray(50)), serve(content));
    await get();
    assertWhole();
  });

  test('when the server says another length than before', async () => {
    const lie = (_: unknown, response: ServerResponse) => {
      const size = fs.statSync(`${target}.part`).size;
      const range = `bytes ${size}-${size + 9}/${size + 10}`;
      response.writeHead(206, { 'content-range': range, etag: '"v1"' }).end(content.subarray(size, size + 10));
    };
    server.script(serve(content, { cut: 30_000 }), lie, serve(content));
    await get({ sha256: undefined });
    assertWhole();
  });

  test('when the bytes of an earlier run were not what they seemed', async () => {
    leave(Buffer.alloc(1000), '"v1"');
    server.script(serve(content));
    await get();
    assertWhole();
    assert.deepEqual(server.ranges, ['bytes=1000-', undefined]);
  });

  test('when its version has no strong tag: nothing is resumed', async () => {
    server.script(serve(content, { tag: 'W/"v1"', cut: 10_000 }), serve(content));
    await get();
    assertWhole();
    assert.deepEqual(server.ranges, [undefined, undefined]);
  });
});

describe('a download that cannot succeed', () => {
  for (const [code, name, message] of [
    [401, 'E_DOWNLOAD_AUTH', /HF_TOKEN/],
    [403, 'E_DOWNLOAD_DENIED', /accept the terms/],
    [404, 'E_DOWNLOAD_MISSING', /no such file/],
    [410, 'E_DOWNLOAD_MISSING', /not there any more/],
    [418, 'E_DOWNLOAD', /418/],
  ] as const) {
    test(`${code} is named at once`, async () => {
      server.script(status(code));
      await assert.rejects(get(), { code: name, message });
      assert.equal(server.requests.length, 1);
    });
  }

  for (const code of [429, 500, 503]) {
    test(`a server that keeps answering ${code} is given up after five tries`, async () => {
      server.script(status(code));
      await assert.rejects(get(), { code: 'E_DOWNLOAD_BUSY', message: new RegExp(`answered ${code} \\(5 tries\\)`) });
      assert.equal(server.requests.length, 5);
    });
  }

  test('a connection that is always cut at the same place is given up', async () => {
    server.script(serve(content, { noRanges: true, cut: 1000 }));
    await assert.rejects(get(), { code: 'E_DOWNLOAD_NETWORK', message: /cut \(5 tries\)/ });
    assert.equal(server.requests.length, 5);
  });

  for (const code of [202, 204]) {
    test(`${code} is no file`, async () => {
      server.script(status(code));
      await assert.rejects(get({ sha256: undefined }), { code: 'E_DOWNLOAD', message: new RegExp(`answered ${code}`) });
      assert.ok(!fs.existsSync(target));
    });
  }

  test('a folder with the name of the file', async () => {
    fs.mkdirSync(target, { recursive: true });
    await assert.rejects(get(), { code: 'E_DOWNLOAD', message: /a folder has the name/ });
  });

  test('other bytes than promised are deleted', async () => {
    server.script(serve(Buffer.from('something else')));
    await assert.rejects(get(), { code: 'E_DOWNLOAD_HASH', message: new RegExp(`instead of ${sha256}`) });
    assert.deepEqual(leftovers(), []);
  });

  test('a file that is there and is another is not touched', async () => {
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, 'mine');
    await assert.rejects(get(), { code: 'E_DOWNLOAD_HASH', message: /move it away/ });
    assert.equal(fs.readFileSync(target, 'utf8'), 'mine');
  });

  test('an unknown host, a port where nobody is, and what is no address', async () => {
    const fetchFrom = (url: string) => fetchFile(url, target, quick);
    await assert.rejects(fetchFrom('http://nowhere.invalid/x'), { code: 'E_DOWNLOAD_NETWORK', message: /mirror/ });
    await assert.rejects(fetchFrom('http://127.0.0.1:1/x'), { code: 'E_DOWNLOAD_NETWORK', message: /5 tries/ });
    for (const url of ['file:///etc/passwd', 'nowhere'])
      await assert.rejects(fetchFrom(url), { code: 'E_DOWNLOAD_NAME' });
  });

  test('a target that cannot be written', async () => {
    const file = path.join(path.dirname(path.dirname(target)), 'a-file');
    fs.writeFileSync(file, '');
    await assert.rejects(fetchFile(`${server.url}/x`, path.join(file, 'x'), quick), { code: /^E_FILE/ });
  });
});

test('an interrupted download keeps its bytes, and the next one goes on with them', async () => {
  const interrupt = new AbortController();
  server.script(serve(content, { slow: { bytes: 50_000, pause: 20 } }));
  const onProgress = () => interrupt.abort();
  await assert.rejects(get({ signal: interrupt.signal, onProgress }), { name: 'AbortError' });
  assert.deepEqual(leftovers(), ['file.etag', 'file.part']);
  server.script(serve(content));
  await get();
  assertWhole();
  assert.match(server.ranges[0]!, /^bytes=[1-9]/);
});

test('a silent server and a wait between tries are interrupted at once', async () => {
  server.script(() => undefined);
  await assert.rejects(get({ signal: AbortSignal.timeout(50) }), { name: 'TimeoutError' });
  server.script(status(503, { 'retry-after': '60' }));
  await assert.rejects(get({ signal: AbortSignal.timeout(50) }), { name: /TimeoutError|AbortError/ });
});

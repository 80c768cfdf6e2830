// What a download must not do: tell a secret, fill the disk, or end in an error without a code.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Readable, PassThrough } from 'node:stream';
import test, { after, before, beforeEach } from 'node:test';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { shown } from '../../src/download/address';
import { plainBody } from '../../src/download/content';
import { fetchFile } from '../../src/download/file';
import type { Answer } from '../../src/download/http';
import { fetchHubFile } from '../../src/download/hub-file';
import { SpanlabError } from '../../src/errors';
import { spanlab } from '../cli/run';
import { freshCache } from './environment';
import { serve, status, TestServer } from './server';

const SECRETS = /ada|PASSWORD|SIGNATURE|hf_secret/;
let server: TestServer;
let target: string;
before(async () => void (server = await new TestServer().start()));
after(() => server.close());
beforeEach(() => {
  freshCache();
  target = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'file');
});

const secretUrl = () => `${server.url.replace('http://', 'http://ada:PASSWORD@')}/file?X-Signature=SIGNATURE`;
const fails = async (work: Promise<unknown>): Promise<SpanlabError> => {
  const error = await work.then(
    () => assert.fail('it went well'),
    (problem: unknown) => problem,
  );
  assert.ok(error instanceof SpanlabError, String(error));
  return error;
};

test('no failure of any kind tells a name, a password, a signature or a token', async () => {
  const endings = {
    ...Object.fromEntries([401, 403, 404, 410, 418, 429, 500].map((code) => [code, status(code)])),
    patience: status(503, { 'retry-after': '9999' }),
    circle: status(302, { location: '/again?X-Signature=SIGNATURE' }),
    'not the web': status(302, { location: 'file://ada:PASSWORD@host/x' }),
    'no address': status(302, { location: 'http://ada:PASSWORD@:bad:' }),
    'other bytes': serve(Buffer.from('x')),
    unreadable: status(200, { 'content-encoding': 'pigeon' }),
  };
  for (const [name, answer] of Object.entries(endings)) {
    server.script(answer);
    const options = { backoff: 1, sha256: '0'.repeat(64), headers: { authorization: 'Bearer hf_secret' } };
    const error = await fails(fetchFile(secretUrl(), target, options));
    assert.doesNotMatch(error.message, SECRETS, name);
    assert.match(error.code, /^E_DOWNLOAD/, name);
  }
  const gone = await fails(fetchFile('http://ada:PASSWORD@127.0.0.1:1/x?SIGNATURE', target, { backoff: 1 }));
  assert.doesNotMatch(gone.message, SECRETS);
});

test('a password in HF_ENDPOINT is not told by the hub’s client, nor a token that cannot be sent', async () => {
  process.env.HF_ENDPOINT = server.url.replace('http://', 'http://ada:PASSWORD@');
  const repository = { kind: 'model', name: 'ada-x/y', revision: 'main' } as const;
  for (const answer of [status(404), status(500), status(200)]) {
    server.script(answer);
    const { message } = await fails(fetchHubFile(repository, 'config.json', { backoff: 1 }));
    assert.doesNotMatch(message.replaceAll('ada-x', ''), SECRETS);
  }
  process.env.HF_TOKEN = 'hf_secret€';
  server.script(status(200));
  const error = await fails(fetchHubFile(repository, 'config.json', { backoff: 1 }));
  assert.equal(error.code, 'E_DOWNLOAD_AUTH');
  assert.match(error.message, /HF_TOKEN/);
  assert.doesNotMatch(error.message, SECRETS);
  assert.equal(server.requests.length, 0);
});

test('what is shown of an address', () => {
  assert.equal(shown('https://a:b@host:1/f?c#d'), 'https://host:1/f');
  assert.equal(shown('file://a:b@host/f?c'), 'file://host/f');
  assert.equal(shown('a:b@nowhere'), 'nowhere');
});

test('the command tells no password, and a name with a NUL is no stack trace', async () => {
  server.script(status(404));
  const missing = await spanlab(['download', secretUrl(), '--out', path.dirname(target)]);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /^error: E_DOWNLOAD_MISSING/m);
  assert.doesNotMatch(missing.stderr + missing.stdout, SECRETS);
  server.script(serve(Buffer.from('bytes')));
  const odd = await spanlab(['download', `${server.url}/a%00b`, '--out', path.dirname(target)]);
  assert.equal(odd.code, 0, odd.stderr);
  assert.ok(fs.existsSync(path.join(path.dirname(target), 'a_b')));
});

test('more than the disk holds is not begun', async () => {
  for (const headers of [
    { 'content-length': 9e14 },
    { 'content-length': 10, 'content-range': 'bytes 0-9/900000000000000' },
  ]) {
    server.script((_, response) => void response.writeHead('content-range' in headers ? 206 : 200, headers).write('x'));
    const error = await fails(fetchFile(`${server.url}/f`, target, { backoff: 1 }));
    assert.equal(error.code, 'E_DISK_FULL');
    assert.match(error.message, /900000000 MB are to come and \d+ MB are free/);
    assert.deepEqual(fs.readdirSync(path.dirname(target)), []);
  }
});

test('a body without a length ends at the limit: endless ones, and those that unpack without end', async () => {
  const endless = (_: unknown, response: import('node:http').ServerResponse) => {
    const more = (): void =>
      void (response.destroyed || response.write(randomBytes(1 << 20), () => setImmediate(more)));
    more();
  };
  const bomb = gzipSync(Buffer.alloc(50 << 20));
  const compressed = { 'content-encoding': 'gzip', 'content-length': bomb.length };
  for (const answer of [
    endless,
    (_: unknown, response: import('node:http').ServerResponse) => void response.writeHead(200, compressed).end(bomb),
  ]) {
    server.script(answer);
    const error = await fails(fetchFile(`${server.url}/f`, target, { backoff: 1, mostBytes: 20 << 20 }));
    assert.equal(error.code, 'E_DOWNLOAD');
    assert.match(error.message, /more than 21 MB came/);
    assert.deepEqual(fs.readdirSync(path.dirname(target)), []);
  }
});

test('a small answer that unpacks to hundreds of megabytes is refused, and nothing of it is kept', async () => {
  const zeros = Buffer.alloc(100 << 20);
  for (const [encoding, compress] of Object.entries({ br: brotliCompressSync, gzip: gzipSync, deflate: deflateSync })) {
    const bomb =
      encoding === 'br' ? compress(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }) : compress(zeros);
    const headers = { 'content-encoding': encoding, 'content-length': bomb.length };
    server.script((_, response) => void response.writeHead(200, headers).end(bomb));
    const error = await fails(fetchFile(`${server.url}/f`, target, { backoff: 1 }));
    assert.equal(error.code, 'E_DOWNLOAD');
    assert.match(error.message, /kB unpack to more than \d+ MB/);
    assert.ok(error.message.startsWith(`${server.url}/f: `), error.message);
    assert.deepEqual(fs.readdirSync(path.dirname(target)), []);
  }
});

test('an encoding that nobody here reads, and bytes that are none: with the address', async () => {
  for (const [encoding, code, message] of [
    ['x-own', 'E_DOWNLOAD', /the server compresses with "x-own"; take another address/],
    ['gzip', 'E_DOWNLOAD_NETWORK', /incorrect header check \(5 tries\); try again/],
  ] as const) {
    server.script(...Array.from({ length: 6 }, () => (_: unknown, response: import('node:http').ServerResponse) => {
      response.writeHead(200, { 'content-encoding': encoding, 'content-length': 5 }).end('plain');
    })); // prettier-ignore
    const error = await fails(fetchFile(`${server.url}/f`, target, { backoff: 1 }));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    assert.ok(error.message.startsWith(`${server.url}/f: `), error.message);
  }
});

test('compressed bytes that end too soon end nothing else when nobody reads them', async () => {
  for (const [encoding, compress] of Object.entries({ br: brotliCompressSync, gzip: gzipSync, deflate: deflateSync })) {
    const body = new PassThrough();
    const plain = plainBody(
      { headers: new Headers({ 'content-encoding': encoding }), body } as unknown as Answer,
      'http://a.invalid/f',
    );
    body.end(compress(randomBytes(9_000)).subarray(0, -3));
    await new Promise((resolve) => (plain as Readable).once('close', resolve)); // an error without a listener fails this test
  }
});

test('a server that falls silent is left after the time that is set, and asked again', async () => {
  const content = randomBytes(100_000);
  const silent = (_: unknown, response: import('node:http').ServerResponse) =>
    void response.writeHead(200, { etag: '"v1"', 'content-length': content.length }).write(content.subarray(0, 50_000));
  server.script(silent, serve(content));
  const began = performance.now();
  await fetchFile(`${server.url}/f`, target, { backoff: 1, stall: 300 });
  assert.ok(performance.now() - began >= 290);
  assert.deepEqual(server.ranges, [undefined, 'bytes=50000-']);
  assert.deepEqual(fs.readFileSync(target), content);
});

test('messages hold no command for a terminal, and no megabytes', () => {
  const error = new SpanlabError('E_X', `\u001b[2J\u001b]0;pwn\u0007 \u202e ${'x'.repeat(3_000_000)}`);
  assert.match(error.message, /^\\u001b\[2J\\u001b\]0;pwn\\u0007 \\u202e x+ … x+$/);
  assert.ok(error.message.length < 5_000);
});

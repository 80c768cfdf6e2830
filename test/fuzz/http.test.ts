// Broken HTTP from both sides: requests to the server, answers to a download. What is right is answered, and all else has a code.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { fetchFile } from '../../src/download/file';
import { SpanlabError } from '../../src/errors';
import { BadServer } from '../faults/bad-server';
import { Random } from '../../src/engine/random';
import { post, raw, startServer, TASK } from '../serve/server';
import { type Dice, fuzz, mutate, mutateBytes, withNested } from './fuzz';

const OPTIONS = { top_k: 3, max_answer_len: 4, handle_impossible_answer: true };
const HEADERS = ['Host: localhost', 'Content-Type: application/json', 'Connection: close'];
const ODD_LINES = [
  'Host: evil.example',
  'Transfer-Encoding: chunked',
  'Content-Length: 5',
  'Content-Length: -1',
  'Expect: 100-continue',
  'Upgrade: websocket',
  'Origin: null',
  'Cookie: spanlab-token=%',
  'Authorization: Bearer',
  'Content-Encoding: gzip',
  `X: ${'x'.repeat(20_000)}`,
  ' folded: yes',
  'no colon',
];
const PATHS = ['/api/answer', '/api/scores', '/api/model', '/', '/page.js', '/../package.json', '/%00', '/?token=%', '*', 'http://evil.example/api/model', '/__proto__']; // prettier-ignore

/** A request as a client with a mistake sends it. */
function request(dice: Dice): Buffer {
  const task = { ...TASK, ...(dice.below(2) === 0 ? OPTIONS : {}) };
  if (dice.below(2) === 0) mutate(task, dice);
  const flat = JSON.stringify(task);
  const body = Buffer.from(dice.below(20) === 0 ? withNested(flat, 100_000) : flat);
  const bytes = dice.below(6) === 0 ? mutateBytes(body, dice) : body;
  const place = dice.below(3) === 0 ? dice.one(PATHS) : '/api/answer';
  const method = dice.below(4) === 0 ? dice.one(['GET', 'PUT', 'HEAD', 'OPTIONS', 'CONNECT', 'post', '']) : 'POST';
  const lines = [`${method} ${place} HTTP/1.1`, ...HEADERS, `Content-Length: ${bytes.length}`];
  if (dice.below(3) === 0) lines.splice(1 + dice.below(lines.length), 0, dice.one(ODD_LINES));
  const whole = Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), bytes]);
  return dice.below(5) === 0 ? mutateBytes(whole, dice) : whole;
}

/** Throws the error that the server answered with. */
async function askServer(url: string, dice: Dice): Promise<void> {
  const all = await raw(url, request(dice)).catch((error: NodeJS.ErrnoException) => {
    assert.equal(error.code, 'ECONNRESET'); // cut while bytes that nobody wants were still coming
    return '';
  });
  const heard = all.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '');
  const end = heard.indexOf('\r\n\r\n');
  const head = heard.slice(0, Math.max(0, end));
  // of the first answer: what a wrong length leaves over counts as a second request
  const body = Buffer.from(heard.slice(end + 4)).subarray(0, Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0));
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? (heard === '' ? 0 : NaN));
  assert.ok([0, 200].includes(status) || (status >= 400 && status < 500), heard.slice(0, 300)); // nothing is its own mistake
  if (status === 200) return;
  // an answer to HEAD has a length and no body: what follows is the answer to the leftover
  if (body.length === 0 || body.toString().startsWith('HTTP/1.1 '))
    throw new SpanlabError('E_NONE', 'cut, or an answer to HEAD');
  const { error } = JSON.parse(body.toString()) as { error: { code: string; message: string } };
  throw new SpanlabError(error.code, error.message);
}

test('requests: answered, or refused with a code that is not the server’s own mistake', async () => {
  const server = await startServer({ receiveLimit: 1_000 }); // for those that never end
  try {
    const { accepted, refused } = await fuzz('requests', (dice) => askServer(server.url, dice));
    assert.ok(accepted > 5 && Object.keys(refused).length > 4, JSON.stringify(refused));
    assert.equal((await post(server.url, TASK)).status, 200);
  } finally {
    await server.close();
  }
});

const content = Buffer.from('The mill was built in 1806. '.repeat(40));
const sha256 = createHash('sha256').update(content).digest('hex');
const GOOD: [lines: string[], body: Buffer][] = [
  [['HTTP/1.1 200 OK', 'ETag: "v1"', `Content-Length: ${content.length}`, 'Connection: close'], content],
  [['HTTP/1.0 200 OK', 'Content-Type: text/plain'], content],
  [['HTTP/1.1 200 OK', 'Content-Encoding: gzip', 'Connection: close'], gzipSync(content)],
  [['HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', 'Connection: close'], Buffer.concat([Buffer.from(`${content.length.toString(16)}\r\n`), content, Buffer.from('\r\n0\r\n\r\n')])],
  [['HTTP/1.1 206 Partial Content', `Content-Range: bytes 0-${content.length - 1}/${content.length}`, `Content-Length: ${content.length}`], content],
  [['HTTP/1.1 302 Found', 'Location: /elsewhere', 'Content-Length: 0', 'Connection: close'], Buffer.alloc(0)],
  [['HTTP/1.1 416 Range Not Satisfiable', `Content-Range: bytes */${content.length}`, 'Content-Length: 0'], Buffer.alloc(0)],
]; // prettier-ignore
const ODD_HEADERS = [
  'Content-Length: 99999999999999999999',
  'Content-Length: -5',
  'Content-Length: 0',
  'Content-Encoding: pigeon',
  'Content-Encoding: br',
  'Transfer-Encoding: gzip, chunked',
  'Content-Range: bytes 5-2/1',
  'Content-Range: bytes 0-9/900000000000000',
  'Location: http://[::bad',
  'Location: file:///etc/passwd',
  'Retry-After: never',
  'ETag: W/',
  'ETag: \u001b[2J',
];

function answer(dice: Dice): Buffer {
  const [lines, body] = dice.one(GOOD);
  const all = [...lines];
  for (let count = dice.below(3); count > 0; count--) {
    const at = 1 + dice.below(all.length);
    if (dice.below(3) === 0) all.splice(at, 1);
    else all.splice(at, 0, dice.one(ODD_HEADERS));
  }
  const status = dice.one(['200 OK', '204 No Content', '304 Not Modified', '301 Moved', '500 X', '101 Switching', '100 Continue', '999 X']); // prettier-ignore
  if (dice.below(6) === 0) all[0] = `HTTP/1.1 ${status}`;
  const whole = Buffer.concat([Buffer.from(`${all.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
  return dice.below(2) === 0 ? mutateBytes(whole, dice) : whole;
}

test('answers to a download: the right bytes, or a code and no file', async () => {
  const server = await new BadServer().start();
  const target = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-fuzz-')), 'file');
  const attack = fuzz('answers', async (dice) => {
    for (const name of fs.readdirSync(path.dirname(target))) fs.rmSync(path.join(path.dirname(target), name));
    server.act((socket: net.Socket) => void socket.end(answer(dice)), { content, random: new Random(dice.seed) });
    try {
      await fetchFile(`${server.url}/file`, target, { backoff: 0, stall: 5_000, sha256, mostBytes: 1 << 20 });
    } catch (error) {
      assert.ok(!fs.existsSync(target), 'an error, and yet a file');
      throw error;
    }
    assert.ok(fs.readFileSync(target).equals(content), 'other bytes');
  });
  const { accepted, refused } = await attack.finally(() => server.close());
  assert.ok(accepted > 20 && Object.keys(refused).length > 3, JSON.stringify(refused));
});

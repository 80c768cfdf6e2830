// The server answers, and stands what clients do to it: crowds, floods, nonsense, silence.
import zlib from 'node:zlib';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import test, { after, before, describe } from 'node:test';
import { ask } from '../../src/evaluation/answer';
import type { Serving } from '../../src/serve/server';
import { post, raw, smallParts, startServer, TASK } from './server';

let server: Serving;
before(async () => (server = await startServer()));
after(() => server.close());

const code = ({ status, body }: Awaited<ReturnType<typeof post>>) => [status, body.error?.code];

describe('answers', () => {
  test('are those of the library', async () => {
    const { model, tokenizer } = await smallParts();
    const reply = await post(server.url, { ...TASK, top_k: 3, max_answer_len: 4, handle_impossible_answer: true });
    const options = { topK: 3, maxAnswerLength: 4, handleImpossibleAnswer: true };
    assert.equal(reply.status, 200);
    assert.deepEqual(reply.body.answers, await ask(model, tokenizer, TASK.question, TASK.context, options));
  });

  test('scores: a start and an end score for each token of the text, also over several windows', async () => {
    const context = 'Ada won the race. '.repeat(200);
    const { body } = await post(server.url, { ...TASK, context }, 'api/scores');
    const { tokens } = body as unknown as { tokens: { text: string; start: number; startScore: number }[] };
    assert.equal(tokens.length, 5 * 200);
    assert.deepEqual(tokens.slice(0, 5).map(({ text, start }) => [text, start]), [['Ada', 0], ['won', 4], ['the', 8], ['race', 12], ['.', 16]]); // prettier-ignore
    assert.ok(tokens.every(({ startScore }) => Number.isFinite(startScore)));
  });

  test('200 at once, on the same and on different texts: each gets its own', async () => {
    const contexts = ['Ada won.', 'Bo lost the race, and Cy came third.', 'In 1874 Di stayed at home.'];
    const tasks = Array.from({ length: 200 }, (_, i) => ({
      question: `Who is number ${i}?`,
      context: contexts[i % 3],
    }));
    const replies = await Promise.all(tasks.map((task) => post(server.url, task)));
    assert.deepEqual([...new Set(replies.map(({ status }) => status))], [200]);
    const { model, tokenizer } = await smallParts();
    for (const i of [0, 1, 2, 100, 199]) {
      const [alone] = await ask(model, tokenizer, tasks[i].question, tasks[i].context);
      const { start, end, score } = replies[i].body.answers![0];
      assert.deepEqual([start, end], [alone.start, alone.end]);
      assert.ok(Math.abs(score - alone.score) < 1e-5);
    }
  });

  test('more than may wait are sent away, and told when to come again', async () => {
    const small = await startServer({ waiting: 4 });
    const tasks = Array.from({ length: 200 }, (_, i) => ({ ...TASK, context: `Number ${i} won. `.repeat(20) }));
    const replies = await Promise.all(tasks.map((task) => post(small.url, task)));
    await small.close();
    assert.ok(replies.some(({ status }) => status === 200));
    assert.ok(replies.every(({ status }) => status === 200 || status === 503));
    const full = await startServer({ waiting: 0 });
    const refused = await post(full.url, TASK);
    await full.close();
    assert.deepEqual([...code(refused), refused.headers.get('retry-after')], [503, 'E_BUSY', '1']);
  });

  test('what takes too long is given up with 504, and the next question is answered', async () => {
    const hasty = await startServer({ answerLimit: 1 });
    const long = await post(hasty.url, { ...TASK, context: 'Ada won the race in 1874. '.repeat(2000) });
    await hasty.close();
    assert.deepEqual(code(long), [504, 'E_TIMEOUT']);
    assert.equal((await post(server.url, TASK)).status, 200);
  });
});

describe('wrong requests', () => {
  test('a body of 50 MB is refused, and the client hears why', async () => {
    const size = 50 * 2 ** 20;
    const reply = await new Promise<[number | undefined, string]>((resolve, reject) => {
      const headers = { 'Content-Type': 'application/json', 'Content-Length': size };
      const request = http.request(`${server.url}api/answer`, { method: 'POST', headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => resolve([response.statusCode, text]));
      });
      request.on('error', reject);
      const chunk = Buffer.alloc(2 ** 20, 'x');
      const write = (left: number): void => {
        if (left === 0) return void request.end();
        request.write(chunk, () => write(left - 1));
      };
      write(50);
    });
    assert.equal(reply[0], 413);
    assert.equal(JSON.parse(reply[1]).error.code, 'E_TOO_LARGE');
  });

  const cases: [name: string, body: unknown, expected: [number, string], message: RegExp][] = [
    ['cut JSON', '{"question": "Who', [400, 'E_JSON'], /not valid JSON/],
    [
      'a name twice',
      '{"question": "Who?", "context": "Ada.", "context": "Bo."}',
      [400, 'E_JSON'],
      /the body has "context" twice; send/,
    ],
    [
      'a raw line break',
      '{"question": "Who\n?", "context": "Ada."}',
      [400, 'E_JSON'],
      /a line break \(U\+000A\) stands in a text as it is, at line 1, column 18/,
    ],
    ['a body of spaces', ' \n', [400, 'E_JSON'], /the body is empty/],
    ['an empty body', '', [400, 'E_JSON'], /the body is empty/],
    ['bytes that are not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), [400, 'E_JSON'], /UTF-8/],
    ['a list', [], [400, 'E_REQUEST'], /^question/],
    ['no context', { question: 'Who?' }, [400, 'E_REQUEST'], /^context/],
    ['an empty question', { ...TASK, question: ' \n' }, [400, 'E_REQUEST'], /^question: it is empty/],
    ['a question too long', { ...TASK, question: 'x'.repeat(2001) }, [400, 'E_REQUEST'], /^question: it is longer/],
    ['a context too long', { ...TASK, context: 'x'.repeat(200_001) }, [400, 'E_REQUEST'], /^context: it is longer/],
    ['half a character', '{"question": "\\ud800", "context": "x"}', [400, 'E_REQUEST'], /^question: .*surrogate/],
    ['a parameter out of range', { ...TASK, top_k: 0 }, [400, 'E_REQUEST'], /^top_k/],
    ['an unknown parameter', { ...TASK, topK: 1 }, [400, 'E_REQUEST'], /topK/],
    ['a prototype', '{"__proto__": {"question": "Who?", "context": "x"}}', [400, 'E_REQUEST'], /question|__proto__/],
  ];
  for (const [name, body, expected, message] of cases) {
    test(name, async () => {
      const reply = await post(server.url, body);
      assert.deepEqual(code(reply), expected);
      assert.match(reply.body.error!.message, message);
    });
  }

  test('packed bodies: unpacked within the limit, or 415', async () => {
    const send = async (body: Uint8Array, encoding: string) => {
      const headers = { 'content-type': 'application/json', 'content-encoding': encoding };
      const reply = await fetch(`${server.url}api/answer`, { method: 'POST', headers, body: Buffer.from(body) });
      return [reply.status, ((await reply.json()) as { error?: { code: string } }).error?.code];
    };
    const json = JSON.stringify(TASK);
    for (const [name, pack] of [['gzip', zlib.gzipSync], ['x-gzip', zlib.gzipSync], ['deflate', zlib.deflateSync], ['br', zlib.brotliCompressSync]] as const) {
      assert.deepEqual(await send(pack(json), name), [200, undefined], name);
    }
    assert.deepEqual(await send(Buffer.from(json), 'identity'), [200, undefined]);
    assert.deepEqual(await send(Buffer.from(json), 'zstd'), [415, 'E_MEDIA_TYPE']);
    assert.deepEqual(await send(Buffer.from(json), 'constructor'), [415, 'E_MEDIA_TYPE']);
    assert.deepEqual(await send(Buffer.from(json), 'gzip'), [400, 'E_JSON']);
    assert.deepEqual(await send(zlib.gzipSync(' '.repeat(100e6)), 'gzip'), [413, 'E_TOO_LARGE']);
  }); // prettier-ignore

  test('a form of another site', async () => {
    assert.deepEqual(code(await post(server.url, TASK, 'api/answer', 'text/plain')), [415, 'E_MEDIA_TYPE']);
  });

  test('other methods and places', async () => {
    const wrong = await fetch(`${server.url}api/answer`);
    assert.deepEqual([wrong.status, wrong.headers.get('allow')], [405, 'POST']);
    assert.equal((await fetch(server.url, { method: 'DELETE' })).status, 405);
    assert.equal((await fetch(`${server.url}api/nothing`)).status, 404);
  });

  test('no path leads out of the page’s files', async () => {
    const paths = ['/../server.ts', '/..%2f..%2fpackage.json', '/page/../../server.ts', '/%2e%2e/queue.ts', '//etc/passwd', '/page.js/../../../package.json', '/page.js%00', '/__proto__', '/constructor', 'http://x/../package.json', '*']; // prettier-ignore
    for (const path of paths) {
      const heard = await raw(server.url, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      assert.match(heard, /^HTTP\/1\.1 40[04] /, path);
      assert.match(heard, /\{"error":\{"code":"E_(NOT_FOUND|HTTP)"/, path);
    }
  });

  test('what is no HTTP, and headers without end', async () => {
    assert.match(await raw(server.url, 'hello\r\n\r\n'), /^HTTP\/1\.1 400 [\s\S]*"E_HTTP"/);
    const long = `GET / HTTP/1.1\r\nHost: localhost\r\nCookie: ${'x'.repeat(20_000)}\r\n\r\n`;
    assert.match(await raw(server.url, long), /^HTTP\/1\.1 431 [\s\S]*"E_HEADERS"/);
  });
});

describe('clients that hang', () => {
  test('silent, in the headers, or in the body: each is cut off with 408, and others are served meanwhile', async () => {
    const beginnings = ['GET / HT', 'GET / HTTP/1.1\r\nHost: localhost\r\nX-', 'POST /api/answer HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"qu']; // prettier-ignore
    const strict = await startServer({ receiveLimit: 1000 });
    const hanging = Promise.all(Array.from({ length: 60 }, (_, i) => raw(strict.url, beginnings[i % 3])));
    assert.equal((await fetch(strict.url)).status, 200);
    for (const heard of await hanging) assert.match(heard, /^HTTP\/1\.1 408 [\s\S]*"E_SLOW"/);
    assert.equal((await fetch(strict.url)).status, 200);
    await strict.close();
  });

  test('one that leaves before its answer does no harm', async () => {
    const { hostname, port } = new URL(server.url);
    const body = JSON.stringify(TASK);
    const head = `POST /api/answer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    for (const part of [head + body, head + body.slice(0, 5)]) {
      await new Promise<void>((resolve) => {
        const socket: net.Socket = net.connect(Number(port), hostname, () =>
          socket.write(part, () => socket.destroy()),
        );
        socket.on('close', () => resolve());
      });
    }
    assert.equal((await post(server.url, TASK)).status, 200);
  });
});

describe('start and end', () => {
  test('listens on this machine only; a port in use is named', async () => {
    assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
    const port = Number(new URL(server.url).port);
    await assert.rejects(startServer({ port }), { code: 'E_SERVE_ADDRESS', message: new RegExp(`${port}.*--port`) });
  });

  test('closing answers what is under way and takes nothing new', async () => {
    const closing = await startServer();
    const body = JSON.stringify(TASK);
    const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length, Expect: '100-continue' };
    const request = http.request(`${closing.url}api/answer`, { method: 'POST', headers });
    request.flushHeaders();
    await once(request, 'continue'); // the server has the request
    const closed = closing.close();
    request.end(body);
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    response.resume();
    assert.equal(response.statusCode, 200);
    await closed;
    await assert.rejects(fetch(closing.url));
  });
});

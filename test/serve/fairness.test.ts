// The server stays everybody's: long texts take turns with short ones, an engine that dies costs one request, and the end is said.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import test, { after, before, describe } from 'node:test';
import { EngineLost, type Engine } from '../../src/serve/engine';
import { ModelQueue } from '../../src/serve/queue';
import { RemoteEngine } from '../../src/serve/remote-engine';
import { serveEngine } from '../../src/serve/server';
import { type TaskResult, LIMITS } from '../../src/serve/task';
import { Turns } from '../../src/serve/turns';
import { smallModel } from '../cli/small-model';
import { post, raw, startServer, TASK } from './server';

const code = ({ status, body }: Awaited<ReturnType<typeof post>>) => [status, body.error?.code];
/** An engine that does as told, and never by itself. */
const fake = (run: Engine['run']): Engine => ({ run, close: () => Promise.resolve() });
const nothing: TaskResult[] = [{ answers: [] }];

describe('turns', () => {
  test('go round in the order of asking, batch by batch', async () => {
    const turns = new Turns();
    const seen: string[] = [];
    const work = (name: string, batches: number) =>
      turns.share(async () => {
        for (let i = 0; i < batches; i++) {
          seen.push(name);
          await new Promise(setImmediate);
          await turns.pass();
        }
      });
    const failing = turns.share(() => Promise.reject(new Error('x')));
    await Promise.all([work('long', 4), work('a', 1), work('b', 2), assert.rejects(failing, /x/)]);
    assert.deepEqual(seen, ['long', 'a', 'b', 'long', 'b', 'long', 'long']);
  });

  test('a short question is answered between the batches of a long text', async () => {
    const server = await startServer();
    const context = 'Ada won the race. '.repeat(3_900); // 19,500 tokens
    const order: string[] = [];
    const long = post(server.url, { ...TASK, context }).then((reply) => (order.push('long'), reply));
    await new Promise((resolve) => setTimeout(resolve, 30));
    for (let i = 0; i < 5; i++) {
      assert.equal((await post(server.url, { ...TASK, context: `Bo ${i} lost.` })).status, 200);
      order.push('short');
    }
    assert.equal((await long).status, 200);
    await server.close();
    assert.deepEqual(order, ['short', 'short', 'short', 'short', 'short', 'long']);
  });
});

describe('limits', () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  before(async () => void (server = await startServer()));
  after(() => server.close());

  test('200,000 letters escaped as \\uXXXX arrive whole; one more is refused for its length, not for its bytes', async () => {
    const body = (count: number) =>
      `{"question":"Who?","context":"${'\\u0435'.repeat(count - 10)}${'\\u0020'.repeat(10)}"}`;
    const allowed = await post(server.url, body(LIMITS.context));
    assert.notEqual(allowed.status, 413, JSON.stringify(allowed.body));
    assert.deepEqual(code(await post(server.url, body(LIMITS.context + 1))), [400, 'E_REQUEST']);
  });

  test('too many tokens are refused at once, with their number', async () => {
    const reply = await post(server.url, { ...TASK, context: 'word '.repeat(40_000) });
    assert.deepEqual(code(reply), [413, 'E_TOO_LONG']);
    assert.match(reply.body.error!.message, /it has 40000 tokens, and 20000 are allowed/);
    const model = (await (await fetch(`${server.url}api/model`)).json()) as { limits: typeof LIMITS };
    assert.equal(model.limits.tokens, 20_000);
  });
});

describe('an engine that dies', () => {
  test('costs the request that it died of, and no other: suspects are asked again alone', async () => {
    const runs: string[][] = [];
    const queue = new ModelQueue<string, string>({
      run: (tasks) => {
        runs.push(tasks);
        return tasks.includes('bad') ? Promise.reject(new EngineLost('SIGABRT')) : Promise.resolve(tasks);
      },
      fits: () => true,
      limit: 99,
      batch: 16,
    });
    const { signal } = new AbortController();
    const words = ['first', 'a', 'bad', 'b'];
    const results = await Promise.allSettled(words.map((word) => queue.add(word, signal)));
    assert.deepEqual(results.map((result) => (result.status === 'fulfilled' ? result.value : (result.reason as { code: string }).code)), ['first', 'a', 'E_ENGINE', 'b']); // prettier-ignore
    assert.deepEqual(runs.slice(0, 2), [['first'], ['a', 'bad', 'b']]);
    assert.ok(runs.slice(2).every((tasks) => tasks.length === 1));
  });

  test('is started again: killed in the middle of its work, every request is answered', async () => {
    const engine = await RemoteEngine.start(await smallModel());
    const server = await serveEngine(engine, { port: 0 });
    const tasks = Array.from({ length: 40 }, (_, i) =>
      post(server.url, { ...TASK, context: `Number ${i} won. `.repeat(200) }),
    );
    await Promise.race(tasks);
    const first = engine.pid!;
    process.kill(first, 'SIGKILL');
    const replies = await Promise.all(tasks);
    assert.deepEqual([...new Set(replies.map(({ status }) => status))], [200]);
    assert.notEqual(engine.pid, first);
    assert.equal((await post(server.url, TASK)).status, 200);
    await server.close();
    await engine.close();
    assert.throws(() => process.kill(engine.pid!, 0), { code: 'ESRCH' });
  });

  test('a model that cannot be opened is named as in one process, and its process ends', async () => {
    const children = () => process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length;
    const before = children();
    await assert.rejects(RemoteEngine.start('/nowhere/at/all'), { code: /^E_/ });
    assert.equal(children(), before);
  });

  test('whose model is gone when it is started again: 503 without waiting, until the model is back', async () => {
    const folder = await smallModel();
    const engine = await RemoteEngine.start(folder);
    const server = await serveEngine(engine, { port: 0 });
    const until = async (status: number) => {
      for (;;) {
        const reply = await post(server.url, TASK);
        if (reply.status === status) return code(reply);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    };
    try {
      fs.renameSync(folder, `${folder}-away`);
      process.kill(engine.pid!, 'SIGKILL');
      assert.deepEqual(await until(503), [503, 'E_ENGINE']);
      assert.deepEqual(code(await post(server.url, TASK)), [503, 'E_ENGINE']);
      fs.renameSync(`${folder}-away`, folder);
      assert.deepEqual(await until(200), [200, undefined]);
    } finally {
      await server.close();
      await engine.close();
    }
  });

  test('any error of the engine ends its request, and the next is answered', async () => {
    let count = 0;
    const failing = fake(() => (count++ === 0 ? Promise.reject(new TypeError('inside')) : Promise.resolve(nothing)));
    const server = await serveEngine(failing, { port: 0 });
    assert.deepEqual(code(await post(server.url, TASK)), [500, 'E_INTERNAL']);
    assert.equal((await post(server.url, TASK)).status, 200);
    await server.close();
  });
});

describe('who may ask', () => {
  const status = (heard: string) => /^HTTP\/1\.1 (\d+)/.exec(heard)?.[1];
  const get = (url: string, lines: string[]) =>
    raw(url, `GET /api/model HTTP/1.1\r\n${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`);

  test('by what names: this machine’s, and those that were allowed', async () => {
    const server = await serveEngine(
      fake(() => Promise.resolve(nothing)),
      { port: 0, allowedHosts: ['Lab.example'] },
    );
    const port = new URL(server.url).port;
    const expected: [host: string, status: string][] = [
      ...(['localhost', `localhost:${port}`, '127.0.0.1', '127.1.2.3', '[::1]:80', 'LOCALHOST', 'lab.EXAMPLE:1'].map((name) => [name, '200']) as [string, string][]), // prettier-ignore
      ...(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1', 'lab.example.evil', 'localhost.'].map((name) => [name, '421']) as [string, string][]), // prettier-ignore
      ...(['', 'a b', 'localhost/x', 'a@localhost', 'http://localhost'].map((name) => [name, '400']) as [string, string][]), // prettier-ignore
    ];
    for (const [host, wanted] of expected) assert.equal(status(await get(server.url, [`Host: ${host}`])), wanted, host);
    assert.equal(status(await get(server.url, ['Host: localhost', 'Host: localhost'])), '400');
    assert.equal(status(await get(server.url, ['Host: evil.example', 'Host: localhost'])), '400');
    assert.equal(status(await get(server.url, ['X: y'])), '400');
    await server.close();
  });

  test('pages of no other site', async () => {
    const server = await serveEngine(
      fake(() => Promise.resolve(nothing)),
      { port: 0 },
    );
    const { host } = new URL(server.url);
    for (const [origin, wanted] of [
      [`http://${host}`, '200'],
      ['http://evil.example', '403'],
      ['http://127.0.0.1:1', '403'],
      [`https://user@evil.example/${host}`, '403'],
      ['null', '403'],
      ['file://', '403'],
      ['', '403'],
    ]) {
      assert.equal(status(await get(server.url, [`Host: ${host}`, `Origin: ${origin}`])), wanted, origin);
    }
    await server.close();
  });

  test('those who know the token: in a header, or by the page’s address and a cookie after it', async () => {
    const server = await serveEngine(
      fake(() => Promise.resolve(nothing)),
      { port: 0, token: 'open sésame&' },
    );
    const ask = async (path: string, headers: Record<string, string> = {}) => fetch(server.url + path, { headers });
    for (const path of [
      '',
      'page.js',
      'api/model',
      'api/model?token=open%20s%C3%A9same%26',
      '?token=other',
      'nothing',
    ]) {
      const reply = await ask(path);
      assert.equal(reply.status, 401, path);
      assert.equal(((await reply.json()) as { error: { code: string } }).error.code, 'E_TOKEN');
    }
    const page = await ask('?token=open%20s%C3%A9same%26');
    assert.equal(page.status, 200);
    const cookie = page.headers.get('set-cookie')!;
    assert.match(cookie, /; HttpOnly; SameSite=Strict/);
    assert.equal((await ask('api/model', { cookie: cookie.split(';')[0] })).status, 200);
    assert.equal((await ask('api/model', { cookie: 'spanlab-token=wrong; other=1' })).status, 401);
    assert.equal((await ask('api/model', { authorization: 'Bearer wrong' })).status, 401);
    await server.close();
    const plain = await serveEngine(
      fake(() => Promise.resolve(nothing)),
      { port: 0, token: 'abc' },
    );
    assert.equal((await fetch(`${plain.url}api/model`, { headers: { authorization: 'Bearer abc' } })).status, 200);
    assert.equal((await fetch(`${plain.url}api/model`, { headers: { authorization: 'bearer abc' } })).status, 200);
    await plain.close();
  });
});

test('the end: what can be answered in time is, all else gets 503, and none an empty reply', async () => {
  const started: (() => void)[] = [];
  const slow = fake((tasks) => new Promise((resolve) => started.push(() => resolve(tasks.map(() => nothing[0])))));
  const server = await serveEngine(slow, { port: 0, grace: 1_000, waiting: 39 });
  const open = Array.from({ length: 40 }, (_, i) => post(server.url, { ...TASK, context: `Text ${i}.` }));
  // one that is still arriving, and one that keeps its connection
  const body = JSON.stringify(TASK);
  const half = net.connect(Number(new URL(server.url).port), '127.0.0.1');
  half.write(`POST /api/answer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 9)}`); // prettier-ignore
  let heard = '';
  half.setEncoding('utf8').on('data', (text: string) => (heard += text));
  const halfClosed = once(half, 'close');
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const kept = http.get(`${server.url}api/model`, { agent });
  const [answer] = (await once(kept, 'response')) as [http.IncomingMessage];
  answer.resume();
  // all have arrived when the next finds no place
  while ((await post(server.url, TASK)).body.error?.code !== 'E_BUSY');
  const closed = server.close();
  started[0](); // in time
  const replies = await Promise.all(open);
  await closed;
  await halfClosed;
  agent.destroy();
  assert.equal(replies.filter(({ status }) => status === 200).length, 1);
  assert.deepEqual([...new Set(replies.map(code).map(String))].sort(), ['200,', '503,E_ENDING']);
  assert.match(heard, /^HTTP\/1\.1 503 [\s\S]*E_ENDING/);
});

test('requests that are made at the moment of the end get 503 too, not a reset connection', async () => {
  const server = await serveEngine(
    fake(() => new Promise(() => undefined)),
    { port: 0, grace: 500 },
  );
  const body = JSON.stringify({ ...TASK, context: 'A long text. '.repeat(7_000) });
  const head = `POST /api/answer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  // half of them are connected by the system before the server can take them, half send while it ends
  const early = Array.from({ length: 20 }, () => raw(server.url, head + body));
  const late = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const socket = net.connect(Number(new URL(server.url).port), '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    }),
  );
  const closed = server.close();
  const heard = late.map(async (socket) => {
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => (text += part));
    socket.write(head);
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.write(body);
    await once(socket, 'close');
    return text;
  });
  for (const text of await Promise.all([...early, ...heard])) assert.match(text, /^HTTP\/1\.1 503 [\s\S]*E_ENDING/);
  await closed;
});

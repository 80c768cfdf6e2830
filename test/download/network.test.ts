// What lies between us and a file: redirects, proxies, servers that ask for patience.
import assert from 'node:assert/strict';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before, beforeEach, describe } from 'node:test';
import { Temporary } from '../../src/download/errors';
import { fetchFile } from '../../src/download/file';
import { retry, retryAfter } from '../../src/download/retry';
import { freshCache } from './environment';
import { serve, status, TestServer } from './server';
import { bothSchemes } from './tls';

const content = Buffer.from('the bytes');
let [here, elsewhere]: TestServer[] = [];
let target: string;

before(async () => {
  here = await new TestServer().start();
  elsewhere = await new TestServer().start();
});
after(() => (here.close(), elsewhere.close()));
beforeEach(() => {
  freshCache();
  target = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'file');
  elsewhere.script(serve(content));
});

const secret = { authorization: 'Bearer secret', cookie: 'a=b' };
const get = (options = {}) => fetchFile(`${here.url}/file`, target, { backoff: 1, ...options });
const redirect = (location: string, code = 302) => status(code, { location });

describe('redirects', () => {
  test('the token stays with the server that it is for', async () => {
    here.script(redirect(`${elsewhere.url}/file`));
    await get({ headers: secret });
    assert.equal(here.requests[0].headers.authorization, 'Bearer secret');
    assert.equal(elsewhere.requests[0].headers.authorization, undefined);
    assert.equal(elsewhere.requests[0].headers.cookie, undefined);
    assert.deepEqual(fs.readFileSync(target), content);
  });

  test('it goes along on the same server, and does not come back from another', async () => {
    here.script(redirect('/other', 307), redirect(`${elsewhere.url}/x`, 308), serve(content));
    elsewhere.script(redirect(`${here.url}/last`));
    await get({ headers: secret });
    const tokens = here.requests.map(({ headers }) => headers.authorization);
    assert.deepEqual(tokens, ['Bearer secret', 'Bearer secret', undefined]);
  });

  test('another scheme is another server, though host and port are the same', async () => {
    const both = await bothSchemes(here);
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; // for one request to a certificate that nobody signed
    here.script(redirect(`http://${both.host}/file`), serve(content));
    await fetchFile(`https://${both.host}/file`, target, { headers: secret }).finally(() => {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    });
    const [first, second] = here.requests;
    assert.equal(first.headers.authorization, 'Bearer secret');
    assert.ok('encrypted' in first.socket && !('encrypted' in second.socket));
    assert.equal(first.headers.host, second.headers.host);
    assert.equal(second.headers.authorization, undefined);
    assert.equal(second.headers.cookie, undefined);
    both.close();
  });

  test('a certificate that nobody signed is named, with what to do', async () => {
    const both = await bothSchemes(here);
    here.script(serve(content));
    const named = { code: 'E_DOWNLOAD_NETWORK', message: /NODE_EXTRA_CA_CERTS/ };
    await assert.rejects(fetchFile(`https://${both.host}/file`, target, { backoff: 1 }), named);
    assert.equal(here.requests.length, 0);
    both.close();
  });

  test('a range goes along to where the bytes are', async () => {
    fs.writeFileSync(`${target}.part`, content.subarray(0, 4));
    fs.writeFileSync(`${target}.etag`, '"v1"');
    here.script(redirect(`${elsewhere.url}/file`));
    await get();
    assert.deepEqual(elsewhere.ranges, ['bytes=4-']);
    assert.deepEqual(fs.readFileSync(target), content);
  });

  test('a circle is left, and so is the web', async () => {
    here.script(redirect('/again'));
    await assert.rejects(get(), { code: 'E_DOWNLOAD', message: /more than 10 redirects/ });
    here.script(redirect('file:///etc/passwd'));
    await assert.rejects(get(), { code: 'E_DOWNLOAD_NAME' });
  });
});

describe('a server that asks for patience', () => {
  test('waits as long as it says', async () => {
    for (const code of [429, 503]) {
      const times: number[] = [];
      here.script(
        (request, response) => (times.push(Date.now()), status(code, { 'retry-after': '1' })(request, response)),
        (request, response) => (times.push(Date.now()), serve(content)(request, response)),
      );
      await get();
      fs.rmSync(target);
      assert.ok(times[1] - times[0] >= 990, `${times[1] - times[0]} ms`);
    }
  });

  test('without a word from it, each wait is twice as long, by half at most shorter', async () => {
    const times: number[] = [];
    const work = () => (times.push(performance.now()), Promise.reject(new Temporary('E_DOWNLOAD_BUSY', 'busy')));
    await assert.rejects(retry('here', work, { backoff: 40 }), {
      code: 'E_DOWNLOAD_BUSY',
      message: 'here: busy (5 tries); try again later',
    });
    const waits = times.slice(1).map((time, i) => time - times[i]);
    assert.equal(waits.length, 4);
    waits.forEach((wait, i) => assert.ok(wait >= 20 * 2 ** i - 2, `${wait}`)); // a timer may round down
  });

  test('more than two minutes are told to the person', async () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
    here.script(status(429, { 'retry-after': inAnHour }));
    await assert.rejects(get(), { code: 'E_DOWNLOAD_BUSY', message: /asks for 60 minutes/ });
    assert.equal(here.requests.length, 1);
  });

  test('seconds, dates, and what is neither (RFC 9110, 10.2.3)', () => {
    const now = Date.parse('Mon, 01 Jan 2024 00:00:00 GMT');
    assert.equal(retryAfter('120', now), 120_000);
    assert.equal(retryAfter('Mon, 01 Jan 2024 00:00:07 GMT', now), 7_000);
    assert.equal(retryAfter('Sun, 31 Dec 2023 00:00:00 GMT', now), 0);
    assert.equal(retryAfter('soon', now), undefined);
    assert.equal(retryAfter(null, now), undefined);
  });
});

describe('proxies of the environment', () => {
  let proxy: http.Server;
  const seen: string[] = [];
  before(async () => {
    // plain addresses in full, as RFC 9112, 3.2.2 asks; tunnels for the others
    proxy = http.createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      if (request.url!.includes('forbidden')) {
        response.writeHead(407).end();
        return;
      }
      http.get(request.url!, (answer) => answer.pipe(response.writeHead(answer.statusCode!, answer.headers)));
    });
    proxy.on('connect', (request, socket) => {
      seen.push(`CONNECT ${request.url}`);
      const [host, port] = request.url!.split(':');
      if (host === 'example.invalid') {
        socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
        return;
      }
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      socket
        .on('error', () => undefined)
        .pipe(net.connect(Number(port), host).on('error', () => undefined))
        .pipe(socket);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  });
  after(() => (proxy.close(), proxy.closeAllConnections()));
  beforeEach(() => {
    seen.length = 0;
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    Object.assign(process.env, { HTTP_PROXY: address, HTTPS_PROXY: address });
  });

  test('a request goes through the proxy', async () => {
    here.script(serve(content));
    await get();
    assert.deepEqual(seen, [`GET ${here.url}/file`]);
    assert.deepEqual(fs.readFileSync(target), content);
  });

  test('a proxy without a scheme is one of http, as other programs take it; what is no address is named', async () => {
    const { HTTP_PROXY: address } = process.env;
    process.env.HTTP_PROXY = address!.replace('http://', '');
    here.script(serve(content));
    await get();
    assert.equal(seen.length, 1);
    fs.rmSync(target);
    process.env.HTTP_PROXY = 'http://';
    await assert.rejects(get(), { code: 'E_DOWNLOAD_NETWORK', message: /HTTP_PROXY is no address of a proxy/ });
  });

  test('NO_PROXY goes past it', async () => {
    process.env.NO_PROXY = '127.0.0.1';
    here.script(serve(content));
    await get();
    assert.deepEqual(seen, []);
  });

  test('https goes through a tunnel, in which the proxy sees nothing', async () => {
    const both = await bothSchemes(here);
    here.script(serve(content));
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    await fetchFile(`https://${both.host}/file`, target, { headers: secret }).finally(() => {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    });
    assert.deepEqual(seen, [`CONNECT ${both.host}`]);
    assert.deepEqual(fs.readFileSync(target), content);
    both.close();
  });

  test('a proxy that wants a name says so', async () => {
    const named = { code: 'E_DOWNLOAD_NETWORK', message: /HTTPS_PROXY/ };
    await assert.rejects(fetchFile('https://example.invalid/x', target, { backoff: 1 }), named);
    assert.deepEqual(seen, ['CONNECT example.invalid:443']);
    await assert.rejects(fetchFile(`${here.url}/forbidden`, target, { backoff: 1 }), named);
  });
});

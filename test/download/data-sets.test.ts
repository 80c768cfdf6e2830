// Data sets by name: from their own place, from a mirror, and never with other bytes than known.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before, beforeEach } from 'node:test';
import { DATA_SETS, fetchDataSet } from '../../src/download/data-sets';
import { freshCache } from './environment';
import { sha256 } from './hub-server';
import { serve, TestServer } from './server';

const [train, dev] = [Buffer.from('{"data": []}'), Buffer.from('{"data": [{}]}')];
let server: TestServer;
let folder: string;

before(async () => void (server = await new TestServer().start()));
after(() => server.close());
beforeEach(() => {
  freshCache();
  folder = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'squad');
  server.script((request, response) => serve(request.url!.includes('train') ? train : dev)(request, response));
});

const dataSet = (base: string) => ({
  base,
  train: ['train.json', sha256(train)] as [string, string],
  dev: ['dev.json', sha256(dev)] as [string, string],
});
const addresses = () => server.requests.map(({ url }) => url);

test('both files come from their own place, once', async () => {
  for (let times = 0; times < 2; times++) {
    const files = await fetchDataSet(dataSet(`${server.url}/official/`), folder);
    assert.deepEqual(files, { train: path.join(folder, 'train.json'), dev: path.join(folder, 'dev.json') });
  }
  assert.deepEqual(fs.readFileSync(path.join(folder, 'train.json')), train);
  assert.deepEqual(addresses(), ['/official/train.json', '/official/dev.json']);
});

test('a mirror is asked instead, the one named before that of the environment', async () => {
  process.env.SPANLAB_MIRROR = `${server.url}/environment`;
  await fetchDataSet(dataSet('http://nowhere.invalid/'), folder);
  fs.rmSync(folder, { recursive: true });
  await fetchDataSet(dataSet('http://nowhere.invalid/'), folder, { mirror: `${server.url}/named/` });
  assert.deepEqual(addresses(), [
    ...['/environment/train.json', '/environment/dev.json', '/named/train.json', '/named/dev.json'],
  ]);
});

test('SQuAD’s own files are known by their hashes', async () => {
  const files = { 'squad-v1.1': 'train-v1.1.json', 'squad-v2.0': 'train-v2.0.json' };
  for (const [name, file] of Object.entries(files)) {
    const wrong = fetchDataSet(DATA_SETS[name], folder, { mirror: server.url });
    await assert.rejects(wrong, { code: 'E_DOWNLOAD_HASH', message: new RegExp(DATA_SETS[name].train[1]) });
    assert.equal(server.requests.at(-1)!.url, `/${file}`);
  }
  assert.deepEqual(fs.readdirSync(folder), []);
});

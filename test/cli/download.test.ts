// `spanlab download` as people call it: the three ways, their results, and what is refused.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before, beforeEach } from 'node:test';
import { HubServer, sha256 } from '../download/hub-server';
import { serve, TestServer } from '../download/server';
import { spanlab } from './run';

const content = Buffer.from('{"data": []}');
let server: TestServer;
let hub: HubServer;
let folder: string;

before(async () => {
  server = await new TestServer().start();
  hub = await new HubServer('owner/tiny').start();
  for (const file of ['config.json', 'tokenizer_config.json', 'model.safetensors']) hub.files.set(file, content);
});
after(() => (server.close(), hub.close()));
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
  server.script(serve(content));
});

const download = (...args: string[]) =>
  spanlab(['download', ...args], { HF_HOME: path.join(folder, 'hf'), HF_ENDPOINT: hub.hub.url, HF_TOKEN: 'secret' });
const result = (stdout: string) => JSON.parse(stdout) as Record<string, string>;

test('an address: the file, its progress on stderr, its place on stdout', async () => {
  const args = ['--out', folder, '--sha256', sha256(content), '--json'];
  const { code, stdout, stderr } = await download(`${server.url}/some/dev%20set.json?x=1`, ...args);
  assert.equal(code, 0, stderr);
  assert.deepEqual(result(stdout), { file: path.join(folder, 'dev set.json') });
  assert.deepEqual(fs.readFileSync(path.join(folder, 'dev set.json')), content);
  assert.match(stderr, /downloading █/);
  assert.equal(server.requests[0].headers.authorization, undefined); // the hub's token is the hub's
});

test('a model and a file of the hub, in the cache or copied from it', async () => {
  const cached = await download('hf:owner/tiny', '--json');
  const { folder: snapshot } = result(cached.stdout);
  assert.ok(snapshot.startsWith(path.join(folder, 'hf', 'hub', 'models--owner--tiny', 'snapshots')), cached.stderr);
  const copied = await download('hf:owner/tiny@main', '--out', path.join(folder, 'copy'), '--json');
  assert.deepEqual(result(copied.stdout), { folder: path.join(folder, 'copy') });
  assert.ok(fs.lstatSync(path.join(folder, 'copy', 'config.json')).isFile());
  const file = await download('hf:owner/tiny/config.json', '--json', '--sha256', sha256(content));
  assert.deepEqual(result(file.stdout), { file: path.join(snapshot, 'config.json') });
});

test('the workshop’s encoder, which the set-up of a machine without a network needs', async () => {
  const asked = hub.requests.length;
  const { stdout } = await download('workshop', '--out', path.join(folder, 'encoder'), '--json');
  assert.deepEqual(result(stdout), { folder: path.join(folder, 'encoder') });
  assert.ok(fs.statSync(path.join(folder, 'encoder', 'model.safetensors')).size > 80e6);
  assert.equal(hub.requests.length, asked, 'it is there already');
});

test('failures are one line with a code, and exit code 1', async () => {
  const cases: [string[], RegExp][] = [
    [[`${server.url}/x.json`, '--out', folder, '--sha256', '0'.repeat(64)], /^error: E_DOWNLOAD_HASH: /m],
    [['squad-v1.1', '--out', folder, '--mirror', server.url], /^error: E_DOWNLOAD_HASH: .*\/train-v1\.1\.json/m],
    [['hf:nobody/nothing'], /^error: E_MODEL_UNKNOWN: nobody\/nothing/m],
    [['squat'], /^error: E_DOWNLOAD_NAME: squat: .*squad-v2\.0/m],
  ];
  await Promise.all(
    cases.map(async ([args, message]) => {
      const { code, stdout, stderr } = await download(...args);
      assert.match(stderr, message);
      assert.deepEqual([code, stdout], [1, '']);
    }),
  );
});

test('options that do not go together are wrong usage', async () => {
  const cases: [string[], RegExp][] = [
    [['hf:owner/tiny', '--mirror', server.url], /HF_ENDPOINT/],
    [['squad-v2.0', '--sha256', '0'.repeat(64)], /one file/],
    [[server.url, '--sha256', 'abc'], /64 hex digits/],
  ];
  await Promise.all(
    cases.map(async ([args, message]) => {
      const { code, stderr } = await download(...args);
      assert.match(stderr, message);
      assert.equal(code, 2);
    }),
  );
});

// The shared cache of the Hugging Face hub, filled from a hub on this machine: Python's layout, and the hub's own hashes.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { afterEach, beforeEach, describe } from 'node:test';
import { hubCache, hubEndpoint, hubHeaders, isOffline } from '../../src/download/hub-environment';
import { fetchHubFile } from '../../src/download/hub-file';
import { hubUrl, parseHubAddress, parseRepository } from '../../src/download/hub-repository';
import { freshCache } from './environment';
import { COMMIT, gitSha1, HubServer, sha256 } from './hub-server';
import { serve, status } from './server';

const config = Buffer.from('{"model_type": "bert"}');
const weights = randomBytes(100_000);
const repository = { kind: 'model', name: 'owner/tiny', revision: 'main' } as const;
const quick = { backoff: 1 };
let server: HubServer;
let cache: string;

beforeEach(async () => {
  server = await new HubServer('owner/tiny').start();
  server.files.set('config.json', config).set('folder/vocab.txt', config).set('model.safetensors', weights);
  cache = freshCache({ HF_ENDPOINT: `${server.hub.url}/` });
});
afterEach(() => server.close());
const get = (file: string, options = {}) => fetchHubFile(repository, file, { ...quick, ...options });
const inRepository = (...parts: string[]) => path.join(cache, 'models--owner--tiny', ...parts);

describe('the layout of the cache (huggingface_hub 2.4.0)', () => {
  test('a small file: blob by git’s SHA-1, snapshot by commit, ref by branch', async () => {
    const { path: file, commit } = await get('config.json');
    assert.equal(commit, COMMIT);
    assert.equal(file, inRepository('snapshots', COMMIT, 'config.json'));
    assert.equal(fs.readlinkSync(file), `../../blobs/${gitSha1(config)}`);
    assert.deepEqual(fs.readFileSync(file), config);
    assert.equal(fs.readFileSync(inRepository('refs', 'main'), 'utf8'), COMMIT);
    assert.deepEqual(fs.readdirSync(inRepository()).sort(), ['blobs', 'refs', 'snapshots']);
    assert.deepEqual(fs.readdirSync(inRepository('blobs')), [gitSha1(config)]);
  });

  test('a large file: blob by SHA-256, from another host that never sees the token', async () => {
    process.env.HF_TOKEN = 'secret';
    const { path: file } = await get('model.safetensors');
    assert.equal(fs.readlinkSync(file), `../../blobs/${sha256(weights)}`);
    assert.deepEqual(fs.readFileSync(file), weights);
    assert.ok(server.hub.requests.every(({ headers }) => headers.authorization === 'Bearer secret'));
    assert.ok(server.storage.requests.length === 1 && !server.storage.requests[0].headers.authorization);
  });

  test('a file in a folder leads one step further up', async () => {
    const { path: file } = await get('folder/vocab.txt');
    assert.equal(fs.readlinkSync(file), `../../../blobs/${gitSha1(config)}`);
  });

  test('a file that the commit lacks is remembered', async () => {
    await assert.rejects(get('vocab.txt'), { code: 'E_DOWNLOAD_MISSING' });
    assert.equal(fs.readFileSync(inRepository('.no_exist', COMMIT, 'vocab.txt'), 'utf8'), '');
  });

  test('a new commit takes the old blob; a ref follows its branch', async () => {
    await get('model.safetensors');
    server.commit = 'd'.repeat(40);
    const { path: file } = await get('model.safetensors');
    assert.equal(file, inRepository('snapshots', 'd'.repeat(40), 'model.safetensors'));
    assert.equal(fs.readFileSync(inRepository('refs', 'main'), 'utf8'), 'd'.repeat(40));
    assert.equal(server.storage.requests.length, 1);
  });

  test('bytes are fetched by commit, also when the branch moves on meanwhile', async () => {
    await get('config.json');
    assert.deepEqual(server.requests, [
      'HEAD /owner/tiny/resolve/main/config.json',
      `GET /owner/tiny/resolve/${COMMIT}/config.json`,
    ]);
  });

  test('a large file goes on where it stopped, and is fetched once for all who want it', async () => {
    const blob = inRepository('blobs', sha256(weights));
    fs.mkdirSync(path.dirname(blob), { recursive: true });
    fs.writeFileSync(`${blob}.part`, weights.subarray(0, 60_000));
    fs.writeFileSync(`${blob}.etag`, '"v1"');
    const files = await Promise.all([get('model.safetensors'), get('model.safetensors')]);
    assert.deepEqual(fs.readFileSync(files[1].path), weights);
    assert.deepEqual(server.storage.ranges, ['bytes=60000-']);
    assert.deepEqual(fs.readdirSync(inRepository('blobs')), [sha256(weights)]);
  });

  test('a data set has its own prefix, on the web and in the cache', async () => {
    const data = await new HubServer('datasets/owner/qa').start();
    data.files.set('train.json', config);
    process.env.HF_ENDPOINT = data.hub.url;
    const { path: file } = await fetchHubFile({ kind: 'dataset', name: 'owner/qa', revision: 'main' }, 'train.json');
    assert.equal(file, path.join(cache, 'datasets--owner--qa', 'snapshots', COMMIT, 'train.json'));
    assert.deepEqual(fs.readFileSync(file), config);
    data.close();
  });

  test('a link to a blob that somebody deleted is mended', async () => {
    const { path: file } = await get('config.json');
    fs.rmSync(inRepository('blobs', gitSha1(config)));
    await get('config.json');
    assert.deepEqual(fs.readFileSync(file), config);
  });
});

describe('bytes that are not what the hub promised', () => {
  test('of a large file (SHA-256) and of a small one (git’s SHA-1)', async () => {
    server.storage.script(serve(Buffer.from('<html>please log in</html>')));
    await assert.rejects(get('model.safetensors'), { code: 'E_DOWNLOAD_HASH', message: /SHA-256/ });
    const answer = server.hub.answer;
    server.hub.answer = (request, response) =>
      request.method === 'GET' ? serve(Buffer.from('x'))(request, response) : answer(request, response);
    await assert.rejects(get('config.json'), { code: 'E_DOWNLOAD_HASH', message: /git's SHA-1/ });
    assert.deepEqual(fs.readdirSync(inRepository('blobs')), []);
  });

  test('an answer of something that is no hub; a tag that would lead out of the cache', async () => {
    server.hub.script((_, response) => void response.end('<html>welcome to our school</html>'));
    await assert.rejects(get('config.json'), { code: 'E_DOWNLOAD', message: /HF_ENDPOINT/ });
    server.hub.script(status(200, { 'x-repo-commit': COMMIT, etag: '"../../evil"' }));
    await assert.rejects(get('config.json'), { code: 'E_DOWNLOAD' });
    server.hub.script(status(200, { 'x-repo-commit': '../../evil', etag: '"abc"' }));
    await assert.rejects(get('config.json'), { code: 'E_DOWNLOAD' });
  });
});

describe('without a hub', () => {
  test('offline, what is there is opened and nobody asked; what is not is named', async () => {
    await get('config.json');
    server.hub.requests.length = 0;
    process.env.HF_HUB_OFFLINE = '1';
    assert.deepEqual(fs.readFileSync((await get('config.json')).path), config);
    await assert.rejects(get('folder/vocab.txt'), { code: 'E_DOWNLOAD_OFFLINE', message: /HF_HUB_OFFLINE/ });
    assert.deepEqual(server.requests, []);
  });

  test('a hub that is down or gone is no harm to what is there; a commit is not asked for at all', async () => {
    const { path: file } = await get('config.json');
    server.hub.script(status(503));
    assert.equal((await get('config.json')).path, file);
    assert.equal(server.hub.requests.length, 1);
    await assert.rejects(get('folder/vocab.txt'), { code: 'E_DOWNLOAD_BUSY' });
    assert.equal((await fetchHubFile({ ...repository, revision: COMMIT }, 'config.json')).path, file);
    server.close();
    assert.equal((await get('config.json')).path, file);
  });

  test('who may not have it hears why', async () => {
    server.token = 'right';
    await assert.rejects(get('config.json'), { code: 'E_DOWNLOAD_AUTH', message: /HF_TOKEN/ });
    process.env.HF_TOKEN = 'right';
    assert.deepEqual(fs.readFileSync((await get('config.json')).path), config);
    server.hub.script(status(403, { 'x-error-message': 'Access to model owner/tiny is restricted' }));
    await assert.rejects(get('model.safetensors'), { code: 'E_DOWNLOAD_DENIED', message: /is restricted/ });
  });
});

describe('names and the environment', () => {
  test('names of repositories', () => {
    const model = { kind: 'model', name: 'bert-base-uncased', revision: 'main' };
    assert.deepEqual(parseRepository('bert-base-uncased'), model);
    assert.deepEqual(parseRepository('a/b@v1.0'), { kind: 'model', name: 'a/b', revision: 'v1.0' });
    assert.deepEqual(parseRepository('datasets/a/b@refs%2Fpr%2F1'), {
      kind: 'dataset',
      name: 'a/b',
      revision: 'refs/pr/1',
    });
    for (const text of ['', 'a b', 'a/b/c', 'a/../b', 'a/b@', 'a/b@../x', 'a/b@x/../y', '@x', '/a', '.']) {
      assert.equal(parseRepository(text), undefined, text);
    }
  });

  test('addresses of files', () => {
    const at = (text: string) => {
      const { repository: found, file } = parseHubAddress(text);
      return [found.kind, found.name, found.revision, file];
    };
    assert.deepEqual(at('a/b'), ['model', 'a/b', 'main', undefined]);
    assert.deepEqual(at('a/b/c/d.json'), ['model', 'a/b', 'main', 'c/d.json']);
    assert.deepEqual(at('bert@main/config.json'), ['model', 'bert', 'main', 'config.json']);
    assert.deepEqual(at('datasets/a/b@v1/x'), ['dataset', 'a/b', 'v1', 'x']);
    for (const text of ['', 'a/b/../../c', 'a/b/', 'a/b//c', 'a/b@']) {
      assert.throws(() => parseHubAddress(text), { code: 'E_DOWNLOAD_NAME' }, text);
    }
  });

  test('addresses on the web', () => {
    process.env.HF_ENDPOINT = 'http://mirror/hub//';
    const dataset = { kind: 'dataset', name: 'a/b', revision: 'refs/pr/1' } as const;
    assert.equal(
      hubUrl(dataset, 'x y/ü.json'),
      'http://mirror/hub/datasets/a/b/resolve/refs%2Fpr%2F1/x%20y/%C3%BC.json',
    );
    freshCache();
    assert.equal(hubEndpoint(), 'https://huggingface.co');
  });

  test('where the cache is, in Python’s order', () => {
    freshCache({ HF_HOME: '~/hf' });
    assert.equal(hubCache(), path.join(os.homedir(), 'hf', 'hub'));
    process.env.HUGGINGFACE_HUB_CACHE = '/old';
    assert.equal(hubCache(), '/old');
    process.env.HF_HUB_CACHE = '/new';
    assert.equal(hubCache(), '/new');
    freshCache({ XDG_CACHE_HOME: '/xdg' });
    delete process.env.HF_HOME;
    assert.equal(hubCache(), '/xdg/huggingface/hub');
  });

  test('who asks, and whether anybody may', () => {
    const home = path.dirname(freshCache());
    assert.deepEqual(hubHeaders(), {});
    fs.writeFileSync(path.join(home, 'token'), 'from-file\n');
    assert.deepEqual(hubHeaders(), { authorization: 'Bearer from-file' });
    fs.writeFileSync(path.join(home, 'other'), 'from-path');
    process.env.HF_TOKEN_PATH = path.join(home, 'other');
    assert.deepEqual(hubHeaders(), { authorization: 'Bearer from-path' });
    process.env.HF_TOKEN = ' from-environment\n';
    assert.deepEqual(hubHeaders(), { authorization: 'Bearer from-environment' });
    const offline = (value: string) => (freshCache({ HF_HUB_OFFLINE: value }), isOffline());
    assert.deepEqual(['1', 'true', 'On', 'YES', '0', 'off', ''].map(offline), [
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    freshCache({ TRANSFORMERS_OFFLINE: '1' });
    assert.equal(isOffline(), true);
  });
});

// Pushing to the hub: the folder's bytes and nothing else arrive, the token goes to the hub alone, failures are named and mended.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { afterEach, beforeEach } from 'node:test';
import { pushModel } from '../../src/publish/hub';
import { modelFiles } from '../../src/publish/hub-files';
import { spanlab } from '../cli/run';
import { HubServer } from './hub-server';
import { decidedModel, removeModel } from './small-model';

const TOKEN = 'hf_for_tests';
const OURS: Record<string, string> = {
  'config.json': '{}',
  'README.md': '# Ä 🎉\n',
  'tokenizer.json': '{"a": 1}',
  'vocab.txt': '[PAD]\n',
  'model.safetensors': 'w'.repeat(100_000),
  'onnx/model.onnx': 'o'.repeat(70_000),
  'onnx/model_fp16.onnx': 'h',
};
const NOT_OURS = [
  ...['run.json', 'options.json', 'features.bin', 'metrics.jsonl', 'notes.txt', '.env', 'model.safetensors.bak'],
  ...['checkpoint-10/model.safetensors', 'tensorboard/events', 'onnx/secret.txt', '.git/config', 'optimizer.bin'],
];

let [folder, hub] = [] as unknown as [string, HubServer];
beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-push-'));
  for (const name of [...Object.keys(OURS), ...NOT_OURS]) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), OURS[name] ?? 'not for others');
  }
  hub = await new HubServer().start();
  Object.assign(process.env, { HF_ENDPOINT: hub.url(), HF_TOKEN: TOKEN });
});
afterEach(() => {
  hub.close();
  fs.rmSync(folder, { recursive: true });
});

const arrived = () => Object.fromEntries([...hub.files].map(([name, bytes]) => [name, bytes.toString()]));
const refused = (code: string, message: RegExp) => (error: Error & { code: string }) => {
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
  assert.doesNotMatch(error.message, /secret|hf_for/, 'neither signatures nor tokens are told');
  return true;
};

test('the bytes of the model arrive, and nothing else leaves', async () => {
  const pushed = await pushModel(folder, 'ada/mine');
  assert.deepEqual(arrived(), OURS);
  assert.deepEqual(Object.keys(pushed.files).sort(), Object.keys(OURS).sort());
  assert.deepEqual([pushed.url, pushed.commit, pushed.created], [`${hub.url()}/ada/mine`, 'c'.repeat(40), true]);
  for (const { body } of hub.asked) {
    for (const text of [body.toString(), body.toString('latin1')]) {
      assert.ok(!text.includes('not for others') && !NOT_OURS.some((name) => text.includes(`"${name}"`)));
      assert.ok(!text.includes(Buffer.from('not for others').toString('base64')));
    }
  }
});

test('the token goes to the hub, and not to its storage', async () => {
  await pushModel(folder, 'ada/mine');
  const seen = (host: string) => [...new Set(hub.asked.filter((one) => one.host === host).map((one) => one.authorization))];
  assert.deepEqual([seen('hub'), seen('storage')], [[`Bearer ${TOKEN}`], [undefined]]);
  const puts = hub.asked.filter(({ host }) => host === 'storage').map(({ method }) => method);
  assert.deepEqual(puts, ['PUT', 'PUT', 'PUT'], 'safetensors and ONNX go to the storage');
}); // prettier-ignore

test('a second push sends no large file again; a changed one alone', async () => {
  await pushModel(folder, 'ada/mine');
  hub.asked.length = 0;
  fs.writeFileSync(path.join(folder, 'onnx', 'model.onnx'), 'changed');
  const { created } = await pushModel(folder, 'ada/mine');
  assert.equal(created, false);
  assert.equal(hub.asked.filter(({ host }) => host === 'storage').length, 1);
  assert.deepEqual(arrived(), { ...OURS, 'onnx/model.onnx': 'changed' });
});

test('a file that the storage refuses is named, nothing is committed, and a second run finishes', async () => {
  const { file } = modelFiles(folder).find(({ name }) => name === 'onnx/model.onnx')!;
  const { createHash } = await import('node:crypto');
  hub.faults = { [createHash('sha256').update(fs.readFileSync(file)).digest('hex')]: 500 };
  await assert.rejects(pushModel(folder, 'ada/mine'), refused('E_PUBLISH_UPLOAD', /^onnx\/model\.onnx: .*500.*again/));
  assert.equal(hub.files.size, 0);
  hub.faults = {};
  await pushModel(folder, 'ada/mine');
  assert.deepEqual(arrived(), OURS);
});

test('each answer of the hub has its code', async () => {
  const cases: [part: string, status: number, code: string][] = [
    ['/api/repos/create', 401, 'E_PUBLISH_AUTH'],
    ['/api/repos/create', 403, 'E_PUBLISH_DENIED'],
    ['/preupload/', 404, 'E_PUBLISH_MISSING'],
    ['/preupload/', 403, 'E_PUBLISH_DENIED'],
    ['/objects/batch', 429, 'E_PUBLISH_BUSY'],
    ['/objects/batch', 503, 'E_PUBLISH_BUSY'],
    ['/commit/', 409, 'E_PUBLISH_CONFLICT'],
    ['/commit/', 412, 'E_PUBLISH_CONFLICT'],
    ['/commit/', 400, 'E_PUBLISH_HUB'],
  ];
  for (const [part, status, code] of cases) {
    hub.faults = { [part]: status };
    await assert.rejects(pushModel(folder, 'ada/mine'), refused(code, new RegExp(`^ada/mine: .*${status} \\(as told\\)`)));
  }
}); // prettier-ignore

test('a token that may write a repository and make none', async () => {
  hub.faults = { '/api/repos/create': 403 };
  hub.repositories.set('ada/mine', 'public');
  assert.equal((await pushModel(folder, 'ada/mine')).created, false);
  assert.deepEqual(arrived(), OURS);
  const pushing = pushModel(folder, 'ada/mine', { private: true });
  await assert.rejects(pushing, refused('E_PUBLISH_VISIBLE', /^ada\/mine/));
});

test('shards of an older save stay here; without a whole file they are the model', () => {
  const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  const index = { weight_map: Object.fromEntries(shards.map((name, i) => [`w${i}`, name])) };
  for (const name of shards) fs.writeFileSync(path.join(folder, name), 'shard');
  fs.writeFileSync(path.join(folder, 'model.safetensors.index.json'), JSON.stringify(index));
  const names = () => modelFiles(folder).flatMap(({ name }) => (name.includes('safetensors') ? [name] : []));
  assert.deepEqual(names(), ['model.safetensors']);
  fs.rmSync(path.join(folder, 'model.safetensors'));
  assert.deepEqual(names(), [...shards, 'model.safetensors.index.json']);
});

test('what shall be private is made so, and does not go to what all can see', async () => {
  await pushModel(folder, 'ada/hidden', { private: true });
  assert.equal(hub.repositories.get('ada/hidden'), 'private');
  assert.equal((await pushModel(folder, 'ada/hidden', { private: true })).created, false);
  hub.repositories.set('ada/open', 'public');
  hub.asked.length = 0;
  await assert.rejects(pushModel(folder, 'ada/open', { private: true }), refused('E_PUBLISH_VISIBLE', /^ada\/open/));
  assert.ok(!hub.asked.some(({ path }) => path.includes('preupload')));
});

test('without a token, with a wrong name, offline, without weights: nothing is asked', async () => {
  const push = (name = 'ada/mine') => pushModel(folder, name);
  const with_ = async (env: Record<string, string>, code: string) => {
    const before = { ...process.env };
    Object.assign(process.env, env);
    await assert.rejects(push(), refused(code, /./)).finally(() => Object.assign(process.env, { HF_HUB_OFFLINE: '', ...before })); // prettier-ignore
  };
  await with_({ HF_TOKEN: '', HF_TOKEN_PATH: path.join(folder, 'none') }, 'E_PUBLISH_TOKEN');
  await with_({ HF_TOKEN: 'password' }, 'E_PUBLISH_TOKEN');
  await with_({ HF_HUB_OFFLINE: '1' }, 'E_PUBLISH_OFFLINE');
  for (const name of ['mine', 'a/b/c', '../x', 'a/../b', 'a/b.git', 'a/', 'a/ b']) {
    await assert.rejects(push(name), refused('E_PUBLISH_NAME', /owner\/name/));
  }
  fs.rmSync(path.join(folder, 'model.safetensors'));
  await assert.rejects(push(), refused('E_PUBLISH_MODEL', /no config\.json with model\.safetensors/));
  assert.deepEqual(hub.asked, []);
});

test('a hub that nobody runs', async () => {
  hub.close();
  await assert.rejects(pushModel(folder, 'ada/mine'), refused('E_PUBLISH_NETWORK', /ECONNREFUSED.*HF_ENDPOINT/));
});

test('a stopped push ends with the signal’s reason', async () => {
  const controller = new AbortController();
  const pushing = pushModel(folder, 'ada/mine', { signal: controller.signal, onProgress: () => controller.abort() });
  await assert.rejects(pushing, { name: 'AbortError' });
  assert.equal(hub.files.size, 0);
});

test('links of a cache are followed', async () => {
  const real = path.join(folder, 'blob');
  fs.renameSync(path.join(folder, 'model.safetensors'), real);
  fs.symlinkSync(real, path.join(folder, 'model.safetensors'));
  await pushModel(folder, 'ada/mine');
  assert.deepEqual(arrived(), OURS);
});

test('the command: card with the repository’s name, one JSON value, one line for an error', async () => {
  const small = await decidedModel();
  const env = { HF_ENDPOINT: hub.url(), HF_TOKEN: TOKEN };
  const { code, stdout, stderr } = await spanlab(['publish', '--model', small, '--to', 'ada/mine', '--json'], env);
  assert.equal(code, 0, stderr);
  assert.equal((JSON.parse(stdout) as { hub: { url: string } }).hub.url, `${hub.url()}/ada/mine`);
  assert.match(stderr, /(hashing|uploading) \S+ \d+ %/);
  for (const [name, bytes] of hub.files) assert.ok(bytes.equals(fs.readFileSync(path.join(small, name))), name);
  assert.match(hub.files.get('README.md')!.toString(), /from_pretrained\("ada\/mine"\)/);
  const failed = await spanlab(['publish', '--model', small, '--to', 'ada'], env);
  assert.deepEqual([failed.code, failed.stderr.trim().split('\n').length], [1, 1], failed.stderr);
  assert.match(failed.stderr, /^error: E_PUBLISH_NAME: ada: /);
  removeModel(small);
});

test('links that lead out of the folder are not followed; those of the hub’s cache are', async () => {
  for (const name of ['README.md', 'LICENSE', 'onnx/model_fp16.onnx', 'config.json']) {
    const file = path.join(folder, name);
    const kept = fs.existsSync(file) ? fs.readFileSync(file) : undefined;
    fs.rmSync(file, { force: true });
    fs.symlinkSync('/etc/hostname', file);
    await assert.rejects(pushModel(folder, 'ada/mine'), {
      code: 'E_PUBLISH_LINK',
      message: new RegExp(`${name}: is a link to /etc/hostname`),
    });
    fs.rmSync(file);
    if (kept) fs.writeFileSync(file, kept);
  }
  assert.deepEqual(hub.asked, []);
  // a folder among the files that is a link
  fs.renameSync(path.join(folder, 'onnx'), `${folder}-onnx`);
  fs.symlinkSync(`${folder}-onnx`, path.join(folder, 'onnx'));
  assert.throws(() => modelFiles(folder), { code: 'E_PUBLISH_LINK' });
  fs.rmSync(path.join(folder, 'onnx'));
  fs.rmSync(`${folder}-onnx`, { recursive: true });
  // a link inside the folder
  fs.writeFileSync(path.join(folder, 'notes.md'), '# notes');
  fs.rmSync(path.join(folder, 'README.md'));
  fs.symlinkSync('notes.md', path.join(folder, 'README.md'));
  const linked = modelFiles(folder).find(({ name }) => name === 'README.md');
  assert.equal(linked?.linked, path.join(fs.realpathSync(folder), 'notes.md'));
  // the layout of the hub's cache
  const cache = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-cache-'));
  const snapshot = path.join(cache, 'models--a--b', 'snapshots', 'c'.repeat(40));
  fs.mkdirSync(snapshot, { recursive: true });
  fs.mkdirSync(path.join(cache, 'models--a--b', 'blobs'));
  for (const [name, content] of [
    ['config.json', '{}'],
    ['model.safetensors', 'w'],
  ] as const) {
    fs.writeFileSync(path.join(cache, 'models--a--b', 'blobs', name), content);
    fs.symlinkSync(path.join('..', '..', 'blobs', name), path.join(snapshot, name));
  }
  assert.deepEqual(modelFiles(snapshot).map(({ name }) => name), ['config.json', 'model.safetensors']); // prettier-ignore
});

test('the command shows what it would send, and with --dry-run sends nothing and needs no token', async () => {
  const model = await decidedModel();
  fs.rmSync(path.join(model, 'tokenizer.json')); // it would be made, and so would the card and the ONNX files
  const listing = () => {
    const names = fs.readdirSync(model, { recursive: true, encoding: 'utf8' }).sort();
    return names.map((name) => `${name} ${fs.statSync(path.join(model, name)).mtimeMs}`);
  };
  const before = listing();
  try {
    const made = await spanlab(['publish', '--model', model, '--onnx', '--to', 'ada/mine', '--dry-run', '--json'], {
      HF_ENDPOINT: hub.url(),
      HF_TOKEN: '',
      HF_HOME: path.dirname(model), // nobody has logged in there
    });
    assert.equal(made.code, 0, made.stderr);
    const { files } = JSON.parse(made.stdout) as { files: Record<string, number> };
    for (const name of ['model.safetensors', 'onnx/model.onnx', 'README.md', 'tokenizer.json'])
      assert.ok(files[name] > 0, made.stdout);
    assert.deepEqual(hub.asked, []);
    assert.deepEqual(listing(), before, 'a dry run writes nothing');
    const real = await spanlab(['publish', '--model', model, '--onnx'], {});
    assert.equal(real.code, 0, real.stderr);
    const { files: then } = JSON.parse((await spanlab(['publish', '--model', model, '--to', 'ada/mine', '--dry-run', '--json'], {})).stdout) as { files: Record<string, number> }; // prettier-ignore
    const sizes = (sent: Record<string, number>) => ({ ...sent, 'README.md': 0 }); // the other card names the folder
    assert.deepEqual(sizes(files), sizes(then));
  } finally {
    removeModel(model);
  }
});

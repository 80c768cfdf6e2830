// From a name to a folder: the hub's cache filled from a server on this machine, and the ways in which it fails.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { after, before, beforeEach } from 'node:test';
import { fetchModel, findModel } from '../../src/model/hub';
import { resolveModel } from '../../src/model/resolve';
import { estimatedMinutes, STARTS, trainingMemory } from '../../src/model/starts';
import { WeightFiles } from '../../src/model/weight-files';
import { fetchInto } from '../../src/model/workshop-encoder';
import { freshCache } from '../download/environment';
import { COMMIT, HubServer } from '../download/hub-server';

const TINY = path.join(__dirname, '..', 'reference', 'tiny', 'bert');
const NAME = 'owner/tiny';
const repository = { kind: 'model', name: NAME, revision: 'main' } as const;
let server: HubServer;
let cache: string;

before(async () => {
  server = await new HubServer(NAME).start();
  for (const file of ['config.json', 'model.safetensors']) {
    server.files.set(file, fs.readFileSync(path.join(TINY, file)));
  }
  server.files.set('tokenizer_config.json', Buffer.from('{}'));
});
after(() => server.close());
beforeEach(() => {
  server.hub.requests.length = 0;
  server.commit = COMMIT;
  cache = freshCache({ HF_ENDPOINT: server.hub.url, HF_TOKEN: 'secret' });
});

test('a save that was killed before its last file is ended by whoever names the folder', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
  fs.mkdirSync(path.join(folder, '.saved'));
  fs.copyFileSync(path.join(TINY, 'config.json'), path.join(folder, '.saved', 'config.json'));
  assert.equal(await resolveModel(folder), folder);
  assert.deepEqual(fs.readdirSync(folder), ['config.json']);
});

test('a model of the hub comes into the shared cache once, with the token', async () => {
  const folder = await resolveModel(NAME);
  assert.equal(folder, path.join(cache, 'models--owner--tiny', 'snapshots', COMMIT));
  assert.deepEqual(fs.readFileSync(path.join(folder, 'config.json')), fs.readFileSync(path.join(TINY, 'config.json')));
  assert.ok(server.hub.requests.every((request) => request.headers.authorization === 'Bearer secret'));
  const count = server.requests.length;
  assert.equal(await resolveModel(NAME), folder);
  assert.equal(await resolveModel(`${NAME}@${COMMIT}`), folder);
  assert.equal(server.requests.length, count);
});

test('a good start is a model of the hub under a short name; where it cannot be fetched, what to do instead is said', async () => {
  const [small] = STARTS;
  await assert.rejects(resolveModel(small.name), {
    message: /squad-small: .*; without a network start from models\/workshop-qa/,
  });
  const asked = server.hub.requests.map(({ url }) => url);
  assert.ok(asked.every((url) => url?.includes(small.repository)) && asked.length > 0, String(asked));
  freshCache({ HF_ENDPOINT: server.hub.url, HF_HUB_OFFLINE: '1' });
  await assert.rejects(resolveModel(small.name), { code: 'E_MODEL_OFFLINE', message: /models\/workshop-qa/ });
  await assert.rejects(resolveModel('squad small'), { code: 'E_MODEL_UNKNOWN', message: /spanlab model/ });
});

test('every good start has a name of its own, a repository, and numbers that can be', () => {
  assert.equal(new Set(STARTS.map(({ name }) => name)).size, STARTS.length);
  for (const start of STARTS) {
    assert.match(start.repository, /^[\w-]+\/[\w.-]+$/);
    assert.ok(start.layerWeights < start.weights && start.f1 > 50 && start.f1 < 100 && (start.exact ?? 0) < start.f1);
    assert.ok(estimatedMinutes(start) >= 3 && trainingMemory(start) > 4e8);
  }
});

test('a model is asked for again only when told to, and then only what has changed is fetched', async () => {
  const folder = await resolveModel(NAME);
  server.commit = 'd'.repeat(40);
  assert.equal(await resolveModel(NAME), folder);
  server.hub.requests.length = 0;
  const newer = await fetchModel(repository);
  assert.ok(newer.endsWith('d'.repeat(40)));
  assert.deepEqual(
    server.requests.filter((request) => request.startsWith('GET')),
    [],
  ); // the blobs were there
  assert.equal(findModel(repository), newer);
});

test('files that a model lacks are asked for once', async () => {
  await fetchModel(repository);
  server.hub.requests.length = 0;
  await fetchModel(repository);
  assert.deepEqual(server.requests, [`HEAD /${NAME}/resolve/main/config.json`]);
});

test('weights in several files, in PyTorch’s own form, and in none that we read', async () => {
  const whole = server.files.get('model.safetensors')!;
  const map = { weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' } };
  const forms: Record<string, Buffer>[] = [
    {
      'model.safetensors.index.json': Buffer.from(JSON.stringify(map)),
      'model-00001-of-00002.safetensors': Buffer.from('1'),
      'model-00002-of-00002.safetensors': Buffer.from('2'),
    },
    { 'pytorch_model.bin': Buffer.from('3') },
  ];
  server.files.delete('model.safetensors');
  try {
    for (const [i, files] of forms.entries()) {
      server.commit = String(i).repeat(40);
      for (const [name, content] of Object.entries(files)) server.files.set(name, content);
      const folder = await fetchModel(repository);
      for (const name of Object.keys(files)) assert.ok(fs.existsSync(path.join(folder, name)), name);
      assert.equal(findModel(repository), folder);
      for (const name of Object.keys(files)) server.files.delete(name);
      server.hub.requests.length = 0;
      assert.equal(await resolveModel(NAME), folder);
      assert.deepEqual(server.requests, []);
      const last = Object.keys(files).at(-1)!;
      fs.rmSync(path.join(folder, last));
      assert.equal(findModel(repository), undefined, `whole without ${last}`);
    }
    server.commit = '9'.repeat(40);
    await assert.rejects(fetchModel(repository), { code: 'E_MODEL_UNKNOWN', message: /pytorch_model/ });
  } finally {
    server.files.set('model.safetensors', whole);
  }
});

test('a part that an index names and that is not there: the part, the index and the address are said', async () => {
  const whole = server.files.get('model.safetensors')!;
  server.files.delete('model.safetensors');
  const map = { weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' } };
  const parts: Record<string, Buffer> = {
    'model.safetensors.index.json': Buffer.from(JSON.stringify(map)),
    'model-00001-of-00002.safetensors': Buffer.from('1'),
  };
  for (const [name, content] of Object.entries(parts)) server.files.set(name, content);
  server.commit = '7'.repeat(40);
  try {
    await assert.rejects(fetchModel(repository), {
      code: 'E_MODEL_WEIGHTS',
      message:
        /model\.safetensors\.index\.json names "model-00002-of-00002\.safetensors", which is not there \(http:\S+\/resolve\/7+\/model-00002-of-00002\.safetensors: the server answered 404: there is no such file\); the model is not whole on the hub: tell its owner/,
    });
    assert.equal(
      server.requests.filter((one) => one.includes('pytorch_model')).length,
      0,
      'nothing else is taken for it',
    );

    process.env.HF_HUB_OFFLINE = '1';
    const offline = { code: 'E_MODEL_OFFLINE', message: /model-00002-of-00002\.safetensors is not on this machine .*\(model\.safetensors\.index\.json names it\)/ }; // prettier-ignore
    await assert.rejects(resolveModel(NAME), offline);
  } finally {
    process.env.HF_HUB_OFFLINE = '0';
    for (const name of Object.keys(parts)) server.files.delete(name);
    server.files.set('model.safetensors', whole);
  }
});

test('files of every kind of tokenizer; those of SentencePiece only where tokenizer.json is missing', async () => {
  const names = ['vocab.json', 'merges.txt', 'spm.model', 'added_tokens.json'];
  for (const name of names) server.files.set(name, Buffer.from(name));
  const folder = await fetchModel(repository);
  for (const name of names) assert.ok(fs.existsSync(path.join(folder, name)), name);
  server.commit = 'e'.repeat(40);
  server.files.set('tokenizer.json', Buffer.from('{}'));
  assert.equal(fs.existsSync(path.join(await fetchModel(repository), 'spm.model')), false);
  for (const name of [...names, 'tokenizer.json']) server.files.delete(name);
});

test('a name that the hub does not know, a revision it does not know, and what cannot be a name', async () => {
  await assert.rejects(resolveModel('nobody/nothing'), { code: 'E_MODEL_UNKNOWN', message: /nobody\/nothing/ });
  await assert.rejects(resolveModel(`${NAME}@other`), { code: 'E_MODEL_UNKNOWN' });
  for (const name of ['models/my model/x', 'datasets/owner/name', 'owner/name@', '../up', 'a--b']) {
    await assert.rejects(resolveModel(name), { code: 'E_MODEL_UNKNOWN' }, name);
  }
});

test('offline: what is whole is opened, anything else is named, nobody is asked', async () => {
  process.env.HF_HUB_OFFLINE = '1';
  await assert.rejects(resolveModel(NAME), { code: 'E_MODEL_OFFLINE', message: /config\.json/ });
  process.env.HF_HUB_OFFLINE = '0';
  const folder = await resolveModel(NAME);
  server.hub.requests.length = 0;
  process.env.HF_HUB_OFFLINE = 'yes';
  assert.equal(await resolveModel(NAME), folder);
  fs.rmSync(path.join(folder, 'model.safetensors'));
  await assert.rejects(resolveModel(NAME), { code: 'E_MODEL_OFFLINE', message: /model\.safetensors/ });
  assert.deepEqual(server.requests, []);
});

test('a hub that cannot be reached is named, with what to do', async () => {
  process.env.HF_ENDPOINT = 'http://nowhere.invalid';
  await assert.rejects(resolveModel(NAME), { code: 'E_MODEL_FETCH', message: /check the network/ });
});

test('a folder with a model is taken as it is; one without is named', async () => {
  assert.equal(await resolveModel(TINY), TINY);
  await assert.rejects(resolveModel(os.tmpdir()), { code: 'E_MODEL_UNKNOWN', message: /config\.json/ });
});

test('the workshop’s encoder: wrong or missing files from every source leave nothing behind', async () => {
  const folder = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'encoder');
  const wrong = async (target: string) => fs.writeFileSync(path.join(target, 'config.json'), 'x');
  const empty = () => Promise.resolve();
  const broken = async () => Promise.reject(new Error('no network'));
  await assert.rejects(fetchInto(folder, { hub: broken, pip: wrong, disk: empty }), {
    code: 'E_MODEL_FETCH',
    message: /hub: no network; pip: config\.json .*SHA-256.*; disk: config\.json is missing/,
  });
  assert.deepEqual(fs.readdirSync(path.dirname(folder)), []);
});

test('a file, or a folder, of a form that is not read is named', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
  fs.mkdirSync(path.join(folder, 'onnx'));
  const onnx = path.join(folder, 'onnx', 'foreign.onnx');
  fs.writeFileSync(onnx, 'ONNX of another program');
  const refused = (place: string, message: RegExp) => assert.rejects(resolveModel(place), { code: 'E_MODEL_UNKNOWN', message }); // prettier-ignore
  await refused(onnx, /foreign\.onnx: ONNX is a form to hand on, and cannot be read; give the folder/);
  await refused(folder, /no config\.json, and onnx.foreign\.onnx: ONNX is a form to hand on/);
  fs.writeFileSync(path.join(folder, 'weights.bin'), '');
  await refused(path.join(folder, 'weights.bin'), /weights\.bin: this is no folder; give a folder/);
  assert.throws(() => new WeightFiles(folder), { code: 'E_FILE_MISSING', message: /only onnx.foreign\.onnx is here/ });
});

test('what people name for a model: where it is, or what makes one of it', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-near-'));
  const at = (...names: string[]) => path.join(folder, ...names);
  const write = (content: string, ...names: string[]) => {
    fs.mkdirSync(path.dirname(at(...names)), { recursive: true });
    fs.writeFileSync(at(...names), content);
  };
  const refused = (place: string, message: RegExp) => assert.rejects(resolveModel(place), { code: 'E_MODEL_UNKNOWN', message }); // prettier-ignore
  write('{}', 'run', 'model', 'config.json');
  await refused(at('run'), /no config\.json in this folder; the model is in \S+run.model: give that/);
  for (const step of [500, 1000, 20]) write('{}', 'out', `checkpoint-${step}`, 'config.json');
  await refused(at('out'), /there are 3 models in it \(\S+checkpoint-1000, \S+checkpoint-500, \S+checkpoint-20\): give one/); // prettier-ignore
  write('{}', 'peft', 'adapter_config.json');
  write('', 'peft', 'adapter_model.safetensors');
  await refused(
    at('peft'),
    /this is an adapter \(PEFT, LoRA\) and needs its model: merge them in Python \(model\.merge_and_unload/,
  );
  write('', 'run', 'model', 'model.safetensors');
  await refused(
    at('run', 'model', 'model.safetensors'),
    /this is no folder; its folder, \S+model, is the model: give that/,
  );
  write('', 'm.zip');
  await refused(at('m.zip'), /this is no folder; unpack it, and give the folder/);
  write('GGUF', 'm.gguf');
  await refused(at('m.gguf'), /a form that we do not read; give the folder that save_pretrained wrote/);
  for (const address of [
    'https://huggingface.co/owner/tiny',
    'huggingface.co/owner/tiny/tree/main',
    'https://hf-mirror.com/owner/tiny/?x=1',
  ]) {
    await refused(address, /an address of the hub; write the name alone, owner\/tiny$/);
  }
  fs.rmSync(folder, { recursive: true });
});

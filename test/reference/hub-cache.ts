// The shared cache of the Hugging Face hub between Python and us: what one writes the other opens, and both write the same.
// Run by itself, or by `npm run reference`: node --import tsx test/reference/hub-cache.ts
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { fetchModel } from '../../src/model/hub';
import { resolveModel } from '../../src/model/resolve';
import { cacheFolder, projectRoot } from '../../src/root';
import { freshCache } from '../download/environment';
import { HubServer } from '../download/hub-server';

const NAME = 'owner/tiny';
const FILES = ['config.json', 'tokenizer_config.json', 'model.safetensors'];
const repository = { kind: 'model', name: NAME, revision: 'main' } as const;

async function python(...args: string[]): Promise<string> {
  const program = path.join(projectRoot(), 'test', 'reference', 'hub_cache.py');
  const env = { ...process.env, HF_HUB_DISABLE_PROGRESS_BARS: '1' };
  return (await promisify(execFile)(path.join(cacheFolder('reference'), 'bin', 'python'), [program, ...args], { env }))
    .stdout;
}

/** Each path of a cache with what is there: a link's target, or a file's bytes. Locks are everybody's own. */
function contents(cache: string): Map<string, string> {
  const entries = fs.readdirSync(cache, { recursive: true, withFileTypes: true });
  const found = new Map<string, string>();
  for (const entry of entries) {
    const file = path.join(entry.path, entry.name);
    const name = path.relative(cache, file);
    if (entry.isDirectory() || name.startsWith('.locks') || name === 'CACHEDIR.TAG') continue;
    found.set(name, entry.isSymbolicLink() ? `-> ${fs.readlinkSync(file)}` : fs.readFileSync(file, 'latin1'));
  }
  return new Map([...found].sort());
}

async function main(): Promise<void> {
  const server = await new HubServer(NAME).start();
  const tiny = path.join(projectRoot(), 'test', 'reference', 'tiny', 'bert');
  for (const file of FILES) {
    const there = fs.existsSync(path.join(tiny, file));
    server.files.set(file, there ? fs.readFileSync(path.join(tiny, file)) : Buffer.from('{}'));
  }
  const environment = { HF_ENDPOINT: server.hub.url };

  const ours = freshCache(environment);
  await fetchModel(repository);
  console.log('Python opens our cache:', await python('open', NAME, ...FILES, '-vocab.txt'));

  const theirs = freshCache(environment);
  await python('fetch', NAME, ...FILES);
  await python('fetch', NAME, 'vocab.txt').catch(() => undefined); // there is none, and Python writes that down
  for (const file of ['tokenizer.json', 'special_tokens_map.json'])
    await python('fetch', NAME, file).catch(() => undefined);
  const written = contents(ours);
  assert.equal(written.size, 10); // three blobs, three links, one ref, three notes of what there is not
  assert.deepEqual(written, contents(theirs));
  process.env.HF_HUB_OFFLINE = '1';
  console.log('We open Python’s cache:', await resolveModel(NAME));
  server.close();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});

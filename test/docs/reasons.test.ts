// What is written by hand because a library lacks something: these fail when it no longer does (docs/dependencies.md).
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';
import { downloadFileToCacheDir } from '@huggingface/hub';

const ROOT = path.resolve(__dirname, '..', '..');

test('transformers.js’s tokenizers give no offsets: src/tokens has its own', () => {
  const file = path.join(ROOT, 'test', 'reference', 'pipeline', 'roberta.json.gz');
  const json = JSON.parse(gunzipSync(fs.readFileSync(file)).toString()) as object;
  // the one that transformers.js uses, wherever npm put it
  const name = '@huggingface/tokenizers';
  const { Tokenizer } = createRequire(require.resolve('@xenova/transformers'))(name) as {
    Tokenizer: new (json: object, config: object) => { encode(text: string): Record<string, unknown> };
  };
  const encoding = new Tokenizer(json, {}).encode('Ada won.');
  assert.ok(Array.isArray(encoding.ids) && encoding.ids.length > 2);
  assert.deepEqual(
    Object.keys(encoding).filter((name) => /offset|span|char/i.test(name)),
    [],
  );
});

/** A hub with one file, whose bytes are not those of its hash; the first answer ends in the middle. */
async function startHub(content: Buffer): Promise<{ url: string; ranges: string[]; stop: () => void }> {
  const oid = crypto.createHash('sha256').update('something else').digest('hex');
  const ranges: string[] = [];
  let answers = 0;
  const server = http.createServer(({ method, headers, url }, response) => {
    if (url!.includes('/paths-info/')) {
      const lfs = { oid, size: content.length, pointerSize: 100 };
      response.setHeader('content-type', 'application/json');
      return response.end(JSON.stringify([{ type: 'file', path: 'f.bin', oid, size: content.length, lfs, lastCommit: { id: 'a'.repeat(40), title: '', date: '2026-01-01T00:00:00Z' } }])); // prettier-ignore
    }
    response.setHeader('etag', `"${oid}"`);
    response.setHeader('accept-ranges', 'bytes');
    const asked = /bytes=(\d+)-(\d*)/.exec(headers.range ?? '');
    if (asked && asked[1] === '0' && asked[2] === '0') { // what it asks for the size
      return response.writeHead(206, { 'content-range': `bytes 0-0/${content.length}` }).end(content.subarray(0, 1));
    }
    if (method === 'HEAD') return response.end();
    ranges.push(headers.range ?? 'all');
    response.setHeader('content-length', content.length);
    if (answers++ > 0) return response.end(content);
    response.write(content.subarray(0, content.length / 2));
    return setTimeout(() => response.destroy(), 100);
  }); // prettier-ignore
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, ranges, stop: () => server.close() };
}

test('the hub’s client begins anew after an interruption, and keeps what has another hash: src/download does neither', async () => {
  const cacheDir = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-hub-'));
  const content = crypto.randomBytes(200_000);
  const { url, ranges, stop } = await startHub(content);
  const fetchIt = () => downloadFileToCacheDir({ repo: 'a/b', path: 'f.bin', hubUrl: url, cacheDir });
  const { debug } = console;
  console.debug = () => undefined; // it says what it does
  try {
    await assert.rejects(fetchIt());
    const file = await fetchIt();
    assert.deepEqual(
      ranges.filter((range) => !/^(?:all|bytes=0-\d*)$/.test(range)),
      [],
    );
    assert.deepEqual(fs.readFileSync(file), content);
  } finally {
    console.debug = debug;
    stop();
  }
});

test('docs/dependencies.md and environment.md have every package that is installed', () => {
  const { dependencies, peerDependencies } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as Record<string, object>; // prettier-ignore
  for (const file of ['docs/dependencies.md', 'environment.md']) {
    const text = fs.readFileSync(path.join(ROOT, file), 'utf8');
    const named = (name: string) => text.includes(`\`${name}\``) || name.startsWith('@types/');
    const missing = Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => !named(name));
    assert.deepEqual(missing, [], file);
  }
});

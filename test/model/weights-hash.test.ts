// One number for the weights of a folder, the same wherever they lie.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { hashWeights } from '../../src/model/weights-hash';

const REFERENCE = path.join(__dirname, '..', 'reference');
const sha256 = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest('hex');

test('of one file: its SHA-256', () => {
  const folder = path.join(REFERENCE, 'tiny', 'bert');
  assert.equal(hashWeights(folder), sha256(fs.readFileSync(path.join(folder, 'model.safetensors'))));
});

test('of shards: that of all of them in order; a whole file beside them counts alone, as in reading', () => {
  const source = path.join(REFERENCE, 'saved', 'bert-sharded');
  const shards = fs.readdirSync(source).filter((name) => name.endsWith('.safetensors'));
  assert.equal(shards.length, 3);
  assert.equal(hashWeights(source), sha256(...shards.sort().map((name) => fs.readFileSync(path.join(source, name)))));
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
  fs.cpSync(source, folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'model.safetensors'), 'whole');
  assert.equal(hashWeights(folder), sha256(Buffer.from('whole')));
});

test('larger than a part that is read at once', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
  const bytes = Buffer.alloc((1 << 22) + 7, 'w');
  fs.writeFileSync(path.join(folder, 'model.safetensors'), bytes);
  assert.equal(hashWeights(folder), sha256(bytes));
  fs.rmSync(folder, { recursive: true });
});

test('without weights', () => {
  assert.throws(() => hashWeights(os.tmpdir()), { code: 'E_FILE_MISSING', message: /model\.safetensors/ });
});

// Damaged files of every library's kind: a plain sentence with the file's name and a remedy, and never JavaScript's own words.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { Random } from '../src/engine/random';
import { SpanlabError } from '../src/errors';
import { libraryReason } from '../src/library-reason';
import { importData } from '../src/squad/import';
import { readSentencePiece } from '../src/tokens/sentencepiece/model-file';
import { readHead } from '../src/training/checkpoint';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
const INTERNAL =
  /undefined|\bnull\b|not a function|not iterable|properties|DataView|bounds|typed array|thrift|offset|Huffman/i;
const row = JSON.stringify({ question: 'Who?', context: 'Ada won.', answer: 'Ada' });
const parquet = (name: string) => fs.readFileSync(path.join(__dirname, 'squad', 'parquet', `${name}.parquet`));
const pieces = Buffer.concat(['<unk>', 'Ada', 'won'].map((text) => {
  const piece = Buffer.concat([Buffer.from([0x0a, text.length]), Buffer.from(text), Buffer.from([0x15, 0, 0, 0x80, 0xbf])]);
  return Buffer.concat([Buffer.from([0x0a, piece.length]), piece]);
})); // prettier-ignore

const KINDS: [name: string, bytes: Buffer, read: (file: string) => unknown][] = [
  ...['snappy', 'gzip', 'zstd', 'lz4', 'brotli', 'lists'].map((name): (typeof KINDS)[number] => [`${name}.parquet`, parquet(name), importData]), // prettier-ignore
  ['rows.jsonl.gz', gzipSync(row), importData],
  ['rows.zip', Buffer.from(zipSync({ 'rows.jsonl': Buffer.from(row) })), importData],
  ['spm.model', pieces, readSentencePiece],
];

for (const [name, bytes, read] of KINDS) {
  test(`${name}, damaged in 150 ways`, () => {
    const random = new Random(7);
    const file = path.join(folder, name);
    let refused = 0;
    for (let trial = 0; trial < 150; trial++) {
      const damaged = Buffer.from(bytes);
      for (let i = 0; i <= trial % 4; i++) damaged[random.integer(damaged.length)] = random.integer(256);
      fs.writeFileSync(file, trial % 3 === 0 ? damaged.subarray(0, random.integer(damaged.length)) : damaged);
      try {
        read(file);
      } catch (error) {
        refused++;
        assert.ok(error instanceof SpanlabError, String(error));
        assert.ok(error.message.startsWith(file), error.message);
        const said = error.message.replaceAll(file, '').replace(/"[^"]*"/g, '');
        assert.doesNotMatch(said, INTERNAL);
        assert.match(error.message, /; /, 'what to do');
      }
    }
    assert.ok(refused > 10, `${refused} refused`);
  });
}

test('records of a checkpoint that are no object', () => {
  for (const record of ['null', '[]', '3', '{"format":"spanlab-checkpoint-2"}', '{"state":null}']) {
    fs.writeFileSync(path.join(folder, 'training_state.json'), record);
    assert.throws(() => readHead(folder), (error: Error & { code: string }) => {
      assert.equal(error.code, 'E_CHECKPOINT');
      assert.doesNotMatch(error.message.replaceAll(folder, ''), /properties|not a function/);
      return true;
    }); // prettier-ignore
  }
});

test('what a library says for people is kept', () => {
  assert.equal(libraryReason(new Error('unexpected end of file')), ' (unexpected end of file)');
  assert.equal(libraryReason(new TypeError('x is odd')), '');
  assert.equal(libraryReason(new Error("Cannot read properties of undefined (reading '0')")), '');
});

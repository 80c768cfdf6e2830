// Packed files: of every kind a word for what it is; those that unpack to far more than they are; more rows than memory holds.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { describe } from 'node:test';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { mistakenFor } from '../../src/mistaken-file';
import { importBytes, importData } from '../../src/squad/import';
import { crc32 } from '../../src/zip';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
const row = `${JSON.stringify({ question: 'Who won?', context: 'In the end Ada won.', answer: 'Ada' })}\n`;
const place = (name: string, bytes: Uint8Array | string) => {
  fs.writeFileSync(path.join(folder, name), bytes);
  return path.join(folder, name);
};

test('a packed file that grows to hundreds of megabytes is refused by what is inside', () => {
  const zeros = Buffer.alloc(300 << 20);
  const files = [
    place('bomb.json.gz', gzipSync(zeros, { level: 1 })),
    place('bomb.zip', zipSync({ 'bomb.json': zeros }, { level: 1 })),
    place('twice.json.gz.gz', gzipSync(gzipSync(zeros))),
    place('inside.zip', zipSync({ 'a/bomb.json.gz': gzipSync(zeros, { level: 1 }) })),
  ];
  for (const file of files) {
    assert.throws(() => importData(file), (error: Error & { code: string }) => {
      assert.equal(error.code, 'E_SQUAD_PACKED', error.message);
      return error.message.includes('far too large') && error.message.startsWith(`${file}: `);
    }); // prettier-ignore
  }
});

test('more rows than memory holds end in a code, and not the process', { timeout: 120_000 }, () => {
  const bin = path.join(__dirname, '..', '..', 'src', 'cli', 'bin.cjs');
  const [lines, table] = [row.repeat(400_000), `question,context,answer\n${'Who?,Ada won.,Ada\n'.repeat(400_000)}`];
  for (const file of [place('rows.jsonl.gz', gzipSync(lines)), place('rows.csv', table)]) {
    const env = { ...process.env, NODE_OPTIONS: '--max-old-space-size=500' };
    const { status, stderr } = spawnSync(process.execPath, [bin, 'data', 'check', file], { encoding: 'utf8', env });
    assert.equal(status, 1, stderr);
    assert.match(stderr, /^error: E_FILE_LARGE: .*: its 400000 rows need about 80\d MB of memory/);
    assert.ok(stderr.includes(file));
  }
});

/** The zip of one file, with fields of its directory changed: by their place in an entry. */
function zipped(fields: Record<number, number> = {}, name = 'a.jsonl', level: 0 | 6 = 6): Buffer {
  const bytes = Buffer.from(zipSync({ [name]: Buffer.from(row) }, { level }));
  const entry = bytes.indexOf('PK\x01\x02', 0, 'latin1');
  for (const [at, value] of Object.entries(fields)) bytes.writeUInt16LE(value, entry + Number(at));
  return bytes;
}

describe('zip', () => {
  const refused = (bytes: Buffer) => {
    try {
      importBytes(bytes, 'a.zip');
    } catch (error) {
      assert.equal((error as { code: string }).code, 'E_SQUAD_PACKED');
      return (error as Error).message;
    }
    return 'nothing';
  };
  const [FLAGS, METHOD, CRC] = [8, 10, 16];

  test('the method is named that is not read, and what to do', () => {
    for (const [method, name] of [[12, 'bzip2'], [14, 'LZMA'], [93, 'Zstandard'], [9, 'Deflate64'], [95, 'xz'], [77, 'a method of the number 77']] as const) {
      assert.equal(refused(zipped({ [METHOD]: method })), `a.zip: "a.jsonl" in it is packed with ${name}, which is not read here; unpack it, or zip it in the usual way (deflate)`); // prettier-ignore
    }
    assert.match(refused(zipped({ [FLAGS]: 1 })), /"a\.jsonl" in it is locked with a password; unpack it/);
    assert.match(refused(zipped({ [METHOD]: 99 })), /locked with a password/);
  }); // prettier-ignore

  test('what is inside is checked by its sum', () => {
    for (const level of [0, 6] as const)
      assert.equal(importBytes(zipped({}, 'a.jsonl', level), 'a.zip').records.length, 1);
    assert.match(
      refused(zipped({ [CRC]: 1 })),
      /it is damaged \("a\.jsonl" is not what its checksum says\); fetch it again/,
    );
    const stored = zipped({}, 'a.jsonl', 0);
    stored[stored.indexOf('Ada')]++;
    assert.match(refused(stored), /it is damaged \("a\.jsonl" is not what its checksum says\)/);
    assert.equal(crc32(Buffer.from('123456789')), 0xcbf43926); // the check value of the standard
  });

  test('names that lead elsewhere are names like others; hidden files and folders are said', () => {
    assert.equal(importBytes(zipped({}, '../../a.jsonl'), 'a.zip').records.length, 1);
    assert.match(
      refused(zipped({}, '__MACOSX/._a.jsonl')),
      /it holds only folders and hidden files \("__MACOSX\/\._a\.jsonl"\)/,
    );
    assert.match(refused(zipped({}, '.cache/a.jsonl')), /only folders and hidden files/);
    assert.match(refused(Buffer.from(zipSync({}))), /it is empty; pack/);
  });
});

test('other ways of packing are known by their first bytes, whatever the name', () => {
  const tar = Buffer.alloc(1024);
  tar.write('a.json', 0);
  tar.write('ustar', 257);
  const kinds: [Buffer, RegExp][] = [
    [Buffer.from('BZh91AY&SY\x12\x34', 'latin1'), /packed with bzip2, .*bunzip2/],
    [Buffer.from('\xfd7zXZ\0\0\x04', 'latin1'), /packed with xz, .*unxz/],
    [Buffer.from('\x28\xb5\x2f\xfd\x24\x10', 'latin1'), /packed with Zstandard, .*unzstd/],
    [Buffer.from('7z\xbc\xaf\x27\x1c\0\x04', 'latin1'), /a 7z archive, .*7z x/],
    [Buffer.from('Rar!\x1a\x07\x01\0', 'latin1'), /a RAR archive, .*unrar x/],
    [tar, /a tar archive, .*tar -xf/],
    [gzipSync(tar), /a tar archive, .*tar -xf/],
  ];
  for (const [bytes, message] of kinds) {
    for (const name of ['a.json', 'a.csv', 'a']) assert.throws(() => importBytes(bytes, name), { code: 'E_SQUAD_PACKED', message }); // prettier-ignore
    if (bytes[0] !== 0x1f) assert.match(mistakenFor(bytes, 'the weights')!, /not the weights; unpack it \(/);
  }
  assert.equal(mistakenFor(Buffer.from('BZh is the name of a town, and this a text.'), 'x'), undefined);
});

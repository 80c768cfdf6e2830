// A file is there whole or not at all, also where the disk takes only a part of it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { writeAtomically } from '../src/staged-file';

/** A file with the text `old` in a folder of its own. */
function oldFile(): string {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'x');
  fs.writeFileSync(file, 'old');
  return file;
}

function assertOld(file: string): void {
  assert.equal(fs.readFileSync(file, 'utf8'), 'old');
  assert.deepEqual(fs.readdirSync(path.dirname(file)), ['x']);
}

test('text and bytes replace what was there', () => {
  const file = oldFile();
  writeAtomically(file, 'naïve\n');
  assert.equal(fs.readFileSync(file, 'utf8'), 'naïve\n');
  writeAtomically(file, [Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)]);
  assert.deepEqual([...fs.readFileSync(file)], [1, 2, 3]);
  writeAtomically(file, '');
  assert.equal(fs.statSync(file).size, 0);
});

test('content that fails half-way leaves the old file and no rest', () => {
  const file = oldFile();
  function* failing(): Generator<Uint8Array> {
    yield Buffer.from('half of the n');
    throw new RangeError('no more');
  }
  assert.throws(() => writeAtomically(file, failing()), RangeError);
  assertOld(file);
});

test('a full disk is a coded error', { skip: !fs.existsSync('/dev/full') && 'no /dev/full here' }, () => {
  const file = oldFile();
  fs.symlinkSync('/dev/full', `${file}.${process.pid}.part`);
  assert.throws(() => writeAtomically(file, 'new'), { code: 'E_DISK_FULL', message: /no space left/ });
  assertOld(file);
});

test('a disk that takes a part of a write and then no more: an error, no half file', () => {
  const file = oldFile();
  const module = JSON.stringify(path.join(__dirname, '..', 'src', 'staged-file'));
  const script = `require(${module}).writeAtomically(${JSON.stringify(file)}, 'x'.repeat(20000))`;
  // a limit of 8 kB for each file: the kernel writes so much and says so, without an error
  const shell = `ulimit -f 8 && exec "$0" --import tsx -e "$1"`;
  const { status, stderr } = spawnSync('bash', ['-c', shell, process.execPath, script], { encoding: 'utf8' });
  assert.equal(status, 1, stderr);
  assert.match(stderr, /E_DISK_FULL/);
  assertOld(file);
});
